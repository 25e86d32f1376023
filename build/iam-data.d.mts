import type { Buffer } from 'node:buffer'
import type { IamData } from '../src/reference/iam-actions.ts'

export function readIamData(): IamData
export function compileIamData(): Promise<Buffer>
