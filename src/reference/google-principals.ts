/** One account of a cluster: its namespace and name. Source: cloud.google.com/kubernetes-engine/docs/concepts/workload-identity#principal-id-examples */
export const GOOGLE_PRINCIPAL =
  /^principal:\/\/iam\.googleapis\.com\/.*\.svc\.id\.goog\/subject\/ns\/([^/]+)\/sa\/([^/]+)$/

/** Every account of a namespace, which is the first group; of a whole cluster, where there is none. Source: as above. */
export const GOOGLE_PRINCIPAL_SET =
  /^principalSet:\/\/iam\.googleapis\.com\/.*\.svc\.id\.goog\/(?:namespace\/([^/]+)|kubernetes\.cluster\/.+)$/
