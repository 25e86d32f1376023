import { githubRepository } from '../../facts/github-repository.ts'
import { githubActionsPolicy } from '../../facts/github-settings.ts'
import { ciJob } from '../../facts/pipeline.ts'
import { sourceRepository } from '../../facts/pipeline-cloud.ts'
import { ciPermissionBlock, ciPermissionProposal, ciTokenUse } from '../../facts/pipeline-rights.ts'
import { type Derivation, type Fact, fact, type Gap, type Seen, UNKNOWN } from '../../model.ts'
import { needOf, TOKEN_SCOPES } from '../../reference/action-permissions.ts'
import { type BlockEdit, permissionDiff } from './permission-diff.ts'
import { blockText, commonOf, type Excess, excessOf, isWithin, type Scopes, smallestFor } from './smallest.ts'
import { TokenDefaults } from './token-defaults.ts'
import { type Block, type JobNeeds, Pipelines } from './token-needs.ts'

/** What steps need against what `permissions:` gives, for each place of it. */
export const proposePermissions: Derivation = {
  id: 'permission-proposals',
  from: [ciPermissionBlock, ciTokenUse, ciJob],
  optional: [sourceRepository, githubRepository, githubActionsPolicy],
  emits: [ciPermissionProposal],
  derive(facts) {
    const pipelines = new Pipelines(facts)
    const defaults = new TokenDefaults(facts)
    const proposals = pipelines.blocks.flatMap((block) => proposalOf(block, pipelines, defaults) ?? [])
    return { facts: proposals.map((each) => each.fact), gaps: proposals.flatMap(({ gap }) => gap ?? []) }
  },
}

interface Judged {
  readonly block: Block
  readonly job: string
  readonly needs: JobNeeds
  readonly excess: Excess
  /** Undefined if a step is not understood. */
  readonly smallest: Scopes | undefined
}

const NAMES: string =
  'Scripts of the repository whose names say that they build or test do not use the token that checkout leaves.'
const TABLE: string =
  'What actions and commands need is taken from their documentation; actions change, and a script may call more than it shows.'

function proposalOf(
  block: Block,
  pipelines: Pipelines,
  defaults: TokenDefaults,
): { fact: Fact; gap?: Gap } | undefined {
  const { workflow = '', job = '', form = '' } = block.data
  const blocks = pipelines.blocksIn(block.scope)
  const held = job !== '' ? [block] : blocks.filter(({ data }) => data.job !== '' && data.form === 'absent')
  // Where a job has nothing of its own, its workflow's block is judged.
  if ((job !== '' && form === 'absent') || held.length === 0 || form === 'other') return undefined
  const triggers = pipelines.triggersOf(block.scope)
  const granted = grantedBy(block)
  const judged = held.map((each): Judged => {
    const needs = pipelines.needsOf(each.scope, each.data.job ?? '')
    const smallest =
      needs.open.size === 0 ? smallestFor(needs.needs, form === 'map' ? granted : new Map(), triggers) : undefined
    return { block: each, job: each.data.job ?? '', needs, excess: excessOf(granted, needs), smallest }
  })
  const reasons = [...new Set(judged.flatMap(({ needs }) => needs.reasons))]
  const words = wordsFor(granted, judged, job === '')
  const edits = editsFor(block, judged)
  const known = judged.every(({ smallest }) => smallest !== undefined)
  const assumed = judged.some(({ needs }) => needs.assumes)
  const data: Seen<typeof ciPermissionProposal> = {
    workflow,
    job,
    form,
    jobs: judged.map((each) => each.job),
    needed: known ? [...new Set(judged.flatMap(({ smallest }) => lines(smallest ?? new Map())))] : UNKNOWN,
    excess: words.excess,
    misplaced: words.misplaced,
    excessive: words.excessive,
    shared: words.shared,
    certain: words.excessive === true,
    inWords: words.text,
    suggested: edits
      ? edits.map(({ block: each, scopes }) => blockText(scopes, each.data.indent).join('\n')).join('\n…\n')
      : '',
    fix: edits ? permissionDiff(workflow, edits) : '',
    assumptions: [TABLE, ...(assumed ? [NAMES] : [])],
    assumed,
    tokenDefault: form === 'absent' ? defaults.of(block.scope, workflow) : '',
    byCaller: triggers.length > 0 && triggers.every((event) => event === 'workflow_call'),
  }
  const result = fact(ciPermissionProposal, block.scope, block.at, data)
  return reasons.length === 0 ? { fact: result } : { fact: result, gap: gapFor(block, reasons) }
}

function gapFor({ scope, data }: Block, reasons: readonly string[]): Gap {
  return {
    kind: ciPermissionProposal.kind,
    scope,
    fields: ['needed', 'excessive', 'suggested'],
    class: 'limit',
    reason: 'smallest permissions of a workflow not known',
    detail: `${data.workflow}${data.job ? `, job ${data.job}` : ''}: it is not known ${reasons.slice(0, 5).join('; ')}${reasons.length > 5 ? ` and ${reasons.length - 5} more` : ''}`,
  }
}

/** `read-all` and `write-all` are all scopes; nothing written is what the settings give, which is judged elsewhere. */
function grantedBy({ data }: Block): Scopes {
  if (data.form === 'map')
    return new Map((data.permissions ?? []).map(needOf).map(({ scopes, access }) => [scopes.join('|'), access]))
  const access = data.form === 'write-all' ? 'write' : data.form === 'read-all' ? 'read' : undefined
  return new Map(access ? TOKEN_SCOPES.map((scope) => [scope, access]) : [])
}

const lines = (scopes: Scopes) => [...scopes].map(([scope, access]) => `${scope}: ${access}`)

interface Words {
  readonly excess: readonly string[]
  readonly misplaced: readonly string[]
  readonly excessive: boolean | typeof UNKNOWN
  /** Of several jobs, where it is open which of them need it. */
  readonly shared: readonly string[]
  readonly text: string
}

function wordsFor(granted: Scopes, judged: readonly Judged[], shared: boolean): Words {
  const excess: string[] = []
  const misplaced: string[] = []
  /** Rights by what is said of them. */
  const parts = new Map<string, string[]>()
  const say = (right: string, what: string) => parts.set(what, [...(parts.get(what) ?? []), right])
  let written = false
  for (const [scope, access] of granted) {
    const without = judged.filter(({ excess: each }) => each.certain.some((one) => one.scope === scope))
    if (without.length === 0) continue
    written ||= access === 'write'
    const [first] = without
    const enough = first?.excess.certain.find((one) => one.scope === scope)?.enough
    const hint = access === 'write' && enough === 'read' ? ' (reading is enough)' : ''
    if (without.length === judged.length) {
      excess.push(`${scope}: ${access}`)
      if (access === 'write') say(`${scope}: ${access}`, `which no step needs${hint}`)
    } else if (access === 'write') {
      misplaced.push(`${scope}: ${access}`)
      say(`${scope}: ${access}`, `which ${jobNames(without.map(({ job }) => job))} not need${hint}`)
    }
  }
  const several = shared && judged.length > 1
  const unclear = several ? sharedOf(granted, judged) : []
  if (parts.size === 0) for (const right of unclear) say(right, 'which some of them may not need')
  const open = judged.some(({ excess: each }) => each.open.length > 0)
  const said = [...parts].map(([what, rights]) => `${inWords(rights)}, ${what}`)
  return {
    excess,
    misplaced,
    excessive: written ? true : open ? UNKNOWN : false,
    shared: unclear,
    text: `${several ? `all its ${judged.length} jobs` : `job ${judged[0]?.job}`} ${said.join('; ')}`,
  }
}

/** Write access that a workflow gives to several jobs, of which it is not known for each that it needs it. */
function sharedOf(granted: Scopes, judged: readonly Judged[]): string[] {
  return [...granted]
    .filter(([scope, access]) => access === 'write' && judged.some(({ excess }) => excess.open.includes(scope)))
    .map(([scope, access]) => `${scope}: ${access}`)
}

function inWords(names: readonly string[]): string {
  return names.length === 1 ? `${names[0]}` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function jobNames(jobs: readonly string[]): string {
  if (jobs.length === 1) return `${jobs[0]} does`
  return jobs.length <= 4 ? `${inWords(jobs)} do` : `${jobs.slice(0, 3).join(', ')} and ${jobs.length - 3} more do`
}

/** The blocks to write: what all jobs need for the workflow, and its own for each job that needs more. */
function editsFor(block: Block, judged: readonly Judged[]): BlockEdit[] | undefined {
  const all = judged.map(({ smallest }) => smallest)
  if (!all.every((each) => each !== undefined)) return undefined
  const [only] = all
  if (judged.length === 1) return only ? [{ block, scopes: only }] : undefined
  const shared = commonOf(all)
  const more = judged.filter(({ smallest }) => smallest && !isWithin(smallest, shared))
  // The same for all of them.
  if (more.length === 0) return [{ block, scopes: shared }]
  return [{ block, scopes: shared }, ...more.map((each) => ({ block: each.block, scopes: each.smallest ?? new Map() }))]
}
