// Which grants nobody uses, on a case with a known answer: zt-audit, and the roles that audit2rbac and rbac-tool generate from the audit
// log, subtracted from those of today.
//   node bench/kubernetes/unused.mjs [FOLDER]     a folder as test/fixtures/k8s-case1 is
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'
import { peer } from './peers.mjs'
import { auditCommand, CODES } from './zt-audit.mjs'

const folder = process.argv[2] ?? fileURLToPath(new URL('../../test/fixtures/k8s-case1', import.meta.url))
const log = join(folder, 'audit.log')
const { unused: expected } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))
const answer = new Set(expected.map(rowOf))
const documents = documentsOf(readFileSync(join(folder, 'manifests.yaml'), 'utf8'))
const granted = grantsOf(documents)
const declared = new Set(
  documents.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => subjectName(metadata)),
)
// A wildcard is no row of the answer, since what is unused of it has no end, and who does not exist has no rights.
const rows = granted.filter(
  ({ group, serviceAccount }) =>
    group !== '*' && (declared.has(serviceAccount) || serviceAccount.startsWith('system:')),
)

print('zt-audit', ours())
const audit2rbac = peer('audit2rbac')
if (audit2rbac) {
  const accounts = [...new Set(rows.map(({ serviceAccount }) => serviceAccount))].filter(
    (name) => !name.startsWith('system:'),
  )
  // It ends with 1 for an account without a call.
  const generated = accounts.map((name) =>
    run([audit2rbac, '-f', log, '--serviceaccount', name.replace('/', ':')], [0, 1]),
  )
  print('audit2rbac', withoutGenerated(generated.join('\n---\n')))
}
const rbacTool = peer('rbac-tool')
if (rbacTool)
  print('rbac-tool auditgen', withoutGenerated(run([rbacTool, 'auditgen', '-f', log, '-u', '^system:serviceaccount:'])))

function ours() {
  const scratch = mkdtempSync(join(tmpdir(), 'zt-bench-'))
  try {
    // The folder describes the cluster twice: only what was applied is audited.
    const tree = join(scratch, 'tree')
    mkdirSync(tree)
    copyFileSync(join(folder, 'manifests.yaml'), join(tree, 'manifests.yaml'))
    const report = JSON.parse(run(auditCommand(tree, ['--audit-log', log]), CODES))
    const found = report.findings.filter(({ ruleId }) => ruleId === 'k8s/unused-permission')
    return found.map(({ properties }) => rowOf(properties.permission))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** The rows that the generated roles do not allow. A group's grant is used if a member may use it. */
function withoutGenerated(yaml) {
  const allowed = grantsOf(documentsOf(yaml))
  const members = (name) => {
    const namespace = /^system:serviceaccounts:(.+)$/.exec(name)?.[1]
    return (other) => (namespace ? other.startsWith(`${namespace}/`) : other === name)
  }
  const covers = (row) => (own) =>
    members(row.serviceAccount)(own.serviceAccount) &&
    (own.scope === '*' || own.scope === row.scope) &&
    own.resource === row.resource &&
    (own.verb === row.verb || row.verb === '*') &&
    (own.resourceName === '' || row.resourceName === '' || own.resourceName === row.resourceName)
  return rows.filter((row) => !allowed.some(covers(row))).map(rowOf)
}

function print(name, found) {
  const right = found.filter((row) => answer.has(row))
  const wrong = found.filter((row) => !answer.has(row))
  console.log(`${name.padEnd(20)} ${right.length} of ${answer.size} unused grants, ${wrong.length} wrong`)
  for (const row of wrong) console.log(`  wrong   ${row}`)
  for (const row of answer) if (!found.includes(row)) console.log(`  missed  ${row}`)
}

function rowOf({ serviceAccount, binding, scope, verb, resource, resourceName = '' }) {
  return [serviceAccount, binding, scope, verb, resource, resourceName].join(' ')
}

/** One row for each subject, binding, verb, resource and name; aggregated roles by the labels that they select. */
function grantsOf(documents) {
  const roles = documents.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
  const bindings = documents.filter(({ kind }) => kind === 'RoleBinding' || kind === 'ClusterRoleBinding')
  return bindings.flatMap(({ metadata, roleRef, subjects = [] }) => {
    const role = roles.find(
      (each) =>
        each.kind === roleRef.kind &&
        each.metadata.name === roleRef.name &&
        (each.kind === 'ClusterRole' || each.metadata.namespace === metadata.namespace),
    )
    const rules = role ? rulesOf(role, roles) : []
    return subjects.flatMap((subject) =>
      rules.flatMap((rule) =>
        atoms(rule).map((atom) => ({
          serviceAccount: subjectName(subject),
          binding: metadata.name,
          scope: metadata.namespace ?? '*',
          ...atom,
        })),
      ),
    )
  })
}

function rulesOf(role, roles) {
  const selectors = role.aggregationRule?.clusterRoleSelectors
  if (!selectors) return role.rules ?? []
  const selected = ({ metadata }) =>
    selectors.some(({ matchLabels }) =>
      Object.entries(matchLabels).every(([key, value]) => metadata.labels?.[key] === value),
    )
  return roles.filter(selected).flatMap(({ rules = [] }) => rules)
}

function* product({ apiGroups = [], resources = [], verbs = [], resourceNames = [''] }) {
  for (const group of apiGroups)
    for (const resource of resources)
      for (const verb of verbs) for (const resourceName of resourceNames) yield { group, resource, verb, resourceName }
}

function atoms(rule) {
  return [...product(rule)].map(({ resource, ...rest }) => ({
    ...rest,
    resource: rest.group === '' ? resource : `${rest.group}/${resource}`,
  }))
}

/** Generated bindings name an account as a subject of its own kind, or as a user. */
function subjectName({ name, namespace }) {
  if (namespace) return `${namespace}/${name}`
  const [, space, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) ?? []
  return account ? `${space}/${account}` : name
}

function documentsOf(text) {
  const values = parseAllDocuments(text).map((document) => document.toJS())
  return values.flatMap((value) => value?.items ?? [value]).filter((each) => each !== null && each !== undefined)
}

function run([program, ...args], codes = [0]) {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 30 })
  if (!codes.includes(status)) throw new Error(`${program} ended with ${status}: ${stderr.slice(-2000)}`)
  return stdout
}
