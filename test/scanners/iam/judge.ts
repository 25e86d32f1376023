import { withDeclarations } from '../../../src/derive/iam/applied.ts'
import { iamDerivations } from '../../../src/derive/iam/index.ts'
import { evaluate } from '../../../src/engine/evaluate.ts'
import { FactStore } from '../../../src/engine/fact-store.ts'
import { toFindings } from '../../../src/engine/findings.ts'
import { type LoadedRule, loadRules } from '../../../src/engine/load.ts'
import { catalogue } from '../../../src/facts/catalogue.ts'
import type { DerivationSettings, Fact, Gap } from '../../../src/model.ts'
import type { Finding, Undetermined } from '../../../src/report.ts'
import { derive } from '../../../src/run.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { collect, memoryTree } from '../../support/context.ts'

export interface Judged {
  readonly facts: readonly Fact[]
  readonly gaps: readonly Gap[]
  readonly findings: readonly Finding[]
  readonly undetermined: readonly Undetermined[]
  /** Ids of the rules that found something, sorted. */
  readonly fired: readonly string[]
}

let loading: Promise<LoadedRule[]> | undefined

/** Facts and what is derived from them, judged by the rules of these areas. */
export async function judge(
  facts: readonly Fact[],
  gaps: readonly Gap[],
  settings: DerivationSettings = { trustedAccounts: [], breakGlassRoles: [] },
): Promise<Judged> {
  loading ??= loadRules('rules', catalogue, async () => [])
  const rules = (await loading).filter((rule) => /^(?:iam|mfa|chain)\//.test(rule.id))
  const allGaps = [...gaps]
  const allFacts = derive(iamDerivations, withDeclarations(facts), allGaps, settings, catalogue)
  const store = new FactStore(catalogue, allFacts, allGaps, new Set(catalogue.keys()), ['repo:.'])
  const findings: Finding[] = []
  const undetermined: Undetermined[] = []
  for (const rule of rules) {
    const evaluation = evaluate(rule.compiled, store)
    findings.push(
      ...(await toFindings(evaluation, { catalogue, identify: new Map(), minConfidence: 'low', fingerprints: true })),
    )
    undetermined.push(...evaluation.undetermined)
  }
  const fired = [...new Set(findings.map((finding) => finding.rule.id))].sort()
  return { facts: allFacts, gaps: allGaps, findings, undetermined, fired }
}

/** Scans files and judges them. */
export async function judgeFiles(
  files: Readonly<Record<string, string>>,
  settings?: DerivationSettings,
): Promise<Judged> {
  const { facts, gaps } = await collect(iamFilesScanner, { trees: [memoryTree(files)] })
  return judge(facts, gaps, settings)
}
