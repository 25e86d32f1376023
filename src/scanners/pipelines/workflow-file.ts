import type { SourceFile } from '../../sources/source-file.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import type { Reader } from './readers.ts'
import type { Step, Workflow } from './workflow.ts'

/** A file of GitHub Actions that was read. */
export type ActionsFile = WorkflowFile | ActionFile
export interface WorkflowFile {
  readonly form: 'workflow'
  readonly source: SourceFile
  readonly workflow: Workflow
}
/** A composite action. */
export interface ActionFile {
  readonly form: 'action'
  readonly source: SourceFile
  readonly name: string
  readonly node: ValueNode
  readonly steps: readonly Step[]
}

/** Yields facts of one sort from a file of GitHub Actions. */
export type ActionsReader = Reader<ActionsFile>

/** A step with its job; `job` is undefined in a composite action. */
export interface PlacedStep {
  readonly step: Step
  readonly job: Workflow['jobs'][number] | undefined
}

/** All steps of a file. */
export function stepsOf(file: ActionsFile): PlacedStep[] {
  if (file.form === 'action') return file.steps.map((step) => ({ step, job: undefined }))
  return file.workflow.jobs.flatMap((job) => job.steps.map((step) => ({ step, job })))
}
