/**
 * How people call what an id names: `ann` for `arn:aws:iam::123456789012:user/dev/ann`, `own` for `ARN#inline/own`, `app` for
 * `file:main.tf#aws_iam_role.app`, `web.app` for `file:main.tf#module.web.aws_iam_role.app`.
 */
export function shortName(id: string): string {
  const [before = '', address] = id.split(/#(.*)/s)
  if (address === undefined) return afterLast(before, '/')
  // The keys of instances may hold any sign.
  const bare = address.replace(/\["[^"]*"\]/g, (key) => '_'.repeat(key.length))
  const slash = bare.lastIndexOf('/')
  if (slash >= 0 && slash < address.length - 1) return address.slice(slash + 1)
  const name = address.slice(bare.lastIndexOf('.') + 1)
  const modules = [...bare.matchAll(/(?:^|\.)module\.([\w-]+)/g)].map((match) => `${match[1]}.`).join('')
  return name ? `${modules}${name}` : afterLast(before, '/')
}

function afterLast(text: string, separator: string): string {
  return text.slice(text.lastIndexOf(separator) + 1)
}
