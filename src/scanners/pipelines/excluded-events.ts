import { Binary, type Expr, FunctionCall, Grouping, Literal, Logical, Unary } from '@actions/expressions/ast'
import { ciExcludedEvent } from '../../facts/pipeline-cloud.ts'
import { fact } from '../../model.ts'
import { WORKFLOW_EVENTS } from '../../reference/workflow-events.ts'
import { isFromBranchOnly } from '../../reference/workflow-subjects.ts'
import { conditionOf, referencesOf } from '../../sources/github-expressions.ts'
import { eventsOf, writtenCondition } from './structure.ts'
import type { ActionsReader } from './workflow-file.ts'

type Tri = boolean | 'unknown'

/** Events under which the condition of a job never holds, whoever caused them. */
export const excludedEventReader: ActionsReader = {
  emits: [ciExcludedEvent],
  *read(file) {
    if (file.form !== 'workflow') return
    const { source, workflow } = file
    const own = eventsOf(workflow)
    // In what others call, the event is the caller's.
    const events = own.includes('workflow_call') ? new Set([...WORKFLOW_EVENTS.keys(), ...own]) : own
    for (const { id, condition } of workflow.jobs) {
      const tree = conditionOf(writtenCondition(condition))?.tree
      if (!tree || !condition) continue
      for (const event of events) {
        if (truthOf(tree, event) !== false) continue
        const at = source.location(condition.start, condition.end)
        yield fact(ciExcludedEvent, source.scope, at, { workflow: source.path, job: id, event })
      }
    }
  },
}

/** What a condition comes to for all runs of an event; `unknown` where it hangs on anything else. */
function truthOf(node: Expr, event: string): Tri {
  if (node instanceof Grouping) return truthOf(node.group, event)
  if (node instanceof Unary) return not(truthOf(node.expr, event))
  if (node instanceof Logical) {
    const parts = node.args.map((arg) => truthOf(arg, event))
    const decides = node.operator.lexeme !== '&&'
    return parts.includes(decides) ? decides : parts.includes('unknown') ? 'unknown' : !decides
  }
  if (node instanceof Binary) return compared(node, event)
  if (node instanceof FunctionCall) return called(node, event)
  const value = textUnder(node, event)
  return value === undefined ? 'unknown' : !['', 'false', '0'].includes(value)
}

function not(truth: Tri): Tri {
  return truth === 'unknown' ? truth : !truth
}

function compared(node: Binary, event: string): Tri {
  const [left, right] = [textUnder(node.left, event), textUnder(node.right, event)]
  const operator = node.operator.lexeme
  if (left === undefined || right === undefined || (operator !== '==' && operator !== '!=')) return 'unknown'
  return (left === right) === (operator === '==')
}

const TEXT_FUNCTIONS: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  startswith: (text, part) => text.startsWith(part),
  endswith: (text, part) => text.endsWith(part),
  contains: (text, part) => text.includes(part),
}

function called({ functionName, args }: FunctionCall, event: string): Tri {
  const test = TEXT_FUNCTIONS[functionName.lexeme.toLowerCase()]
  const [text, part] = args.map((arg) => textUnder(arg, event))
  return !test || text === undefined || part === undefined ? 'unknown' : test(text, part)
}

/** Literals, and what the event decides. GitHub compares texts without regard to case. */
function textUnder(node: Expr, event: string): string | undefined {
  if (node instanceof Grouping) return textUnder(node.group, event)
  if (node instanceof Literal) return node.literal.coerceString().toLowerCase()
  const [reference, ...others] = referencesOf(node)
  if (others.length > 0 || node instanceof FunctionCall || node instanceof Logical || node instanceof Binary)
    return undefined
  if (reference === 'github.event_name') return event
  // The number does not matter: nobody compares with one.
  if (!isFromBranchOnly(event)) return undefined
  if (reference === 'github.ref') return 'refs/pull/1/merge'
  return reference === 'github.ref_type' ? 'branch' : reference === 'github.ref_name' ? '1/merge' : undefined
}
