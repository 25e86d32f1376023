import { ciGate } from '../../facts/pipeline-flow.ts'
import { type Fact, fact } from '../../model.ts'
import { WORKFLOW_EVENTS } from '../../reference/workflow-events.ts'
import { conditionOf } from '../../sources/github-expressions.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { gateOf } from './expressions-gates.ts'
import { eventsOf, writtenCondition } from './structure.ts'
import { type ActionsFile, type ActionsReader, stepsOf } from './workflow-file.ts'

/** Events that strangers cause, and push, whose commit messages they may have written. */
const OUTSIDE = [...WORKFLOW_EVENTS]
  .filter(([event, { by }]) => by === 'anybody' || event === 'push')
  .map(([event]) => event)

/** What conditions let through. One that closes nothing and asks for nothing is not told. */
export const conditionReader: ActionsReader = {
  emits: [ciGate],
  *read(file) {
    const events = eventsAt(file)
    if (file.form === 'workflow')
      for (const job of file.workflow.jobs) yield* gatesOf(file, job.id, '', job.condition, events)
    for (const { step, job } of stepsOf(file)) yield* gatesOf(file, job?.id ?? '', step.label, step.condition, events)
  },
}

/** In what others call, the event is the caller's. */
function eventsAt(file: ActionsFile): readonly string[] {
  if (file.form === 'action') return OUTSIDE
  const own = eventsOf(file.workflow)
  return own.includes('workflow_call') ? [...new Set([...OUTSIDE, ...own])] : own
}

function* gatesOf(
  { source }: ActionsFile,
  job: string,
  step: string,
  condition: ValueNode | undefined,
  events: readonly string[],
): Generator<Fact> {
  if (!condition) return
  const tree = conditionOf(writtenCondition(condition))?.tree
  if (!tree) return
  for (const event of events) {
    const { open, guards, always } = gateOf(tree, event)
    if (open && guards.length === 0 && !always) continue
    yield fact(ciGate, source.scope, source.location(condition.start, condition.end), {
      workflow: source.path,
      job,
      step,
      event,
      open,
      guards,
      always,
      bot: open ? (guards.find((guard) => guard.startsWith('bot:'))?.slice(4) ?? '') : '',
    })
  }
}
