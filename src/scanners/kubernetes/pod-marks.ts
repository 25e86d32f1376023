import { UNKNOWN } from '../../model.ts'
import { areLabelsResolved } from '../../reference/kubernetes-labels.ts'
import { labelTexts, meshMarks } from './namespace.ts'
import { record, records } from './objects.ts'

type Json = Readonly<Record<string, unknown>>

/** What network policies and meshes see of a workload's pods. */
export function podMarks(metadata: Json | undefined, spec: Json | undefined) {
  const labels = labelTexts(record(metadata?.labels))
  return {
    // A label that is still a template or a variable may be any.
    podLabels: (areLabelsResolved(labels) ? labels : UNKNOWN) as string[] | typeof UNKNOWN,
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
