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

const MIRROR = 'kubernetes.io/config.mirror'

/** A pod or what makes pods; nothing if another object makes it. */
function parseWorkload(object: KubernetesObject, header: Header, { cluster, source }: Origin): Fact[] {
  const { kind, namespace, name, namespaceGiven } = header
  if (list(record(object.value.metadata)?.ownerReferences).some(isController)) return []
  // A static pod's mirror: the kubelet runs it from a file, where it can name no account and gets no token.
  if (MIRROR in header.annotations) return []
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
    ...podMarks(podMetadata(object), spec),
    projectedTokens: projectedTokens(spec),
    tokenAgents: tokenAgents(object),
    apps: appsOf(object),
    owner: ownerOf(object),
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
    // Its operator gives the pods their labels.
    podLabels: UNKNOWN,
    meshMarks: [],
    hostNetwork: false,
    nodeAccess: false,
    projectedTokens: [],
    tokenAgents: [],
    apps: appsOf(object),
    owner: ownerOf(object),
    namespaceGiven,
    source,
  })
}

function isController(reference: unknown): boolean {
  const owner = record(reference)
  return owner?.controller === true && OWNERS.has(String(owner.kind))
}

function podSpec(object: KubernetesObject): Json | undefined {
  return object.kind === 'Pod' ? record(object.value.spec) : record(podTemplate(object)?.spec)
}

function podMetadata(object: KubernetesObject): Json | undefined {
  return record((object.kind === 'Pod' ? object.value : podTemplate(object))?.metadata)
}

/** Labels, annotations and spec of the pods that it makes; of a pod undefined. */
function podTemplate(object: KubernetesObject): Json | undefined {
  const spec = record(object.value.spec)
  const job = object.kind === 'CronJob' ? record(record(spec?.jobTemplate)?.spec) : spec
  return record(job?.template)
}

/** What the API server takes for a token that asks for no time of its own, seconds. */
const DEFAULT_SECONDS = 3600

/**
 * Volumes with a token that the manifest asks for itself. The admission plugin adds one of its own to each pod unless
 * automounting is off; that one has a name by which it is known.
 */
function projectedTokens(spec: Json | undefined): string[] {
  const volumes = list(spec?.volumes).map(record)
  const own = volumes.filter((volume) => !text(volume?.name)?.startsWith('kube-api-access-'))
  const sources = own.flatMap((volume) => list(record(volume?.projected)?.sources).map(record))
  const tokens = sources.map((source) => record(source?.serviceAccountToken)).filter((token) => token !== undefined)
  const inWords = (token: Json) => `${text(token.audience) ?? ''}|${text(token.expirationSeconds) ?? DEFAULT_SECONDS}`
  return [...new Set(tokens.map(inWords))].sort()
}

/** Annotations by which a webhook adds an agent that logs in elsewhere with the pod's token. */
const AGENTS: Readonly<Record<string, string>> = {
  'vault.hashicorp.com/agent-inject': 'vault',
  'consul.hashicorp.com/connect-inject': 'consul',
}

function tokenAgents(object: KubernetesObject): string[] {
  const metadata = [object.value, podTemplate(object)].map((each) => record(each?.metadata))
  const annotations = metadata.map((each) => record(each?.annotations))
  return Object.entries(AGENTS).flatMap(([key, agent]) =>
    annotations.some((each) => boolText(each?.[key]) === 'true') ? [agent] : [],
  )
}

/** Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/, and what was usual before. */
const APP_LABELS = ['name', 'instance', 'part-of'].map((name) => `app.kubernetes.io/${name}`)
const OLDER_LABELS = ['app', 'k8s-app', 'release']
const HELM_RELEASE = 'meta.helm.sh/release-name'

function appsOf(object: KubernetesObject): string[] {
  const metadata = [object.value, podTemplate(object)].map((each) => record(each?.metadata))
  const found = metadata.flatMap((each) => {
    const labels = record(each?.labels)
    const annotations = record(each?.annotations)
    return [
      ...[...APP_LABELS, ...OLDER_LABELS].map((key) => [key, text(labels?.[key])]),
      [HELM_RELEASE, text(annotations?.[HELM_RELEASE])],
    ].flatMap(([key, value]) => (value ? [`${key}=${value}`] : []))
  })
  return [...new Set(found)].sort()
}

function ownerOf(object: KubernetesObject): string {
  const owners = list(record(object.value.metadata)?.ownerReferences).map(record)
  const owner = owners.find((each) => each?.controller === true) ?? owners[0]
  return owner ? `${text(owner.kind) ?? ''} ${text(owner.name) ?? ''}` : ''
}

type Json = Readonly<Record<string, unknown>>

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
