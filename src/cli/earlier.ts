import { readFile } from 'node:fs/promises'
import { UsageError } from '../errors.ts'

/** The text of a JSON report. Throws UsageError that names the file. */
export async function readReport(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(`cannot read the report ${file}: ${(error as Error).message}`)
  }
}
