/**
 * Policies in files hold values that only a deployment knows: `${var.bucket}`, `${aws_s3_bucket.b.arn}`. In facts they stand
 * as such placeholders. IAM's own policy variables (`${aws:username}`) look alike and are plain text.
 */

/** A policy variable has a key with one colon; `${*}`, `${?}` and `${$}` are IAM's escapes. */
const POLICY_VARIABLE = /^(?:[*?$]|[\w.-]+:(?!:)[^\s"]+)$/
/** What these stand for can be neither `*` nor a pattern: an attribute of a declared thing, a pseudo parameter. */
const NAMES_A_THING =
  /^(?:AWS::\w+|(?:data\.)?[a-z][a-z0-9]*_\w+\..+|[A-Za-z]\w*\.(?:Ref|Value|Alias|Version|[A-Za-z0-9.]*(?:Arn|Id|Name|Url))|.*arns?(?:\[.*\])?(?:\.id)?)$/i

/** No expression that stands for one value is longer; patterns must not be kept busy by what is. */
const MAX_LENGTH = 1000

/** The contents of the placeholders in a text, without `${` and `}`. */
export function placeholdersIn(text: string): string[] {
  const found: string[] = []
  for (let start = text.indexOf('${'); start >= 0; start = text.indexOf('${', start + 2)) {
    const end = closingBrace(text, start + 2)
    const content = text.slice(start + 2, end).trim()
    if (!POLICY_VARIABLE.test(content)) found.push(content)
    start = end
  }
  return found
}

/** Whether a part of the text is not known: enough to doubt an action or an effect. */
export function hasPlaceholder(text: string): boolean {
  return text.includes('${') && placeholdersIn(text).length > 0
}

/** Whether the text as a whole is not known and could be `*`: enough to doubt a resource or a principal. */
export function couldBeAnything(text: string): boolean {
  if (text.length > MAX_LENGTH || !text.startsWith('${') || !/\}[*?]*$/.test(text)) return false
  const [content, ...others] = placeholdersIn(text)
  if (content === undefined || others.length > 0 || closingBrace(text, 2) < text.replace(/[*?]+$/, '').length - 1)
    return false
  return !NAMES_A_THING.test(content)
}

/** The text with its placeholders replaced, for matching. */
export function replacePlaceholders(text: string, by: string): string {
  if (!text.includes('${')) return text
  let result = ''
  let rest = 0
  for (let start = text.indexOf('${'); start >= 0; start = text.indexOf('${', rest)) {
    const end = closingBrace(text, start + 2)
    result += text.slice(rest, start) + by
    rest = Math.min(end + 1, text.length)
  }
  return result + text.slice(rest)
}

function closingBrace(text: string, from: number): number {
  let depth = 1
  for (let i = from; i < text.length; i++) {
    if (text[i] === '{') depth++
    else if (text[i] === '}' && --depth === 0) return i
  }
  return text.length
}
