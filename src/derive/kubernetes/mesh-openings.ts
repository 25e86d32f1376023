import { k8sMeshAuthorization, k8sMeshOpening } from '../../facts/kubernetes-mesh.ts'
import { type Fact, fact, isFact } from '../../model.ts'
import { ISTIO_ROOT } from './mesh.ts'

type Authorization = Fact<typeof k8sMeshAuthorization>

/** What only other objects refer to. */
const REFERRED = new Set(['NetworkAuthentication', 'MeshTLSAuthentication'])
/** The control planes' own, which have to be reached from nodes. */
const OF_THE_MESH = /^(?:istio-system|linkerd(?:-[\w-]+)?)$/

/** Authorisations that let everybody in, with what those of Linkerd refer to. */
export function deriveMeshOpenings(facts: readonly Fact[]): { facts: Fact[]; gaps: [] } {
  const all = facts.filter((f) => isFact(k8sMeshAuthorization, f))
  const byId = new Map(all.map((each) => [`${each.data.cluster} ${each.data.object}`, each]))
  const derived = all.flatMap((each) => {
    const opening = openingOf(each, byId)
    if (!opening) return []
    const {
      cluster = '',
      object = '',
      objectKind = '',
      mesh = '',
      namespace = '',
      name = '',
      selector = '',
      source = '',
    } = each.data
    return [
      fact(k8sMeshOpening, each.scope, each.at, {
        cluster,
        object,
        objectKind,
        mesh,
        namespace,
        name,
        namespaceGiven: each.data.namespaceGiven ?? true,
        source,
        selector,
        ...opening,
        where: whereOf(each),
        system: OF_THE_MESH.test(namespace) && !(mesh === 'Istio' && selector === ''),
      }),
    ]
  })
  return { facts: derived, gaps: [] }
}

/** Callers must fulfil all that is referred to: each of them has to let everybody in. */
function openingOf(
  { data }: Authorization,
  byId: ReadonlyMap<string, Authorization>,
): { lets: string; how: string } | undefined {
  if (REFERRED.has(data.objectKind ?? '')) return undefined
  if (data.lets) return { lets: data.lets, how: data.how ?? '' }
  const references = (data.references ?? []).map((id) => byId.get(`${data.cluster} ${id}`))
  if (references.length === 0 || references.some((each) => !each?.data.lets)) return undefined
  const lets = references.some((each) => each?.data.lets === 'mesh') ? 'mesh' : 'everybody'
  return { lets, how: references.map((each) => `${each?.data.how} of ${each?.data.object}`).join(', ') }
}

function whereOf({ data }: Authorization): string {
  const { mesh, namespace, selector } = data
  if (selector) return `for ${selector} in namespace ${namespace}`
  return mesh === 'Istio' && namespace === ISTIO_ROOT ? 'in the whole mesh' : `in namespace ${namespace}`
}
