/**
 * What was found around the program, before it is judged. Values of secrets are not in it: only that there is one, and of which kind.
 */
export interface Surroundings {
  readonly node: string
  readonly repository: RepositoryFound
  readonly config?: FileFound & { readonly ignoredKeys: readonly string[] }
  readonly baseline?: FileFound
  readonly aws: AwsFound
  readonly kubernetes: KubernetesFound
  readonly github?: { readonly variable: string; readonly kind: TokenKind }
  /** The App that GITHUB_APP_ID names; `key`: the variable that gives its private key. */
  readonly githubApp?: { readonly id: string; readonly key?: string; readonly problem?: string }
  readonly tools: readonly ToolFound[]
  readonly proxies: readonly { readonly variable: string; readonly host: string }[]
  /** The certificates that NODE_EXTRA_CA_CERTS names. */
  readonly extraCertificates?: { readonly file: string; readonly exists: boolean }
  readonly terminal: { readonly isTerminal: boolean; readonly columns: number; readonly colors: boolean }
}

export interface RepositoryFound {
  readonly path: string
  /** Why git does not take it for a repository. */
  readonly problem?: string
  readonly commits: number
  readonly shallow: boolean
  /** A clone with --filter: what is missing is not fetched by an audit. */
  readonly partial: boolean
}
export interface FileFound {
  readonly file: string
  /** Why it does not load. */
  readonly problem?: string
}
export interface AwsFound {
  /** Variables of the AWS chain that are set, by name. */
  readonly variables: readonly string[]
  readonly profile?: string
  readonly profiles: readonly { readonly name: string; readonly kind: string }[]
  /** Sign-ins by IAM Identity Center in the cache, and how many of them have not expired. */
  readonly sessions: { readonly all: number; readonly valid: number }
}
export interface KubernetesFound {
  readonly files: readonly string[]
  readonly problem?: string
  readonly contexts: readonly string[]
  readonly current?: string
  /** A kubeconfig that is not used since it lies in the audited tree. */
  readonly inTree?: string
  readonly inCluster: boolean
}
export interface ToolFound {
  readonly name: string
  readonly version?: string
}

export type TokenKind = 'classic' | 'fine-grained' | 'app installation' | 'app user' | 'OAuth app' | 'unknown'

/** GitHub's tokens tell their kind by how they begin. */
export function tokenKind(token: string): TokenKind {
  if (token.startsWith('github_pat_')) return 'fine-grained'
  if (token.startsWith('ghp_') || /^[0-9a-f]{40}$/.test(token)) return 'classic'
  if (token.startsWith('ghs_')) return 'app installation'
  if (token.startsWith('ghu_')) return 'app user'
  return token.startsWith('gho_') ? 'OAuth app' : 'unknown'
}

/** Profiles of `~/.aws/config` and `~/.aws/credentials`: their names, and how they get credentials. */
export function parseProfiles(...texts: readonly string[]): AwsFound['profiles'] {
  const kinds = new Map<string, string>()
  for (const text of texts) {
    let name: string | undefined
    for (const line of text.split('\n')) {
      const section = /^\s*\[\s*(?:(profile|sso-session|services)\s+)?([^\]]+?)\s*\]/.exec(line)
      if (section) {
        name = section[1] === undefined || section[1] === 'profile' ? section[2] : undefined
        if (name !== undefined && !kinds.has(name)) kinds.set(name, '')
      }
      const key = /^\s*([a-z_]+)\s*=/.exec(line)?.[1] ?? ''
      if (name !== undefined && kinds.get(name) === '') kinds.set(name, KIND_BY_KEY[key] ?? '')
    }
  }
  return [...kinds].map(([name, kind]) => ({ name, kind: kind || 'settings only' }))
}

const KIND_BY_KEY: Readonly<Record<string, string>> = {
  aws_access_key_id: 'access key',
  aws_secret_access_key: 'access key',
  sso_session: 'Identity Center',
  sso_start_url: 'Identity Center',
  role_arn: 'role',
  credential_process: 'program',
  web_identity_token_file: 'web identity',
  login_session: 'console sign-in',
}

/** Host and port of a proxy; its address may hold a password. */
export function proxyHost(address: string): string {
  return URL.canParse(address) ? new URL(address).host : 'no address that can be read'
}
