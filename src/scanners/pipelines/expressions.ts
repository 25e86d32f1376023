import { ciExpression, ciInput } from '../../facts/pipeline-flow.ts'
import { type Fact, fact } from '../../model.ts'
import { get, type MapEntry, textOf, type ValueNode } from '../../sources/value-node.ts'
import { placedExpressions } from './expressions-flow.ts'
import { entriesOf, itemsOf, type Job, type Step } from './workflow.ts'
import type { ActionsFile, ActionsReader, WorkflowFile } from './workflow-file.ts'

/** A value and where in the pipeline it belongs. */
interface Value {
  readonly job: string
  readonly step: string
  readonly place: string
  readonly node: ValueNode
}

/** Expressions whose values become part of scripts, variables, inputs and outputs. */
export const expressionReader: ActionsReader = {
  emits: [ciExpression, ciInput],
  *read(file) {
    for (const value of valuesOf(file)) yield* factsOf(file, value)
    if (file.form === 'workflow') yield* inputsOf(file)
  },
}

/** Types whose values GitHub checks. */
const CHECKED = new Set(['boolean', 'number', 'choice', 'environment'])

function* inputsOf({ source, workflow }: WorkflowFile): Generator<Fact> {
  for (const { event, config } of workflow.triggers) {
    if (event !== 'workflow_dispatch' && event !== 'workflow_call') continue
    for (const { key, keyStart, value } of entriesOf(get(config, 'inputs')))
      yield fact(ciInput, source.scope, source.location(keyStart, keyStart + key.length), {
        workflow: source.path,
        trigger: event,
        name: key,
        free: !CHECKED.has(textOf(get(value, 'type')) ?? ''),
      })
  }
}

function* factsOf({ source }: ActionsFile, { job, step, place, node }: Value): Generator<Fact> {
  const seen = new Set<string>()
  for (const { text, references, start, end } of placedExpressions(node)) {
    // Twice in one script is one thing to mend.
    if (seen.has(text)) continue
    seen.add(text)
    yield fact(ciExpression, source.scope, source.location(start, end), {
      workflow: source.path,
      job,
      step,
      place,
      expression: text.replace(/\s+/g, ' '),
      references,
    })
  }
}

function* valuesOf(file: ActionsFile): Generator<Value> {
  if (file.form === 'action') {
    yield* declared(file.node)
    for (const step of file.steps) yield* ofStep(step, '')
    return
  }
  yield* named(file.workflow.env, 'env', '', '')
  for (const { event, config } of file.workflow.triggers) if (event === 'workflow_call') yield* declared(config)
  for (const job of file.workflow.jobs) {
    yield* ofJob(job)
    for (const step of job.steps) yield* ofStep(step, job.id)
  }
}

/** Inputs and outputs of something that others call. */
function* declared(node: ValueNode | undefined): Generator<Value> {
  for (const { key, value } of entriesOf(get(node, 'inputs'))) {
    const preset = get(value, 'default')
    if (preset) yield { job: '', step: '', place: `default.${key}`, node: preset }
  }
  for (const { key, value } of entriesOf(get(node, 'outputs'))) {
    const result = get(value, 'value')
    if (result) yield { job: '', step: '', place: `outputs.${key}`, node: result }
  }
}

function* ofJob(job: Job): Generator<Value> {
  yield* named(job.env, 'env', job.id, '')
  yield* named(job.with, 'with', job.id, '')
  yield* named(entriesOf(get(job.node, 'outputs')), 'outputs', job.id, '')
  const matrix = get(get(job.node, 'strategy'), 'matrix')
  if (matrix) yield* matrixValues(matrix, job.id, 'matrix')
  // The secrets that a called workflow is given.
  yield* named(entriesOf(job.secrets), 'secrets', job.id, '')
}

/** Values of a matrix, by the name under which steps read them. */
function* matrixValues(node: ValueNode, job: string, place: string): Generator<Value> {
  if (node.type === 'string') yield { job, step: '', place, node }
  if (node.type === 'list') for (const item of node.items) yield* matrixValues(item, job, place)
  if (node.type !== 'map') return
  for (const { key, value } of node.entries) {
    if (place === 'matrix' && (key === 'include' || key === 'exclude')) {
      if (key === 'include') for (const item of itemsOf(value)) yield* matrixValues(item, job, 'matrix')
    } else yield* matrixValues(value, job, place === 'matrix' ? `matrix.${key}` : place)
  }
}

function* ofStep(step: Step, job: string): Generator<Value> {
  if (step.run) yield { job, step: step.label, place: 'run', node: step.run }
  yield* named(step.with, 'with', job, step.label)
  yield* named(step.env, 'env', job, step.label)
}

function* named(entries: readonly MapEntry[], what: string, job: string, step: string): Generator<Value> {
  for (const { key, value } of entries) yield { job, step, place: `${what}.${key}`, node: value }
}
