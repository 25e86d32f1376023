import { ciJob, ciStep, ciTrigger, ciWorkflow } from '../../facts/pipeline.ts'
import {
  ciBotGate,
  ciEnvironmentInjection,
  ciInjection,
  ciLeftToken,
  ciRunnerExposure,
  ciTakeover,
  ciUntrustedCode,
  UNTRUSTED_SOURCES,
} from '../../facts/pipeline-untrusted.ts'
import type { Derivation, Fact, Gap } from '../../model.ts'
import { environmentInjectionsOf, injectionsOf, unreadOf } from './injection.ts'
import { takeoversOf, waysOf } from './takeover.ts'
import { fetchesOf, untrustedCodeOf } from './untrusted-code.ts'
import { PipelineFiles } from './untrusted-files.ts'
import { botGatesOf, exposuresOf } from './untrusted-others.ts'
import { Reaches } from './untrusted-reach.ts'
import { leftTokensOf } from './untrusted-tokens.ts'
import { Tracer } from './untrusted-trace.ts'

const OWN = [ciWorkflow, ciTrigger, ciJob, ciStep]

/** What people who may not write to a repository can make its workflows do. */
export const untrustedDerivation: Derivation = {
  id: 'pipelines-untrusted',
  from: [...OWN, ...UNTRUSTED_SOURCES.filter((kind) => !OWN.some((own) => own.kind === kind.kind))],
  emits: [ciInjection, ciUntrustedCode, ciEnvironmentInjection, ciBotGate, ciLeftToken, ciRunnerExposure, ciTakeover],
  derive: deriveUntrusted,
}

function deriveUntrusted(facts: readonly Fact[]): { facts: Fact[]; gaps: Gap[] } {
  const files = new PipelineFiles(facts)
  const analysis = { files, reaches: new Reaches(files), tracer: new Tracer(files) }
  const found: Fact[] = []
  const fetches = new Map(files.all.map((file) => [file, fetchesOf(file, analysis)]))
  const ways = files.all.flatMap((file) => {
    const own = fetches.get(file) ?? []
    const injections = injectionsOf(file, analysis)
    const environment = environmentInjectionsOf(file, analysis, (job) =>
      own.filter((fetch) => fetch.job === job).map(({ step, what, best }) => ({ step, what, reach: best.reach })),
    )
    const code = untrustedCodeOf(file, own, files, fetches)
    found.push(...injections, ...environment, ...code)
    found.push(...botGatesOf(file, analysis), ...leftTokensOf(file, own, analysis), ...exposuresOf(file, analysis))
    return waysOf(file, injections, environment, code)
  })
  const gaps = files.all.flatMap((file) => unreadOf(file, analysis))
  return { facts: [...found, ...takeoversOf(ways, files, analysis.reaches)], gaps }
}
