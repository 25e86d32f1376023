// Where the time of an audit of an account goes: reading it, deriving what it means, judging it by the rules; built with esbuild by
// bench/iam/moto-account.mjs. Takes the endpoint; AWS_* name the credentials.
import { evaluate } from '../../src/engine/evaluate.ts'
import { FactStore } from '../../src/engine/fact-store.ts'
import { toFindings } from '../../src/engine/findings.ts'
import { loadRules } from '../../src/engine/load.ts'
import { catalogue } from '../../src/facts/catalogue.ts'
import type { Gap, Targets } from '../../src/model.ts'
import { derivations, scanners } from '../../src/registry.ts'
import { derive, runScanners } from '../../src/run.ts'
import { stopwatch } from '../laps.ts'

const SETTINGS = { trustedAccounts: [], breakGlassRoles: [] }
const targets: Targets = {
  history: false,
  aws: [{ endpoint: process.argv[2] ?? '' }],
  kubernetes: [],
  kubernetesDumps: [],
  auditLogs: [],
  cloudtrail: [],
  github: [],
}
const rules = (await loadRules('rules', catalogue, async () => [])).filter(({ id }) => /^(?:iam|mfa)\//.test(id))
const reading = scanners.filter(({ id }) => /^(?:iam|mfa)-(?:account|aws)|^aws-/.test(id))
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
const facts = derive(derivations, read, gaps, SETTINGS, catalogue)
lap('deriving', `${facts.length - read.length} facts`)
const store = new FactStore(catalogue, facts, gaps, new Set(catalogue.keys()), [])
const found = await Promise.all(
  rules.map((rule) => {
    const context = { catalogue, identify: new Map(), minConfidence: 'low' as const, fingerprints: true }
    return toFindings(evaluate(rule.compiled, store), context)
  }),
)
lap('judging', `${found.flat().length} findings of ${rules.length} rules`)
