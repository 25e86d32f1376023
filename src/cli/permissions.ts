import type { Scanner } from '../model.ts'
import { scanners } from '../registry.ts'
import { renderGithubPermissions } from './permissions/github.ts'
import { renderClusterRoles } from './permissions/kubernetes.ts'

/** `zt-audit permissions aws|k8s|github`: the least that the auditor needs, ready to apply. */
export function permissions(target: 'aws' | 'k8s' | 'github'): void {
  process.stdout.write(
    {
      aws: printPolicy,
      k8s: () => renderClusterRoles(kubernetesNeeds()),
      github: () => renderGithubPermissions(githubNeeds()),
    }[target](),
  )
  if (target === 'aws') process.stderr.write(ABOUT_POLICY)
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

/** What can be left out, by the scanner that needs it: without it some rules are undetermined, and nothing else. */
const OPTIONAL_PARTS: Readonly<Record<string, string>> = {
  'aws-eks': 'ZtAuditClusters',
  'aws-last-accessed': 'ZtAuditLastAccessed',
  'aws-organization': 'ZtAuditOrganization',
  'aws-resource-policies': 'ZtAuditResourcePolicies',
}
const CREDENTIAL_REPORT = /^iam:(?:Generate|Get)CredentialReport$/

const ABOUT_POLICY = `iam:GenerateCredentialReport and iam:GenerateServiceLastAccessedDetails read, in spite of their names: they have AWS put
together a report and change nothing. ${Object.values(OPTIONAL_PARTS).join(', ')} may be left out;
what they would have shown is named as not seen. With --aws-role allow sts:AssumeRole on that role of the other accounts,
too, and give the role this policy.
`

/** The policy by purpose. An action stands in the first statement that needs it. */
export function awsStatements(): { Sid: string; Effect: 'Allow'; Action: string[]; Resource: '*' }[] {
  const ofPart = (id: string) => scanners.find((scanner) => scanner.id === id)?.needs ?? []
  const optional = new Set(Object.keys(OPTIONAL_PARTS).flatMap(ofPart))
  const always = new Set(
    scanners.filter((scanner) => !(scanner.id in OPTIONAL_PARTS)).flatMap((scanner) => scanner.needs),
  )
  const read = awsNeeds().filter((action) => always.has(action) || !optional.has(action))
  const parts: [sid: string, actions: string[]][] = [
    ['ZtAuditRead', read.filter((action) => !CREDENTIAL_REPORT.test(action))],
    ['ZtAuditCredentialReport', read.filter((action) => CREDENTIAL_REPORT.test(action))],
    ...Object.entries(OPTIONAL_PARTS).map(([id, sid]): [string, string[]] => [
      sid,
      ofPart(id)
        .filter((action) => !read.includes(action))
        .sort(),
    ]),
  ]
  return parts.map(([Sid, Action]) => ({ Sid, Effect: 'Allow', Action, Resource: '*' }))
}

function printPolicy(): string {
  return `${JSON.stringify({ Version: '2012-10-17', Statement: awsStatements() }, null, 2)}\n`
}

/** `GET /orgs/{org}/members`: requests to GitHub. */
export function githubNeeds(): string[] {
  return needsOf((need) => need.startsWith('GET /'))
}
