/** What a scanner asks a cluster for: `list apps/deployments`, the core group without a name, `get configmaps` … */
interface Need {
  readonly verb: string
  readonly group: string
  readonly resource: string
}

/** A rule of a ClusterRole: the resources of one group that are read by the same verbs. */
export interface ReadRule {
  readonly apiGroups: readonly [string]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** Apart from the rest, since it is more than it is used for. */
const SECRETS = 'secrets'

/** The rules of the two roles that the auditor needs: for everything but secrets, and for secrets. */
export function readRules(needs: readonly string[]): { readonly read: ReadRule[]; readonly secrets: ReadRule[] } {
  const parsed = needs.map(parseNeed)
  const isSecrets = ({ group, resource }: Need) => group === '' && resource === SECRETS
  return {
    read: rulesOf(parsed.filter((need) => !isSecrets(need))),
    secrets: rulesOf(parsed.filter(isSecrets)),
  }
}

function parseNeed(need: string): Need {
  const [verb = '', target = ''] = need.split(' ')
  const slash = target.lastIndexOf('/')
  return { verb, group: target.slice(0, Math.max(slash, 0)), resource: target.slice(slash + 1) }
}

function rulesOf(needs: readonly Need[]): ReadRule[] {
  const verbs = new Map<string, Set<string>>()
  for (const { verb, group, resource } of needs) {
    const key = `${group} ${resource}`
    verbs.set(key, (verbs.get(key) ?? new Set()).add(verb))
  }
  const rules = new Map<string, { group: string; resources: string[]; verbs: string[] }>()
  for (const [key, own] of [...verbs].sort()) {
    const [group = '', resource = ''] = key.split(' ')
    const list = [...own].sort()
    const rule = rules.get(`${group} ${list}`) ?? { group, resources: [], verbs: list }
    rule.resources.push(resource)
    rules.set(`${group} ${list}`, rule)
  }
  return [...rules.values()].map(({ group, resources, verbs: own }) => ({ apiGroups: [group], resources, verbs: own }))
}

const HEAD = `# What zt-audit --k8s reads of a cluster, and nothing else: it lists, and changes nothing.
#   zt-audit permissions k8s | kubectl apply -f -
# A resource that is left out is named in the report as not seen; all others are audited.`

const ABOUT_SECRETS = `# To leave out: Kubernetes has no right to list secrets without what is in them. Whoever holds this one can read every
# secret of the cluster. zt-audit asks for the names and annotations of secrets of type service-account-token only, and the
# server sends no more than that. Without it k8s/long-lived-token and k8s/token-secret-read are undetermined.`

const BINDING = `# To bind both to an account, fill in NAMESPACE and NAME:
#
#   apiVersion: rbac.authorization.k8s.io/v1
#   kind: ClusterRoleBinding
#   metadata:
#     name: zt-audit
#   roleRef:
#     apiGroup: rbac.authorization.k8s.io
#     kind: ClusterRole
#     name: zt-audit
#   subjects:
#   - kind: ServiceAccount
#     namespace: NAMESPACE
#     name: NAME
#
# and the same with the name zt-audit-token-secrets, if secrets are to be seen.`

/** The ClusterRoles as YAML to apply, with what to know of them as comments. */
export function renderClusterRoles(needs: readonly string[]): string {
  const { read, secrets } = readRules(needs)
  const documents = [
    `${HEAD}\n${clusterRole('zt-audit', read)}`,
    `${ABOUT_SECRETS}\n${clusterRole('zt-audit-token-secrets', secrets)}`,
    BINDING,
  ]
  return `${documents.join('\n---\n')}\n`
}

function clusterRole(name: string, rules: readonly ReadRule[]): string {
  const lines = rules.map(
    ({ apiGroups, resources, verbs }) =>
      `- apiGroups: ["${apiGroups[0]}"]\n  resources: [${resources.join(', ')}]\n  verbs: [${verbs.join(', ')}]`,
  )
  return `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: ${name}\nrules:\n${lines.join('\n')}`
}
