import {
  k8sCertificateRequest,
  k8sMastersCredential,
  secretKubernetesCredential,
} from '../../facts/kubernetes-credentials.ts'
import { type DerivationSettings, type Fact, fact, isFact, UNKNOWN } from '../../model.ts'

const MASTERS = 'system:masters'

/** Client certificates of system:masters, and requests for one that nobody refused. */
export function deriveMastersCredentials(
  facts: readonly Fact[],
  _gaps: unknown,
  { now = new Date() }: DerivationSettings,
): { facts: Fact[]; gaps: [] } {
  return { facts: facts.flatMap((each) => ofFile(each) ?? ofRequest(each, now) ?? []), gaps: [] }
}

function ofFile(each: Fact): Fact | undefined {
  if (!isFact(secretKubernetesCredential, each) || each.data.type !== 'client-certificate') return undefined
  const { user, groups, path, expires, expired } = each.data
  if (groups && !groups.includes(MASTERS)) return undefined
  return fact(k8sMastersCredential, each.scope, each.at, {
    credential: `${path}: ${user ?? 'unknown'}`,
    masters: groups ? true : UNKNOWN,
    user: user ?? UNKNOWN,
    what: `${path} holds a client certificate of ${MASTERS} (user ${user ?? 'unknown'})`,
    expires: expires ?? UNKNOWN,
    ended: expired ? ` (ended ${expires?.slice(0, 10)})` : '',
    works: expired === undefined ? UNKNOWN : !expired,
  })
}

/** A certificate can be had of a request that is approved, now or when somebody applies its manifest. */
function ofRequest(each: Fact, now: Date): Fact | undefined {
  if (!isFact(k8sCertificateRequest, each)) return undefined
  const { name, user, groups, state, expires, signer } = each.data
  if (groups && !groups.includes(MASTERS)) return undefined
  // Certificates of kubelets are for servers, or for nodes alone.
  if (state === 'denied' || state === 'failed' || /kubelet/.test(signer ?? '')) return undefined
  const ended = Boolean(expires) && Date.parse(expires ?? '') < now.getTime()
  return fact(k8sMastersCredential, each.scope, each.at, {
    credential: `CertificateSigningRequest ${name}`,
    masters: groups ? true : UNKNOWN,
    user: user ?? UNKNOWN,
    what: `CertificateSigningRequest ${name} (${state}) asks for a client certificate of ${MASTERS} (user ${user ?? 'unknown'})`,
    expires: expires ?? UNKNOWN,
    ended: ended ? ` (ended ${expires?.slice(0, 10)})` : '',
    works: !ended,
  })
}
