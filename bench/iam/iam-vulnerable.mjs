// BishopFox/iam-vulnerable: 31 ways to administration that must be found, four that tools overlook (fn), five policies that only
// look like one (fp). A case is a Terraform file with a policy, a user and a role that hold it; judged is who holds it.
//   node bench/iam/iam-vulnerable.mjs CHECKOUT
// Exit code 1 if a case is judged otherwise than its authors say.
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { audit } from './zt-audit.mjs'

const ESCALATION = ['iam/privilege-escalation', 'iam/privilege-escalation-conditional']
const PATHS = 'modules/free-resources/privesc-paths'
const TESTING = 'modules/free-resources/tool-testing'
/** Roles that the ways lead to, and an administrator by trade: nothing to escalate from. */
const NO_CASE = ['service-linked-role-common.tf', 'sre.tf', 'variables.tf']

const checkout = process.argv[2]
if (!checkout) {
  console.error('name a checkout of BishopFox/iam-vulnerable (docs/benchmarks.md)')
  process.exit(2)
}
const { report } = audit(checkout)
const groups = [
  { title: 'ways to administration', cases: cases(PATHS, (name) => !NO_CASE.includes(name)), expected: true },
  { title: 'ways that tools overlook', cases: cases(TESTING, (name) => name.startsWith('fn')), expected: true },
  { title: 'no way', cases: cases(TESTING, (name) => name.startsWith('fp')), expected: false },
]
let wrong = 0
for (const { title, cases, expected } of groups) {
  const found = cases.filter((file) => escalations(file).length > 0)
  console.log(`${title}: ${found.length} of ${cases.length} reported`)
  for (const file of cases) {
    const findings = escalations(file)
    if (findings.length > 0 !== expected) wrong++
    const verdict = findings.length > 0 ? [...new Set(findings.map(describe))].join(', ') : 'not reported'
    console.log(`  ${findings.length > 0 === expected ? 'right' : 'WRONG'}  ${basename(file, '.tf')}: ${verdict}`)
    for (const other of others(file)) console.log(`           ${other}`)
  }
}
process.exitCode = wrong > 0 ? 1 : 0

function cases(folder, isCase) {
  return readdirSync(join(checkout, folder))
    .filter((name) => name.endsWith('.tf') && isCase(name))
    .sort()
    .map((name) => `${folder}/${name}`)
}

/** A way is a principal's, so what a finding names first counts, not every place on the way. */
function escalations(file) {
  return report.findings.filter(({ ruleId, location }) => ESCALATION.includes(ruleId) && location.file === file)
}

/** What else is reported as high or critical of policies of the file: shows whether denied rights are taken for rights. */
function others(file) {
  return report.findings
    .filter(({ ruleId, severity }) => ['high', 'critical'].includes(severity) && !ESCALATION.includes(ruleId))
    .filter(({ ruleId, location }) => location.file === file && ruleId !== 'iam/static-key-for-workload')
    .map(({ ruleId, severity, message }) => `${ruleId} (${severity}): ${message}`)
}

function describe({ ruleId, severity }) {
  return `${ruleId.slice('iam/'.length)} (${severity})`
}
