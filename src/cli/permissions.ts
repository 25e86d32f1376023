import type { Scanner } from '../model.ts'
import { scanners } from '../registry.ts'

/** `zt-audit permissions aws|k8s|github`: the least that the auditor needs, ready to apply. */
export function permissions(target: 'aws' | 'k8s' | 'github'): void {
  process.stdout.write({ aws: printPolicy, k8s: printClusterRole, github: printScopes }[target]())
}

function needsOf(matches: (need: string) => boolean): string[] {
  return [...new Set(scanners.flatMap((scanner: Scanner) => scanner.needs.filter(matches)))].sort()
}

/** IAM actions: `iam:ListUsers`. */
export function awsNeeds(): string[] {
  return needsOf((need) => /^(iam|sts|[a-z0-9-]+):[A-Z]/.test(need))
}

/** `list apps/deployments`; the core group has no name. */
export function kubernetesNeeds(): string[] {
  return needsOf((need) => /^(get|list|watch)\b/.test(need))
}

function printPolicy(): string {
  const actions = awsNeeds()
  const statement = { Sid: 'ZtAuditRead', Effect: 'Allow', Action: actions, Resource: '*' }
  return `${JSON.stringify({ Version: '2012-10-17', Statement: [statement] }, null, 2)}\n`
}

function printClusterRole(): string {
  const groups = new Map<string, { verbs: Set<string>; resources: Set<string> }>()
  for (const need of kubernetesNeeds()) {
    const [verbs = '', target = ''] = need.split(' ')
    const slash = target.lastIndexOf('/')
    const group = slash < 0 ? '' : target.slice(0, slash)
    const entry = groups.get(group) ?? { verbs: new Set(), resources: new Set() }
    groups.set(group, entry)
    for (const verb of verbs.split(/[,/]/)) entry.verbs.add(verb)
    entry.resources.add(target.slice(slash + 1))
  }
  const rules = [...groups].map(
    ([group, { verbs, resources }]) =>
      `- apiGroups: ["${group}"]\n  resources: [${[...resources].join(', ')}]\n  verbs: [${[...verbs].join(', ')}]`,
  )
  return `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: zt-audit\nrules:\n${rules.join('\n')}\n`
}

/** Who has no second factor is shown to owners only, whatever the token may do. */
const GITHUB_SCOPES = [
  '# A token of an organisation owner. Classic:',
  'admin:org',
  '# or fine-grained, organization permissions:',
  'administration: read',
  'members: read',
  '# It is used for these calls only:',
]

function printScopes(): string {
  return `${[...GITHUB_SCOPES, ...needsOf((need) => need.startsWith('GET /'))].join('\n')}\n`
}
