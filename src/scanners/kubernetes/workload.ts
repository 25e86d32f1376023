import { k8sWorkload } from '../../facts/kubernetes.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import { readHeader } from './header.ts'
import {
  boolText,
  type Header,
  type KubernetesObject,
  list,
  type ObjectKind,
  type Origin,
  record,
  scopeOf,
  text,
} from './objects.ts'
import { podMarks } from './pod-marks.ts'

/** Pods of these owners are not facts of their own: the owner is. */
const OWNERS = new Set([
  'ReplicaSet',
  'ReplicationController',
  'Deployment',
  'DaemonSet',
  'StatefulSet',
  'Job',
  'CronJob',
])

/** A pod or what makes pods; nothing if another object makes it. */
function parseWorkload(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact[] {
  const { kind, namespace, name, namespaceGiven } = header
  if (list(record(object.value.metadata)?.ownerReferences).some(isController)) return []
  const spec = podSpec(object)
  // A manifest without an image is a patch for another one (Kustomize): it does not say what the workload is.
  if (!list(spec?.containers).some((container) => text(record(container)?.image))) return []
  const account = text(spec?.serviceAccountName) || text(spec?.serviceAccount) || 'default'
  const data = {
    cluster,
    workload: `${kind} ${namespace}/${name}`,
    workloadKind: kind,
    namespace,
    name,
    account: `${namespace}/${account}`,
    automount: boolText(spec?.automountServiceAccountToken),
    projectedToken: list(spec?.volumes).some(projectsToken),
    ...podMarks(podMetadata(object), spec),
    namespaceGiven,
    source,
  }
  return [fact(k8sWorkload, scopeOf(cluster, namespace), object.at(), data)]
}

/** Where resources of extensions (Prometheus, Workflow, Rollout, …) name the account of the pods that they make. */
const ACCOUNT_PATHS = [[], ['template', 'spec'], ['podTemplate', 'spec'], ['jobTemplate', 'spec', 'template', 'spec']]

/**
 * An extension's resource whose manifest names a service account: it makes pods, though not by itself. In a cluster the pods
 * are there to be seen. Undefined if it names none.
 */
export function parseCustomWorkload(object: KubernetesObject, { cluster, source }: Origin): Fact | undefined {
  const specs = ACCOUNT_PATHS.map((path) => path.reduce((part, key) => record(part?.[key]), record(object.value.spec)))
  const spec = specs.find((each) => typeof each?.serviceAccountName === 'string')
  const account = text(spec?.serviceAccountName)
  if (!account || !text(record(object.value.metadata)?.name)) return undefined
  const { kind, namespace, name, namespaceGiven } = readHeader(object)
  return fact(k8sWorkload, scopeOf(cluster, namespace), object.at(), {
    cluster,
    workload: `${kind} ${namespace}/${name}`,
    workloadKind: kind,
    namespace,
    name,
    account: `${namespace}/${account}`,
    automount: boolText(spec?.automountServiceAccountToken),
    projectedToken: false,
    // Its operator gives the pods their labels.
    podLabels: UNKNOWN,
    meshMarks: [],
    hostNetwork: false,
    nodeAccess: false,
    namespaceGiven,
    source,
  })
}

function isController(reference: unknown): boolean {
  const owner = record(reference)
  return owner?.controller === true && OWNERS.has(String(owner.kind))
}

function podSpec(object: KubernetesObject): Readonly<Record<string, unknown>> | undefined {
  return object.kind === 'Pod' ? record(object.value.spec) : record(podTemplate(object)?.spec)
}

function podMetadata(object: KubernetesObject): Readonly<Record<string, unknown>> | undefined {
  return record((object.kind === 'Pod' ? object.value : podTemplate(object))?.metadata)
}

function podTemplate(object: KubernetesObject): Readonly<Record<string, unknown>> | undefined {
  const spec = record(object.value.spec)
  const job = object.kind === 'CronJob' ? record(record(spec?.jobTemplate)?.spec) : spec
  return record(job?.template)
}

/**
 * A volume with a token that the manifest asks for itself. The admission plugin adds one of its own to each pod unless
 * automounting is off; that one has a name by which it is known.
 */
function projectsToken(value: unknown): boolean {
  const volume = record(value)
  if (text(volume?.name)?.startsWith('kube-api-access-')) return false
  return list(record(volume?.projected)?.sources).some((source) => record(source)?.serviceAccountToken)
}

const workload = (kind: string, resource: string, ...groups: string[]): ObjectKind => ({
  kind,
  groups,
  resource,
  emits: [k8sWorkload],
  parse: parseWorkload,
})

/** Pods and what makes them. */
export const WORKLOAD_KINDS: readonly ObjectKind[] = [
  workload('Pod', 'pods', ''),
  workload('ReplicationController', 'replicationcontrollers', ''),
  workload('Deployment', 'deployments', 'apps', 'extensions'),
  workload('DaemonSet', 'daemonsets', 'apps', 'extensions'),
  workload('StatefulSet', 'statefulsets', 'apps'),
  workload('ReplicaSet', 'replicasets', 'apps', 'extensions'),
  workload('Job', 'jobs', 'batch'),
  workload('CronJob', 'cronjobs', 'batch'),
]
