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
