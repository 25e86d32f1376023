import { Buffer } from 'node:buffer'
import type { Suppression } from '../../detect/detect.ts'
import { sourceSuppression } from '../../facts/secret.ts'
import { type Fact, fact } from '../../model.ts'

/** A comment of a file as a fact. */
export function suppressionFact(comment: Suppression, scope: string, path: string): Fact {
  const { line, ownLine, rules, reason, expires, style } = comment
  const data = { path, line, ownLine, rules, reason: Buffer.from(reason, 'latin1').toString('utf8'), expires, style }
  return fact(sourceSuppression, scope, { file: path, line }, data)
}
