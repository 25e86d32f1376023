/**
 * What providers of OpenID Connect tokens say in them, as far as AWS evaluates it. Sources: "Available keys for AWS OIDC
 * federation" and the provider claims of AWS STS
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html), and the providers' manuals.
 */

/** Claims that say nothing of who: the audience, and what anybody may call a branch or an environment. */
export const CLAIMS_WITHOUT_OWNER: ReadonlySet<string> = new Set([
  'aud',
  'amr',
  'environment',
  'ref',
  'workflow',
  'pipeline_source',
  'ref_protected',
  'runner_environment',
  'user_access_level',
  'build_branch',
  'cluster_name',
  'pipeline_slug',
])

/** Claims of a whole organisation. */
export const CLAIMS_OF_ORGANIZATION: ReadonlySet<string> = new Set([
  'repository_owner_id',
  'enterprise_id',
  'namespace_id',
  'organization_id',
  'organization_slug',
  'google/organization_number',
])

/** Providers whose audience is one application or identity pool of the trusting party: there `aud` does bind. */
export const AUDIENCE_BINDS: ReadonlySet<string> = new Set([
  'accounts.google.com',
  'cognito-identity.amazonaws.com',
  'graph.facebook.com',
  'www.amazon.com',
])

/**
 * Where the owner stands in a subject: text before it, and what ends it. The first that fits counts. After the owner comes
 * what it owns (repository, project), up to `ownedEnd`.
 */
export interface SubjectForm {
  readonly issuer: RegExp
  readonly prefix: string
  readonly ownerEnd: string
  readonly ownedPrefix: string
}
export const SUBJECT_FORMS: readonly SubjectForm[] = [
  // repo:OWNER/NAME:ref:… or, with ids, repo:OWNER@1/NAME@2:ref:…
  { issuer: /^token\.actions\./, prefix: 'repo:', ownerEnd: '/', ownedPrefix: '' },
  // project_path:GROUP/PROJECT:ref_type:branch:ref:main
  { issuer: /gitlab/, prefix: 'project_path:', ownerEnd: '/', ownedPrefix: '' },
  // organization:ORG:project:PROJECT:workspace:WORKSPACE:run_phase:PHASE
  { issuer: /terraform/, prefix: 'organization:', ownerEnd: ':', ownedPrefix: 'project:' },
  // organization:ORG:pipeline:PIPELINE:ref:REF:…
  { issuer: /buildkite/, prefix: 'organization:', ownerEnd: ':', ownedPrefix: 'pipeline:' },
  // org/ORG/project/PROJECT/user/USER
  { issuer: /circleci/, prefix: 'org/', ownerEnd: '/', ownedPrefix: 'project/' },
  // sc://ORG/PROJECT/SERVICE-CONNECTION of Azure DevOps
  { issuer: /^vstoken\.dev\.azure\.com/, prefix: 'sc://', ownerEnd: '/', ownedPrefix: '' },
  // owner:TEAM:project:PROJECT:environment:ENVIRONMENT
  { issuer: /^oidc\.vercel\.com/, prefix: 'owner:', ownerEnd: ':', ownedPrefix: 'project:' },
  // space:SPACE:stack:STACK:run_type:TYPE:scope:SCOPE
  { issuer: /\.app\.spacelift\.io$/, prefix: 'space:', ownerEnd: ':', ownedPrefix: 'stack:' },
  // pulumi:deploy:org:ORG:project:PROJECT:stack:STACK:operation:…
  { issuer: /^api\.pulumi\.com\/oidc/, prefix: 'pulumi:deploy:org:', ownerEnd: ':', ownedPrefix: 'project:' },
  // system:serviceaccount:NAMESPACE:NAME
  { issuer: /^oidc\.eks\./, prefix: 'system:serviceaccount:', ownerEnd: ':', ownedPrefix: '' },
]

/** Providers of which each organisation has one of its own, told by the address: no token of a stranger comes from there. */
export const ISSUERS_OF_ONE_ORGANIZATION =
  /^(?:oidc\.circleci\.com\/org\/[^*?$]|api\.bitbucket\.org\/2\.0\/workspaces\/[^*?$]|vstoken\.dev\.azure\.com\/[^*?$]|oidc\.vercel\.com\/[^*?$]|[a-z0-9-]+\.app\.spacelift\.io$|[a-z0-9-]+\.semaphoreci\.com$|oidc\.fly\.io\/[^*?$])/
/** Providers whose audience is the name of the organisation, which nobody else can ask for. */
export const AUDIENCE_IS_ORGANIZATION: ReadonlySet<string> = new Set(['api.pulumi.com/oidc'])
