import { ciPermissionBlock } from '../../facts/pipeline-rights.ts'
import { type Fact, fact } from '../../model.ts'
import { entryOf, type ValueNode } from '../../sources/value-node.ts'
import type { Permissions } from './workflow.ts'
import type { ActionsFile, ActionsReader, WorkflowFile } from './workflow-file.ts'

/** Lines shown around a block, as unified diffs do. */
const AROUND = 3

/** The `permissions:` of a workflow and of each of its jobs, also where none are written: where they would stand. */
export const permissionReader: ActionsReader = {
  emits: [ciPermissionBlock],
  *read(file: ActionsFile) {
    if (file.form !== 'workflow') return
    const { workflow } = file
    const lines = file.source.text.split('\n')
    yield blockFact(file, lines, {
      job: '',
      permissions: workflow.permissions,
      owner: workflow.node,
      keyStart: undefined,
    })
    for (const { id, permissions, node, keyStart } of workflow.jobs)
      yield blockFact(file, lines, { job: id, permissions, owner: node, keyStart })
  },
}

interface Place {
  readonly job: string
  readonly permissions: Permissions
  readonly owner: ValueNode
  /** Of the job's key. */
  readonly keyStart: number | undefined
}

function blockFact({ source }: WorkflowFile, all: readonly string[], place: Place): Fact {
  const { job, permissions, owner, keyStart } = place
  const lineOf = (offset: number) => source.line(offset)
  const span =
    permissions.form === 'absent' ? placeOf(owner, keyStart, lineOf) : spanOf(permissions, lineOf, source.text)
  const { line, count, indent } = span ?? { line: 0, count: 0, indent: 0 }
  const from = line - 1
  const key = permissions.form === 'absent' ? (keyStart ?? entryOf(owner, 'jobs')?.keyStart ?? 0) : permissions.keyStart
  return fact(ciPermissionBlock, source.scope, source.location(key, key), {
    workflow: source.path,
    job,
    form: permissions.form,
    permissions:
      permissions.form === 'map' ? [...permissions.scopes].map(([scope, access]) => `${scope}: ${access}`) : [],
    line,
    lines: span ? all.slice(from, from + count) : [],
    before: span ? all.slice(Math.max(0, from - AROUND), from) : [],
    after: span ? withoutLast(all).slice(from + count, from + count + AROUND) : [],
    indent,
  })
}

/** A text that ends with a line end has no line behind it. */
function withoutLast(lines: readonly string[]): readonly string[] {
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

type Span = { line: number; count: number; indent: number }

/** The lines of a written block; undefined where its value stands elsewhere (an alias), or shares a line with other things. */
function spanOf(
  { node, keyStart }: Exclude<Permissions, { form: 'absent' }>,
  lineOf: (offset: number) => number,
  text: string,
): Span | undefined {
  if (node.start < keyStart) return undefined
  const line = lineOf(keyStart)
  const last = node.type === 'plain' ? line : Math.max(line, lineOf(endOf(node, text) - 1))
  return { line, count: last - line + 1, indent: indentOf(keyStart, lineOf) }
}

/** A map of blocks ends with its last value, whatever comments stand behind it. */
function endOf(node: ValueNode, text: string): number {
  if (node.type !== 'map' || text[node.start] === '{') return node.end
  return Math.max(...node.entries.map(({ value }) => value.end), node.start + 1)
}

/** Where a block would stand: before the first key of a job, before `jobs:` of a workflow. */
function placeOf(owner: ValueNode, keyStart: number | undefined, lineOf: (offset: number) => number): Span | undefined {
  if (owner.type !== 'map') return undefined
  const next = keyStart === undefined ? entryOf(owner, 'jobs') : owner.entries[0]
  if (!next || next.keyStart < (keyStart ?? 0)) return undefined
  const line = lineOf(next.keyStart)
  // A job that is written on one line.
  if (keyStart !== undefined && lineOf(keyStart) === line) return undefined
  return { line, count: 0, indent: indentOf(next.keyStart, lineOf) }
}

/** Columns of a key are its indent: keys of blocks stand first in their lines. */
function indentOf(keyStart: number, lineOf: (offset: number) => number): number {
  let indent = 0
  for (let at = keyStart; at > 0 && lineOf(at - 1) === lineOf(keyStart); at--) indent++
  return indent
}
