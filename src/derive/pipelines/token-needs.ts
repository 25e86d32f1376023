import { ciJob } from '../../facts/pipeline.ts'
import { ciPermissionBlock, ciTokenUse } from '../../facts/pipeline-rights.ts'
import { type Fact, isFact } from '../../model.ts'
import { type Need, needOf } from '../../reference/action-permissions.ts'

export type Block = Fact<typeof ciPermissionBlock>
type Use = Fact<typeof ciTokenUse>
type Job = Fact<typeof ciJob>

/** What the steps of a job need together. */
export interface JobNeeds {
  readonly needs: readonly Need[]
  /** Scopes that they may need besides; `*` for any. */
  readonly open: ReadonlySet<string>
  /** What is not known of them, as `what X needs`, each once. */
  readonly reasons: readonly string[]
  readonly assumes: boolean
}
const NOTHING: JobNeeds = { needs: [], open: new Set(), reasons: [], assumes: false }

/** The facts of one tree that say what its pipelines need, by file. */
export class Pipelines {
  readonly blocks: readonly Block[]
  readonly #uses = new Map<string, Use[]>()
  readonly #blocksOf = new Map<string, Block[]>()
  readonly #jobs = new Map<string, Job[]>()
  readonly #known = new Map<string, JobNeeds>()

  constructor(facts: readonly Fact[]) {
    const blocks: Block[] = []
    for (const each of facts) {
      if (isFact(ciPermissionBlock, each)) {
        blocks.push(each)
        append(this.#blocksOf, each.scope, each)
      } else if (isFact(ciTokenUse, each)) append(this.#uses, each.scope, each)
      else if (isFact(ciJob, each)) append(this.#jobs, each.scope, each)
    }
    this.blocks = blocks
  }

  /** The block that holds for a job, and the one of its workflow. */
  blocksIn(scope: string): readonly Block[] {
    return this.#blocksOf.get(scope) ?? []
  }

  triggersOf(scope: string): readonly string[] {
    return this.#jobs.get(scope)?.[0]?.data.triggers ?? []
  }

  /** What a job of the file `scope` needs; `''` is a composite action. */
  needsOf(scope: string, job: string, seen: readonly string[] = []): JobNeeds {
    const key = `${scope}\n${job}`
    const known = this.#known.get(key)
    if (known) return known
    // A workflow cannot call itself; GitHub refuses it.
    if (seen.includes(key)) return NOTHING
    const uses = (this.#uses.get(scope) ?? []).filter(({ data }) => data.job === job)
    const all = uses.flatMap((use) => [ownNeeds(use), ...this.#called(use, [...seen, key])])
    const together = {
      needs: all.flatMap(({ needs }) => needs),
      open: new Set(all.flatMap(({ open }) => [...open])),
      reasons: [...new Set(all.flatMap(({ reasons }) => reasons))],
      assumes: all.some(({ assumes }) => assumes),
    }
    this.#known.set(key, together)
    return together
  }

  #called({ scope, data }: Use, seen: readonly string[]): JobNeeds[] {
    const { workflow = '', calls = '' } = data
    if (calls === '') return []
    const root = scope.slice(0, scope.length - workflow.length)
    const path = calls.replace(/^[.$]\//, '').replace(/\/+$/, '')
    const files = /\.ya?ml$/.test(path)
      ? [path]
      : ['action.yml', 'action.yaml'].map((name) => (path === '' || path === '.' ? name : `${path}/${name}`))
    const file = files.map((each) => root + each).find((each) => this.#uses.has(each) || this.#blocksOf.has(each))
    if (file === undefined) return [{ ...NOTHING, open: new Set(['*']), reasons: [`what ${calls} needs`] }]
    const blocks = this.blocksIn(file).filter(({ data: block }) => block.job !== '')
    if (blocks.length === 0) return [this.needsOf(file, '', seen)]
    return blocks.map(({ data: block }) => this.#asked(file, block.job ?? '', seen))
  }

  /** GitHub starts a called job only if its caller has all that is written there; without that its steps count. */
  #asked(scope: string, job: string, seen: readonly string[]): JobNeeds {
    const blocks = this.blocksIn(scope)
    const own = blocks.find(({ data }) => data.job === job && data.form !== 'absent')
    const block = own ?? blocks.find(({ data }) => data.job === '' && data.form !== 'absent')
    if (!block) return this.needsOf(scope, job, seen)
    if (block.data.form !== 'map')
      return {
        ...NOTHING,
        open: new Set(['*']),
        reasons: [`how much of ${block.data.form} ${block.data.workflow} needs`],
      }
    return {
      ...NOTHING,
      needs: (block.data.permissions ?? []).map(needOf).filter(({ access }) => access === 'read' || access === 'write'),
    }
  }
}

function ownNeeds({ data }: Use): JobNeeds {
  const { needs = [], open = [], because = '', assumes = false } = data
  return { needs: needs.map(needOf), open: new Set(open), reasons: because === '' ? [] : [because], assumes }
}

function append<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
