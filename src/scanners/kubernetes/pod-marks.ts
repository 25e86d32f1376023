import { UNKNOWN } from '../../model.ts'
import { meshMarks } from './namespace.ts'
import { record, records, text } from './objects.ts'

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
    nodeAccess: hasNodeAccess(spec),
  }
}

/** What the level `baseline` of the pod security standards refuses first. */
function hasNodeAccess(spec: Json | undefined): boolean {
  if (spec?.hostNetwork === true || spec?.hostPID === true || spec?.hostIPC === true) return true
  if (records(spec?.volumes).some((volume) => volume.hostPath)) return true
  const containers = [...records(spec?.containers), ...records(spec?.initContainers)]
  return containers.some((container) => record(container.securityContext)?.privileged === true)
}
