/**
 * How people call what an id names: `ann` for `arn:aws:iam::123456789012:user/dev/ann`, `own` for `ARN#inline/own`, `app` for
 * `file:main.tf#aws_iam_role.app`.
 */
export function shortName(id: string): string {
  const hash = id.indexOf('#')
  if (hash < 0) return afterLast(id, '/')
  const [before, address] = [id.slice(0, hash), id.slice(hash + 1)]
  const last = afterLast(address, '/')
  if (last !== '' && address.includes('/')) return last
  return afterLast(address, '.') || afterLast(before, '/')
}

function afterLast(text: string, separator: string): string {
  return text.slice(text.lastIndexOf(separator) + 1)
}
