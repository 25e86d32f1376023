// Where the time of an audit of a cluster goes: reading it, deriving what it means, judging it by the rules; built with esbuild by
// bench/kubernetes/cluster.mjs. Takes a kubeconfig, or a dump (a file that ends in .json).
import { evaluate } from '../../src/engine/evaluate.ts'
import { FactStore } from '../../src/engine/fact-store.ts'
import { toFindings } from '../../src/engine/findings.ts'
import { loadRules } from '../../src/engine/load.ts'
import { catalogue } from '../../src/facts/catalogue.ts'
import type { Gap, Targets } from '../../src/model.ts'
import { planRun } from '../../src/plan.ts'
import { derivations, scanners } from '../../src/registry.ts'
import { derive, runScanners } from '../../src/run.ts'
import { stopwatch } from '../laps.ts'

const [input = '', ...auditLogs] = process.argv.slice(2)
const isDump = input.endsWith('.json')
const SETTINGS = { trustedAccounts: [], breakGlassRoles: [] }
const targets: Targets = {
  history: false,
  aws: [],
  kubernetes: isDump ? [] : [{ kubeconfig: input }],
  kubernetesDumps: isDump ? [input] : [],
  auditLogs,
  cloudtrail: [],
  github: [],
}
const rules = (await loadRules('rules', catalogue, async () => [])).filter(({ id }) => id.startsWith('k8s/'))
const reading = scanners.filter(
  ({ id }) => id === 'kubernetes' || (auditLogs.length > 0 && id === 'kubernetes-audit-log'),
)
if (reading.length === 0) throw new Error(`no scanner of clusters among ${scanners.map(({ id }) => id).join(', ')}`)
const gaps: Gap[] = []

const lap = stopwatch()

const read = await runScanners(reading, {
  ...SETTINGS,
  trees: [],
  targets,
  detectors: [],
  limits: { maxFileSize: 10 << 20, timeoutSeconds: 3600, archives: false },
  signal: new AbortController().signal,
  now: new Date(),
  wants: () => true,
  gap: (gap) => void gaps.push(gap),
  skip: () => undefined,
  progress: () => undefined,
})
lap('reading', `${read.length} facts, ${gaps.length} gaps`)
// What failed would make the rest look quick.
for (const gap of gaps.filter((each) => each.class === 'fault'))
  console.log(`    not read: ${gap.reason}, ${gap.detail}`)
const compiled = rules.map((rule) => rule.compiled)
const own = planRun(compiled, [], reading, derivations, { trees: [], targets }).derivations
const slow: [name: string, ms: number][] = []
const timed = own.map((each) => ({
  ...each,
  derive: (...given: Parameters<typeof each.derive>) => time(each.id, () => each.derive(...given)),
}))
const facts = derive(timed, read, gaps, SETTINGS, catalogue)
lap('deriving', `${facts.length - read.length} facts${slowest()}`)
const store = new FactStore(catalogue, facts, gaps, new Set(catalogue.keys()), [])
const context = { catalogue, identify: new Map(), minConfidence: 'low' as const, fingerprints: true }
const evaluations = rules.map((rule) => time(rule.id, () => evaluate(rule.compiled, store)))
const found = await Promise.all(evaluations.map((each) => toFindings(each, context)))
lap('judging', `${found.flat().length} findings of ${rules.length} rules${slowest()}`)

function time<T>(name: string, work: () => T): T {
  const start = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(start)
  slow.push([name, (user + system) / 1000])
  return result
}

/** The three that took most of the processor, and forgets all. */
function slowest(): string {
  const worst = slow.splice(0).sort((a, b) => b[1] - a[1])
  return `; ${worst
    .slice(0, 3)
    .map(([name, ms]) => `${name} ${ms.toFixed(0)} CPU ms`)
    .join(', ')}`
}
