import type { AnalyzerSummary, FindingDetails, FindingSummaryV2 } from '@aws-sdk/client-accessanalyzer'
import type { AwsClient } from './aws-client.ts'
import type { Failure, Outcome } from './aws-failure.ts'

/** Calls of IAM Access Analyzer in the configured region. */
export interface AccessAnalyzer {
  /** Analyzers of unused access, of the account and of its organisation. */
  analyzers(signal: AbortSignal): Promise<Outcome<readonly AnalyzerSummary[]>>
  /** Pages of active findings, and why the rest was not read. */
  findings(analyzer: string, signal: AbortSignal): AsyncGenerator<Outcome<readonly FindingSummaryV2[]>>
  details(analyzer: string, id: string, signal: AbortSignal): Promise<Outcome<readonly FindingDetails[]>>
}

const UNUSED_ACCESS = ['ACCOUNT_UNUSED_ACCESS', 'ORGANIZATION_UNUSED_ACCESS'] as const

/** The service's client is loaded here, when it is needed. */
export async function openAccessAnalyzer({ attempt, settings }: AwsClient): Promise<AccessAnalyzer> {
  const { AccessAnalyzerClient, GetFindingV2Command, ListAnalyzersCommand, ListFindingsV2Command } = await import(
    '@aws-sdk/client-accessanalyzer'
  )
  const client = new AccessAnalyzerClient(settings())
  return {
    async analyzers(signal) {
      const found: AnalyzerSummary[] = []
      for (const type of UNUSED_ACCESS) {
        const failure = await everyPage(async (nextToken) => {
          const page = await attempt('access-analyzer:ListAnalyzers', signal, (options) =>
            client.send(new ListAnalyzersCommand({ type, ...(nextToken && { nextToken }) }), options),
          )
          if ('value' in page) found.push(...(page.value.analyzers ?? []))
          return page
        })
        if (failure) return { failure }
      }
      return { value: found }
    },
    async *findings(analyzerArn, signal) {
      const filter = { status: { eq: ['ACTIVE'] } }
      for (let nextToken: string | undefined; ; ) {
        const token = nextToken
        const page = await attempt('access-analyzer:ListFindingsV2', signal, (options) =>
          client.send(new ListFindingsV2Command({ analyzerArn, filter, ...(token && { nextToken: token }) }), options),
        )
        if ('failure' in page) {
          yield page
          return
        }
        yield { value: page.value.findings ?? [] }
        nextToken = page.value.nextToken
        if (!nextToken || nextToken === token) return
      }
    },
    async details(analyzerArn, id, signal) {
      const found: FindingDetails[] = []
      const failure = await everyPage(async (nextToken) => {
        const page = await attempt('access-analyzer:GetFindingV2', signal, (options) =>
          client.send(new GetFindingV2Command({ analyzerArn, id, ...(nextToken && { nextToken }) }), options),
        )
        if ('value' in page) found.push(...(page.value.findingDetails ?? []))
        return page
      })
      return failure ? { failure } : { value: found }
    },
  }
}

/** Asks until there is no further page; a server that hands out the same token again would keep us for ever. */
async function everyPage(
  ask: (nextToken: string | undefined) => Promise<Outcome<{ readonly nextToken?: string | undefined }>>,
): Promise<Failure | undefined> {
  for (let token: string | undefined; ; ) {
    const page = await ask(token)
    if ('failure' in page) return page.failure
    const next = page.value.nextToken
    if (!next || next === token) return undefined
    token = next
  }
}
