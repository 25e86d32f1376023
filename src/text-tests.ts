import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { toDetector } from './detect/detector.ts'
import { createSample } from './detect/sample.ts'
import type { Fact, Gap, ScanContext } from './model.ts'
import type { RuleTestContext } from './rule-tests.ts'
import { secretsScanner } from './scanners/secrets/index.ts'
import { openTree } from './sources/tree.ts'

/** Texts in rule tests go the way of a real file: written into a folder of their own, and scanned there. */
export const textTests: Pick<RuleTestContext, 'scanText' | 'sampleOf'> = {
  async scanText(rule, path, text) {
    const { detect } = rule.source
    if (!detect) throw new Error(`${rule.id} has no detect block, but a test with text`)
    const root = mkdtempSync(join(tmpdir(), 'zt-audit-rule-'))
    const gaps: Gap[] = []
    try {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
      const signal = new AbortController().signal
      const gap = (found: Gap) => void gaps.push(found)
      const unseen = (found: Omit<Gap, 'kind'>) => gap({ kind: 'secret.match', ...found })
      const options = { root, scope: 'repo:.', maxFileSize: 1 << 20, excluded: () => false, signal }
      const tree = await openTree({ ...options, gap: unseen, kindGap: gap })
      const context: ScanContext = {
        trees: [tree],
        targets: { history: false, aws: [], kubernetes: [], kubernetesDumps: [], auditLogs: [], github: [] },
        detectors: [toDetector(rule.id, detect)],
        limits: { maxFileSize: 1 << 20, timeoutSeconds: 60 },
        trustedAccounts: [],
        breakGlassRoles: [],
        signal,
        now: new Date(0),
        wants: () => true,
        gap,
        progress: () => undefined,
      }
      const facts: Fact[] = []
      for await (const fact of secretsScanner.scan(context)) facts.push(fact)
      return { facts, gaps }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  },
  async sampleOf(rule, seed) {
    const { detect } = rule.source
    if (!detect) throw new Error(`${rule.id} has no detect block, but a test with a sample`)
    return createSample(detect, seed).value
  },
}
