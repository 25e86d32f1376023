import { ciJob, ciStep, ciTrigger, ciWorkflow } from '../../facts/pipeline.ts'
import {
  ciCheckout,
  ciExecution,
  ciExpression,
  ciGate,
  ciGitUse,
  ciInput,
  ciPermissionCheck,
  ciTransfer,
  ciWrite,
} from '../../facts/pipeline-flow.ts'
import { type Fact, type FactKind, isFact } from '../../model.ts'

/** A file of pipelines with all that was seen of it. Its facts are in the order in which they stand there. */
export interface PipelineFile {
  readonly scope: string
  /** Scope of its tree. */
  readonly root: string
  readonly path: string
  readonly form: string
  readonly name: string
  readonly triggers: readonly Fact<typeof ciTrigger>[]
  readonly jobs: readonly Fact<typeof ciJob>[]
  readonly steps: readonly Fact<typeof ciStep>[]
  readonly expressions: readonly Fact<typeof ciExpression>[]
  readonly gates: readonly Fact<typeof ciGate>[]
  readonly checkouts: readonly Fact<typeof ciCheckout>[]
  readonly executions: readonly Fact<typeof ciExecution>[]
  readonly transfers: readonly Fact<typeof ciTransfer>[]
  readonly writes: readonly Fact<typeof ciWrite>[]
  readonly checks: readonly Fact<typeof ciPermissionCheck>[]
  readonly inputs: readonly Fact<typeof ciInput>[]
  readonly gitUses: readonly Fact<typeof ciGitUse>[]
}
/** Who calls a reusable workflow (a job) or a composite action (a step). */
export interface Caller {
  readonly file: PipelineFile
  readonly job: string
  readonly step: string
}

/** The files of all trees, and who calls whom among them. */
export class PipelineFiles {
  readonly all: readonly PipelineFile[]
  readonly #byScope = new Map<string, PipelineFile>()
  readonly #callers = new Map<PipelineFile, Caller[]>()

  constructor(facts: readonly Fact[]) {
    const byScope = new Map<string, Fact[]>()
    for (const each of facts) {
      const list = byScope.get(each.scope)
      if (list) list.push(each)
      else byScope.set(each.scope, [each])
    }
    this.all = facts
      .filter((each) => isFact(ciWorkflow, each))
      .map((each) => readFile(each, byScope.get(each.scope) ?? []))
    for (const file of this.all) this.#byScope.set(file.scope, file)
    for (const file of this.all) this.#readCalls(file)
  }

  callersOf(file: PipelineFile): readonly Caller[] {
    return this.#callers.get(file) ?? []
  }

  /** What a job or step calls, if it is in the same tree. */
  called(file: PipelineFile, uses: string): PipelineFile | undefined {
    // `$/` is the root of the repository that the file is of.
    if (!/^[.$]\//.test(uses)) return undefined
    const path = uses.slice(2).replace(/\/$/, '')
    const names = /\.ya?ml$/.test(path)
      ? [path]
      : [`${path}/action.yml`, `${path}/action.yaml`, ...(path ? [] : ['action.yml', 'action.yaml'])]
    for (const name of names) {
      const found = this.#byScope.get(`${file.root}/${name.replace(/^\//, '')}`)
      if (found) return found
    }
    return undefined
  }

  #readCalls(file: PipelineFile): void {
    const add = (uses: string, job: string, step: string) => {
      const callee = this.called(file, uses)
      if (!callee) return
      const list = this.#callers.get(callee) ?? []
      list.push({ file, job, step })
      this.#callers.set(callee, list)
    }
    for (const { data } of file.jobs) add(data.calls ?? '', data.job ?? '', '')
    for (const { data } of file.steps) add(data.action ?? '', data.job ?? '', data.step ?? '')
  }
}

function readFile({ scope, data }: Fact<typeof ciWorkflow>, facts: readonly Fact[]): PipelineFile {
  const of = <K extends FactKind>(kind: K) => facts.filter((each): each is Fact<K> => isFact(kind, each))
  return {
    scope,
    root: scope.slice(0, -`/${data.workflow}`.length),
    path: data.workflow ?? '',
    form: data.form ?? '',
    name: data.name ?? '',
    triggers: of(ciTrigger),
    jobs: of(ciJob),
    steps: of(ciStep),
    expressions: of(ciExpression),
    gates: of(ciGate),
    checkouts: of(ciCheckout),
    executions: of(ciExecution),
    transfers: of(ciTransfer),
    writes: of(ciWrite),
    checks: of(ciPermissionCheck),
    inputs: of(ciInput),
    gitUses: of(ciGitUse),
  }
}
