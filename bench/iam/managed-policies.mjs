// AWS's own managed policies, as data: does each get through, is every action that is not known said to be so, how long does it
// take, and how long does it take to judge as many principals.
//   node bench/iam/managed-policies.mjs FOLDER [--runs N]
// FOLDER holds one policy a file: the document itself, or as `aws iam get-policy-version` prints it.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runBundled } from '../bundled.mjs'
import { alternate, print } from '../measure.mjs'
import { audit, auditCommand, CODES } from './zt-audit.mjs'

const source = process.argv[2]
if (!source) {
  console.error('name a folder of managed policies (docs/benchmarks.md)')
  process.exit(2)
}
const scratch = mkdtempSync(join(tmpdir(), 'zt-bench-'))
const folder = join(scratch, 'policies')
mkdirSync(folder)
try {
  const documents = copyDocuments()
  const { report } = audit(folder)
  const unknown = report.gaps.filter((gap) => /does not hold it/.test(gap.detail ?? ''))
  const named = report.findings.filter(({ ruleId }) => ruleId === 'iam/unknown-action')
  const faults = report.gaps.filter((gap) => gap.class === 'fault')
  console.log(
    `${documents} policies: ${report.findings.length} findings, ${report.gaps.length} gaps (${faults.length} faults)`,
  )
  for (const gap of faults) console.log(`  fault: ${gap.detail}`)
  console.log(`actions that are not known: ${unknown.length} statements, ${named.length} more with a near miss`)
  for (const { detail } of unknown) console.log(`  ${detail.replace(/: AWS's list .*/, '')}`)
  for (const { message } of named) console.log(`  ${message}`)
  const [ours] = alternate([auditCommand(folder)], { codes: CODES })
  print(`zt-audit on ${documents} policies`, ours)
  // In a process of its own, since what is once judged is not judged again.
  await runBundled('bench/iam/evaluate.ts', [folder])
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** Only the documents, so that nothing but policies is read. */
function copyDocuments() {
  let count = 0
  for (const name of readdirSync(source).sort()) {
    const text = readFileSync(join(source, name), 'utf8')
    const document = documentIn(text)
    if (document === undefined) console.log(`${name} holds no policy: left out`)
    else {
      writeFileSync(join(folder, `${name.replace(/\.json$/, '')}.json`), JSON.stringify(document, null, 2))
      count++
    }
  }
  return count
}

function documentIn(text) {
  try {
    const parsed = JSON.parse(text)
    const document = parsed.PolicyVersion?.Document ?? parsed.Document ?? parsed
    return document.Statement === undefined ? undefined : document
  } catch {
    return undefined
  }
}
