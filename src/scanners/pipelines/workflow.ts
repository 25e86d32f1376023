import { get, type MapEntry, textOf, type ValueNode } from '../../sources/value-node.ts'

/**
 * A workflow as it is written. Source of its form:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
 */
export interface Workflow {
  readonly name: string
  readonly node: ValueNode
  readonly triggers: readonly Trigger[]
  readonly permissions: Permissions
  readonly env: readonly MapEntry[]
  readonly jobs: readonly Job[]
}
/** What starts a workflow; `config` holds branches, types and inputs. */
export interface Trigger {
  readonly event: string
  readonly config: ValueNode | undefined
  readonly start: number
}
/** `permissions:` as written. */
export type Permissions =
  | { readonly form: 'absent' }
  | { readonly form: 'read-all' | 'write-all'; readonly node: ValueNode; readonly keyStart: number }
  | {
      readonly form: 'map'
      readonly scopes: ReadonlyMap<string, string>
      readonly node: ValueNode
      readonly keyStart: number
    }
  /** Not what GitHub takes. */
  | { readonly form: 'other'; readonly node: ValueNode; readonly keyStart: number }
export interface Job {
  /** Its key. */
  readonly id: string
  readonly keyStart: number
  readonly node: ValueNode
  /** `name:`, else the key. */
  readonly name: string
  readonly permissions: Permissions
  readonly env: readonly MapEntry[]
  /** Keys of the jobs that it waits for. */
  readonly needs: readonly string[]
  readonly condition: ValueNode | undefined
  /** `environment:` or its `name`; may hold expressions. */
  readonly environment: ValueNode | undefined
  /** Labels and the group of the runner; may hold expressions. */
  readonly runsOn: readonly ValueNode[]
  /** The reusable workflow that it calls instead of having steps. */
  readonly uses: ValueNode | undefined
  readonly with: readonly MapEntry[]
  /** `secrets:` for the called workflow: `inherit` or a map. */
  readonly secrets: ValueNode | undefined
  readonly steps: readonly Step[]
}
export interface Step {
  /** 0-based, in its job; for order only, never in an identity. */
  readonly index: number
  readonly node: ValueNode
  /** `id:`, empty without one. */
  readonly id: string
  /** What people and fingerprints call it: id, name, action or a hash of the script; with #2 … where that stands twice. */
  readonly label: string
  readonly name: string
  readonly condition: ValueNode | undefined
  readonly uses: ValueNode | undefined
  readonly with: readonly MapEntry[]
  readonly run: ValueNode | undefined
  readonly shell: string
  readonly env: readonly MapEntry[]
}

/** A workflow; undefined for YAML that is none (no `on` or no `jobs`). */
export function readWorkflow(node: ValueNode, path: string): Workflow | undefined {
  const on = get(node, 'on')
  const jobs = get(node, 'jobs')
  if (!on || jobs?.type !== 'map') return undefined
  return {
    name: textOf(get(node, 'name')) ?? path.slice(path.lastIndexOf('/') + 1),
    node,
    triggers: triggersOf(on),
    permissions: permissionsOf(node),
    env: entriesOf(get(node, 'env')),
    jobs: jobs.entries.map(({ key, keyStart, value }) => readJob(key, keyStart, value)),
  }
}

/** The steps of a composite action (`action.yml`); undefined for actions of another kind. */
export function readCompositeSteps(node: ValueNode): readonly Step[] | undefined {
  const runs = get(node, 'runs')
  if (textOf(get(runs, 'using'))?.toLowerCase() !== 'composite') return undefined
  return stepsOf(get(runs, 'steps'))
}

function readJob(id: string, keyStart: number, node: ValueNode): Job {
  const environment = get(node, 'environment')
  return {
    id,
    keyStart,
    node,
    name: textOf(get(node, 'name')) ?? id,
    permissions: permissionsOf(node),
    env: entriesOf(get(node, 'env')),
    needs: itemsOf(get(node, 'needs')).flatMap((item) => textOf(item) ?? []),
    condition: get(node, 'if'),
    environment: environment?.type === 'map' ? get(environment, 'name') : environment,
    runsOn: runnersOf(get(node, 'runs-on')),
    uses: get(node, 'uses'),
    with: entriesOf(get(node, 'with')),
    secrets: get(node, 'secrets'),
    steps: stepsOf(get(node, 'steps')),
  }
}

function triggersOf(on: ValueNode): Trigger[] {
  if (on.type === 'map')
    return on.entries.map(({ key, keyStart, value }) => ({ event: key, config: value, start: keyStart }))
  return itemsOf(on).flatMap((item) => {
    const event = textOf(item)
    return event === undefined ? [] : [{ event, config: undefined, start: item.start }]
  })
}

/** `permissions:` of a workflow or a job. */
function permissionsOf(owner: ValueNode): Permissions {
  const entry = owner.type === 'map' ? owner.entries.findLast(({ key }) => key === 'permissions') : undefined
  if (!entry) return { form: 'absent' }
  const { value: node, keyStart } = entry
  if (node.type === 'map') {
    const scopes = new Map(node.entries.map(({ key, value }) => [key, textOf(value) ?? '']))
    return { form: 'map', scopes, node, keyStart }
  }
  const text = textOf(node)
  if (text === 'read-all' || text === 'write-all') return { form: text, node, keyStart }
  // `permissions:` with nothing behind it gives nothing.
  if (node.type === 'plain' && node.value === null) return { form: 'map', scopes: new Map(), node, keyStart }
  return { form: 'other', node, keyStart }
}

function runnersOf(node: ValueNode | undefined): readonly ValueNode[] {
  if (node?.type === 'map') return [...itemsOf(get(node, 'group')), ...itemsOf(get(node, 'labels'))]
  return itemsOf(node)
}

function stepsOf(node: ValueNode | undefined): Step[] {
  const seen = new Map<string, number>()
  return itemsOf(node).map((step, index) => {
    const read = readStep(step, index)
    const times = (seen.get(read.label) ?? 0) + 1
    seen.set(read.label, times)
    return times === 1 ? read : { ...read, label: `${read.label} #${times}` }
  })
}

function readStep(node: ValueNode, index: number): Step {
  const id = textOf(get(node, 'id')) ?? ''
  const name = textOf(get(node, 'name')) ?? ''
  const uses = get(node, 'uses')
  const run = get(node, 'run')
  // The version is not part of what a step is: an update is no new step.
  const action = (textOf(uses) ?? '').replace(/@[^@]*$/, '')
  const firstLine = (textOf(run) ?? '').trim().split('\n')[0] ?? ''
  return {
    index,
    node,
    id,
    label: id || name || action || firstLine.slice(0, 60) || 'step',
    name,
    condition: get(node, 'if'),
    uses,
    with: entriesOf(get(node, 'with')),
    run,
    shell: textOf(get(node, 'shell')) ?? '',
    env: entriesOf(get(node, 'env')),
  }
}

/** The items of a list; a single value is a list of one, nothing is none. */
export function itemsOf(node: ValueNode | undefined): readonly ValueNode[] {
  if (!node || (node.type === 'plain' && node.value === null)) return []
  return node.type === 'list' ? node.items : [node]
}

export function entriesOf(node: ValueNode | undefined): readonly MapEntry[] {
  return node?.type === 'map' ? node.entries : []
}
