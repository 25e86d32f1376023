/**
 * How people call what an id names: `ann` for `arn:aws:iam::123456789012:user/dev/ann`, `own` for `ARN#inline/own`, `app` for
 * `file:main.tf#aws_iam_role.app`, `web.app` for `file:main.tf#module.web.aws_iam_role.app`.
 */
export function shortName(id: string): string {
  const hash = id.indexOf('#')
  if (hash < 0) return afterLast(id, '/')
  const [before, address] = [id.slice(0, hash), id.slice(hash + 1)]
  // The keys of instances may hold any sign.
  const bare = address.includes('["') ? address.replace(/\["[^"]*"\]/g, (key) => '~'.repeat(key.length)) : address
  const slash = bare.lastIndexOf('/')
  if (slash >= 0 && slash < address.length - 1) return address.slice(slash + 1)
  const name = address.slice(bare.lastIndexOf('.') + 1)
  return name ? `${modulesOf(bare)}${name}` : afterLast(before, '/')
}

function modulesOf(address: string): string {
  if (!address.startsWith('module.')) return ''
  return [...address.matchAll(/(?:^|\.)module\.([\w-]+)/g)].map((match) => `${match[1]}.`).join('')
}

/** The name of the permission set behind a role that IAM Identity Center made (`AWSReservedSSO_NAME_16 digits`); else empty. */
export function permissionSetOf(roleName: string): string {
  return /^AWSReservedSSO_(.+)_[0-9a-f]+$/i.exec(roleName)?.[1] ?? ''
}

/** As {@link shortName}, with the permission set, which is how people know the roles of IAM Identity Center. */
export function displayName(id: string): string {
  const name = shortName(id)
  const permissionSet = permissionSetOf(name)
  return permissionSet ? `${name} (permission set ${permissionSet})` : name
}

function afterLast(text: string, separator: string): string {
  return text.slice(text.lastIndexOf(separator) + 1)
}
