import type { AnalyzerSummary } from '@aws-sdk/client-accessanalyzer'
import { iamUnusedFinding, iamUsageWindow } from '../../facts/iam-usage.ts'
import type { Fact, Gap, ScanContext, Scanner } from '../../model.ts'
import { openAccessAnalyzer } from '../../sources/access-analyzer.ts'
import type { Failure } from '../../sources/aws-failure.ts'
import { inEachAccount } from '../aws/accounts.ts'
import { findingFacts, windowFact } from './findings.ts'

/** What IAM Access Analyzer says is not used, where the account has an analyzer of unused access. Without one there is nothing. */
export const accessAnalyzerScanner: Scanner = {
  id: 'access-analyzer',
  emits: [iamUnusedFinding, iamUsageWindow],
  needs: ['access-analyzer:ListAnalyzers', 'access-analyzer:ListFindingsV2', 'access-analyzer:GetFindingV2'],
  timesTargets: true,
  requested: ({ targets }) => targets.aws.length > 0,
  scan: (context) =>
    inEachAccount([iamUnusedFinding], context, async function* ({ account, scope, target }, limited) {
      const source = await openAccessAnalyzer(account.client)
      const analyzers = await source.analyzers(limited.signal)
      if ('failure' in analyzers) {
        // Stand-ins for AWS seldom know the service; what they do not know they cannot hide.
        const standIn = target.endpoint !== undefined && analyzers.failure.kind === 'failed'
        tellFailure(analyzers.failure, scope, limited, standIn ? 'limit' : 'fault')
        return
      }
      for (const analyzer of analyzers.value) {
        if (analyzer.status !== undefined && analyzer.status !== 'ACTIVE') continue
        yield* readAnalyzer(analyzer, scope, source, limited)
      }
    }),
}

function tellFailure(failure: Failure, scope: string, context: ScanContext, of: Gap['class'] = 'fault'): void {
  const { reason, detail } = failure
  context.gap({ kind: iamUnusedFinding.kind, scope, class: of, reason, detail })
}

async function* readAnalyzer(
  analyzer: AnalyzerSummary,
  scope: string,
  source: Awaited<ReturnType<typeof openAccessAnalyzer>>,
  context: ScanContext,
): AsyncGenerator<Fact> {
  const arn = analyzer.arn ?? ''
  context.progress(`AWS: findings of ${analyzer.name ?? arn}`)
  yield windowFact(analyzer, scope)
  for await (const page of source.findings(arn, context.signal)) {
    if ('failure' in page) {
      tellFailure(page.failure, scope, context)
      return
    }
    for (const summary of page.value) {
      const details = await source.details(arn, summary.id ?? '', context.signal)
      if ('failure' in details) {
        tellFailure(details.failure, scope, context)
        if (details.failure.kind === 'denied') return
      } else yield* findingFacts(summary, details.value, analyzer)
    }
  }
}
