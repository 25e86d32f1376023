import { placeholdersIn } from '../../facts/iam-placeholder.ts'
import { isEvaluated } from './terraform-functions.ts'

/** Why texts are not known, in words that are the same for one cause; from what stands in the first of their placeholders. */
export function unknownBecause(texts: readonly string[]): string {
  const [text = ''] = texts
  const [content = text] = placeholdersIn(text)
  if (/\bvar\.[\w-]/.test(content)) return 'variable without default'
  if (/\bmodule\.[\w-]/.test(content)) return 'remote module'
  if (/\bdata\.[\w-]/.test(content)) return 'data source'
  const called = /^([a-z]\w*)\(/.exec(content)?.[1]
  return called !== undefined && !isEvaluated(called) ? 'function not evaluated' : 'value known at run time only'
}
