/**
 * For whom a projected service account token is. The API server takes tokens whose audience is one of its own: by default its
 * issuer's URL, which clouds set to an address of theirs.
 * Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#serviceaccount-token-volume-projection
 * and kube-apiserver's --api-audiences, --service-account-issuer.
 */
const OF_API_SERVERS = [
  /^$/,
  /^(?:https:\/\/)?kubernetes(?:\.default(?:\.svc(?:\.[a-z0-9.-]+)?)?)?(?::\d+)?\/?$/,
  /^(?:api|kubernetes\/serviceaccount)$/,
  /^https:\/\/oidc\.eks\./,
  /^https:\/\/container\.googleapis\.com\/v1\/projects\//,
  /^https:\/\/[^/]+\.azmk8s\.io(?:[:/]|$)/,
  /^https:\/\/[a-z0-9-]+\.oic\.prod-aks\.azure\.com\//,
]
/** Services that take such tokens, by the audience that their documentation names. */
const OF_OTHERS = [
  /^sts\.amazonaws\.com(?:\.cn)?$/,
  /^pods\.eks\.amazonaws\.com$/,
  /^api:\/\/azureadtokenexchange/i,
  /\.svc\.id\.goog$/,
  /^(?:https:)?\/\/iam\.googleapis\.com\//,
  /^(?:istio-ca|identity\.l5d\.io|vault|spire-server|conjur|consul|nats|sigstore|openbao)$/,
]

/** Whether a token with this audience is one for the API server; undefined where it cannot be told from the name. */
export function isApiServerAudience(audience: string): boolean | undefined {
  if (OF_API_SERVERS.some((pattern) => pattern.test(audience))) return true
  if (OF_OTHERS.some((pattern) => pattern.test(audience))) return false
  // An issuer of one's own is an URL; a plain word is somebody's name.
  return /^https?:\/\//.test(audience) ? undefined : false
}
