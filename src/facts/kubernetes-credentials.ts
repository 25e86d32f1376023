import { factKind } from '../model.ts'

/** Whom a leaked credential of Kubernetes signs in as, read from the credential itself. No value of a secret is in it. */
export const secretKubernetesCredential = factKind({
  kind: 'secret.kubernetes-credential',
  meaning: 'Whom a credential of Kubernetes that was found in files or history signs in as.',
  identity: ['digest'],
  hidden: ['digest'],
  derivedFrom: ['secret.match'],
  fields: {
    digest: ['string', 'The digest of the secret, as in secret.match', '00'],
    rule: ['string', 'Id of the rule that recognised it', 'secrets/kubernetes-service-account-token'],
    path: ['string', 'File of the first occurrence', 'deploy/kubeconfig'],
    type: ['string', 'service-account-token, client-certificate, token or password', 'service-account-token'],
    what: ['string', 'The same in words', 'token of ServiceAccount shop/web'],
    user: ['string', 'User name in the cluster', 'system:serviceaccount:shop:web'],
    groups: [
      'list<string>',
      'Groups in the cluster, as the credential says',
      ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
    ],
    account: ['string', 'NAMESPACE/NAME of the service account; empty if it is none’s', 'shop/web'],
    issuer: ['string', 'Issuer: claim iss of a token, name of the CA of a certificate; empty if it does not tell', ''],
    audiences: ['list<string>', 'Audiences of a token', []],
    expires: ['string', 'When it ends, YYYY-MM-DDThh:mm:ssZ; empty if never', ''],
    expired: ['bool', 'Whether it has ended', false],
    tokenSecret: ['string', 'NAMESPACE/NAME of the Secret that a legacy token comes from; empty for others', ''],
    server: ['string', 'Address of the API server that the same kubeconfig names; empty if none', ''],
    clusterName: ['string', 'Name of the cluster in that kubeconfig; empty if none', ''],
    inTree: ['bool', 'Whether it is in the working tree; false: in history only', true],
  },
})

/** Derived: what a leaked credential opens in an audited cluster. */
export const k8sCredentialRights = factKind({
  kind: 'k8s.credential-rights',
  meaning: 'What a leaked credential of Kubernetes may do in an audited cluster.',
  identity: ['cluster', 'credential'],
  hidden: ['digest'],
  derivedFrom: ['k8s.role', 'k8s.role-rule', 'k8s.binding', 'k8s.subject', 'k8s.service-account'],
  fields: {
    digest: ['string', 'The digest of the secret, as in secret.match', '00'],
    credential: ['string', 'Whom it signs in as: user name', 'system:serviceaccount:shop:web'],
    cluster: ['string', 'The cluster by its name in kubeconfig; - for manifests and dumps', '-'],
    subject: ['string', 'NAMESPACE/NAME of a service account, else the name of the user or group', 'shop/web'],
    level: ['string', 'admin (or can become it), dangerous, few (rights that are not), or none', 'admin'],
    because: ['string', 'Why, as the end of a sentence', 'is administrator of the cluster by ClusterRoleBinding web'],
    cloud: ['string', 'What it reaches in a cloud, after a semicolon; empty if nothing is known', ''],
    ended: ['string', 'Why it does not work any more, in brackets with a blank before it; empty if nothing tells', ''],
    works: ['bool', 'Whether nothing tells that it does not work any more', true],
    assumptions: ['list<string>', 'What the judgement rests on that this run does not see', []],
  },
})

/** A request for a client certificate. Source: certificates.k8s.io/v1 CertificateSigningRequest. */
export const k8sCertificateRequest = factKind({
  kind: 'k8s.certificate-request',
  meaning: 'A CertificateSigningRequest, and whom its certificate signs in as.',
  identity: ['cluster', 'name'],
  fields: {
    cluster: ['string', 'The cluster by its name in kubeconfig; - for manifests and dumps', '-'],
    name: ['string', 'Name', 'jane'],
    user: ['string', 'Common name of the certificate, which is the user name', 'jane'],
    groups: ['list<string>', 'Organisations of the certificate, which are the groups', ['system:masters']],
    signer: ['string', 'spec.signerName', 'kubernetes.io/kube-apiserver-client'],
    state: ['string', 'approved, denied, failed or pending; declared in manifests', 'approved'],
    expires: ['string', 'When the issued certificate ends, YYYY-MM-DDThh:mm:ssZ; empty if none was issued', ''],
    source: ['string', 'Where it was read: file (a manifest), dump or cluster', 'cluster'],
  },
})

/** Derived: a credential of the group that no RBAC holds back. */
export const k8sMastersCredential = factKind({
  kind: 'k8s.masters-credential',
  meaning: 'A client certificate of the group system:masters, which no RBAC holds back and nobody can revoke.',
  identity: ['credential'],
  derivedFrom: ['secret.match', 'k8s.certificate-request'],
  fields: {
    credential: [
      'string',
      'Which: KIND NAME of an object, or PATH: USER of a kubeconfig',
      'admin.conf: kubernetes-admin',
    ],
    masters: ['bool', 'Whether it is of system:masters', true],
    user: ['string', 'User name in the cluster', 'kubernetes-admin'],
    what: ['string', 'What it is, as the beginning of a sentence', 'deploy/admin.conf holds a client certificate'],
    expires: ['string', 'When it ends; empty if not known', ''],
    ended: ['string', 'Why it does not work any more, in brackets with a blank before it; empty if nothing tells', ''],
    works: ['bool', 'Whether nothing tells that it does not work any more', true],
  },
})
