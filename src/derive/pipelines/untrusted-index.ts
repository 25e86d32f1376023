import type { PipelineFile } from './untrusted-files.ts'

/** What a fact of a pipeline says of its place. */
interface Placed {
  readonly data: { readonly job?: string; readonly step?: string }
}

/** Lists of a file are looked at for each of its thousands of places: each is put in order once. */
const byJob = new WeakMap<readonly Placed[], Map<string, Placed[]>>()
const byStep = new WeakMap<readonly Placed[], Map<string, Placed[]>>()
const positions = new WeakMap<readonly Placed[], Map<string, number>>()

/** Those of a job; `''` is the file itself, or a composite action. */
export function ofJob<F extends Placed>(list: readonly F[], job: string): readonly F[] {
  return (indexOf(byJob, list, ({ data }) => data.job ?? '').get(job) as F[] | undefined) ?? []
}

/** Those of a step; `''` is the job itself. */
export function ofStep<F extends Placed>(list: readonly F[], job: string, step: string): readonly F[] {
  const index = indexOf(byStep, list, ({ data }) => keyOf(data.job ?? '', data.step ?? ''))
  return (index.get(keyOf(job, step)) as F[] | undefined) ?? []
}

/** Where a step stands in its job; -1 for none. */
export function positionOf(file: PipelineFile, job: string, step: string): number {
  let known = positions.get(file.steps)
  if (!known) {
    known = new Map()
    const counts = new Map<string, number>()
    for (const { data } of file.steps) {
      const count = counts.get(data.job ?? '') ?? 0
      counts.set(data.job ?? '', count + 1)
      const key = keyOf(data.job ?? '', data.step ?? '')
      if (!known.has(key)) known.set(key, count)
    }
    positions.set(file.steps, known)
  }
  return known.get(keyOf(job, step)) ?? -1
}

/** The action that a step uses; empty for a script. */
export function actionOf(file: PipelineFile, job: string, step: string): string {
  return ofStep(file.steps, job, step)[0]?.data.action ?? ''
}

function keyOf(job: string, step: string): string {
  return `${job}\0${step}`
}

function indexOf(
  indexes: WeakMap<readonly Placed[], Map<string, Placed[]>>,
  list: readonly Placed[],
  key: (fact: Placed) => string,
): Map<string, Placed[]> {
  const known = indexes.get(list)
  if (known) return known
  const index = new Map<string, Placed[]>()
  for (const each of list) {
    const entry = index.get(key(each))
    if (entry) entry.push(each)
    else index.set(key(each), [each])
  }
  indexes.set(list, index)
  return index
}
