import { UNKNOWN } from '../../model.ts'
import { meshMarks } from './namespace.ts'
import { record, text } from './objects.ts'

type Json = Readonly<Record<string, unknown>>

/** What network policies and meshes see of a workload's pods. */
export function podMarks(metadata: Json | undefined, spec: Json | undefined) {
  const labels = Object.entries(record(metadata?.labels) ?? {}).map(([key, value]) => `${key}=${text(value) ?? ''}`)
  // A label that is still a template may be any.
  const isTemplate = JSON.stringify(metadata?.labels ?? null).includes('{{')
  return {
    podLabels: (isTemplate ? UNKNOWN : labels) as string[] | typeof UNKNOWN,
    meshMarks: [...meshMarks(record(metadata?.labels)), ...meshMarks(record(metadata?.annotations))],
    hostNetwork: spec?.hostNetwork === true,
  }
}
