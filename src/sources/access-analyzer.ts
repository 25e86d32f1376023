import type { AnalyzerSummary, FindingDetails, FindingSummaryV2 } from '@aws-sdk/client-accessanalyzer'
import type { AwsTarget } from '../model.ts'
import { explainFailure, type Failure, type Outcome } from './aws-client.ts'

/** Calls of IAM Access Analyzer on behalf of one target, in the region that its configuration names. */
export interface AccessAnalyzer {
  /** Analyzers of unused access, of the account and of its organisation; undefined where no region is configured. */
  analyzers(signal: AbortSignal): Promise<Outcome<readonly AnalyzerSummary[]> | undefined>
  /** Pages of active findings, and why the rest was not read. */
  findings(analyzer: string, signal: AbortSignal): AsyncGenerator<Outcome<readonly FindingSummaryV2[]>>
  details(analyzer: string, id: string, signal: AbortSignal): Promise<Outcome<readonly FindingDetails[]>>
}

const CALL_TIMEOUT = 30_000
const CONNECT_TIMEOUT = 5_000
const UNUSED_ACCESS = ['ACCOUNT_UNUSED_ACCESS', 'ORGANIZATION_UNUSED_ACCESS'] as const

/** Opens a target with AWS's own chain of credentials. The SDK is loaded here, when it is needed. */
export async function openAccessAnalyzer(target: AwsTarget): Promise<AccessAnalyzer> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const { AccessAnalyzerClient, GetFindingV2Command, ListAnalyzersCommand, ListFindingsV2Command } = await import(
    '@aws-sdk/client-accessanalyzer'
  )
  const client = new AccessAnalyzerClient({
    ...(target.profile !== undefined && { profile: target.profile }),
    ...(target.endpoint !== undefined && { endpoint: target.endpoint }),
    retryMode: 'adaptive',
    maxAttempts: 4,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT },
  })
  async function attempt<T>(
    action: string,
    signal: AbortSignal,
    send: (options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<Outcome<T>> {
    signal.throwIfAborted()
    const limit = AbortSignal.timeout(CALL_TIMEOUT)
    try {
      return { value: await send({ abortSignal: AbortSignal.any([signal, limit]) }) }
    } catch (error) {
      signal.throwIfAborted()
      return { failure: explainFailure(error, action, limit.aborted) }
    }
  }
  return {
    async analyzers(signal) {
      if (!(await hasRegion(() => client.config.region()))) return undefined
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

/** "Region is missing" means that nobody configured where to look. */
async function hasRegion(configured: () => Promise<string>): Promise<boolean> {
  try {
    return (await configured()) !== ''
  } catch {
    return false
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
