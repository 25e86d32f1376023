import { factKind } from '../model.ts'
import { cluster, source } from './kubernetes-fields.ts'

// A cluster has two names: `cluster` is that of kubeconfig (`-` for manifests and dumps), `cloudCluster` that of its cloud. Which
// belongs to which is derived, see docs/kubernetes-cloud.md; one of the two is empty in what only one side says.

const cloudCluster = [
  'string',
  'Name of the cluster in its cloud; empty if an object of the cluster says it',
  '',
] as const

/**
 * That an account of a cluster may take an identity of a cloud, as one side says it: the annotation of the account, or an
 * association of the cloud. The identity's own trust is not heeded here.
 */
export const k8sCloudIdentity = factKind({
  kind: 'k8s.cloud-identity',
  meaning: 'That a service account is meant to take an identity of a cloud, as the account or the cloud says.',
  identity: ['cluster', 'cloudCluster', 'account', 'identity', 'via'],
  fields: {
    cluster,
    cloudCluster,
    account: ['string', 'NAMESPACE/NAME of the service account', 'shop/web'],
    provider: ['string', 'aws, gcp or azure', 'aws'],
    identity: [
      'string',
      'ARN of the role or its `file:PATH#ADDRESS`, email of the Google service account, Azure client id',
      'arn:aws:iam::123456789012:role/app',
    ],
    via: ['string', 'annotation, pod-identity or workload-identity', 'annotation'],
    through: [
      'string',
      'Role that Pod Identity assumes first, where a target role is set (targetRoleArn): the account gets the target alone; else empty',
      '',
    ],
    source,
  },
})

/** Derived: an identity of a cloud that an account gets, both sides heeded, and whether it is privileged there. */
export const k8sCloudAccess = factKind({
  kind: 'k8s.cloud-access',
  meaning: 'An identity of a cloud that a service account can take, both sides heeded, and what it amounts to there.',
  identity: ['cluster', 'reach', 'identity'],
  derivedFrom: ['k8s.cloud-identity', 'k8s.service-account'],
  fields: {
    cluster,
    account: ['string', 'NAMESPACE/NAME of the service account', 'shop/web'],
    reach: [
      'string',
      'Which accounts can take it: NAMESPACE/NAME, NAMESPACE/* or */* (a trust that names no account)',
      'shop/web',
    ],
    provider: ['string', 'aws, gcp or azure', 'aws'],
    identity: [
      'string',
      'As in k8s.cloud-identity; a role of the files by its id',
      'arn:aws:iam::123456789012:role/app',
    ],
    identityName: ['string', 'How people call it, with what it is', 'AWS role app'],
    via: ['string', 'annotation, pod-identity, workload-identity, or trust', 'annotation'],
    how: ['string', 'How it gets there, between two arrows of a chain', 'ServiceAccount shop/web'],
    trusted: ['bool', 'Whether the identity lets the account in', true],
    privileged: ['bool', 'Whether the identity is administrator in its cloud, or can become it', true],
    because: ['string', 'Why, as the end of a sentence', 'is administrator by AdministratorAccess'],
    policy: [
      'string',
      'The document that makes it so; empty if it is not',
      'arn:aws:iam::aws:policy/AdministratorAccess',
    ],
    assumptions: ['list<string>', 'What the judgement rests on that this run does not see', []],
    source,
  },
})

/** A wide role of Google Cloud that configuration gives a service account. Source: Terraform `google_project_iam_member` and its kin. */
export const gcpGrant = factKind({
  kind: 'gcp.grant',
  meaning: 'A role of Google Cloud that reaches everything, given to an identity on a project, folder or organisation.',
  identity: ['identity', 'role', 'on'],
  fields: {
    identity: ['string', 'As in k8s.cloud-identity: email, or `file:PATH#ADDRESS`', 'app@shop.iam.gserviceaccount.com'],
    role: ['string', 'The role', 'roles/owner'],
    on: ['string', 'project, folder or organization', 'project'],
    path: ['string', 'The file', 'main.tf'],
  },
})

/** A cluster of EKS. Source: EKS DescribeCluster; Terraform `aws_eks_cluster`, CloudFormation `AWS::EKS::Cluster`. */
export const eksCluster = factKind({
  kind: 'eks.cluster',
  meaning: 'A cluster of Amazon EKS, and how its identities of AWS get in.',
  identity: ['id'],
  fields: {
    id: ['string', 'ARN, or `file:PATH#ADDRESS`', 'arn:aws:eks:eu-west-1:123456789012:cluster/prod'],
    name: ['string', 'Name', 'prod'],
    endpoint: ['string', 'https address of its API server; empty in files', ''],
    issuer: ['string', 'Host and path of the issuer of its tokens; empty in files', ''],
    authenticationMode: ['string', 'CONFIG_MAP, API_AND_CONFIG_MAP or API', 'API'],
    creatorIsAdmin: [
      'bool',
      'Whether whoever created it was made administrator (bootstrapClusterCreatorAdminPermissions)',
      false,
    ],
  },
})

/** Somebody of a cloud who is let into a cluster outside RBAC. Source: ConfigMap kube-system/aws-auth; access entries of EKS. */
export const k8sClusterAccess = factKind({
  kind: 'k8s.cluster-access',
  meaning: 'An identity of AWS that is let into a cluster by the ConfigMap aws-auth or an access entry of EKS.',
  identity: ['cluster', 'cloudCluster', 'principal', 'via'],
  fields: {
    cluster,
    cloudCluster,
    principal: [
      'string',
      'ARN of the role or user, or its `file:PATH#ADDRESS`; for a whole account its number',
      'arn:aws:iam::123456789012:role/app',
    ],
    via: ['string', 'aws-auth, access-entry, or creator (who created the cluster)', 'aws-auth'],
    username: ['string', 'User name in the cluster; empty if none is given', ''],
    groups: ['list<string>', 'Groups in the cluster', ['system:masters']],
    policies: ['list<string>', 'Access policies of EKS as NAME, or NAME in NAMESPACE,…', []],
    type: ['string', 'Type of the access entry (STANDARD, EC2_LINUX, …); empty for others', ''],
    declaration: [
      'string',
      'What declares it: `file:PATH#ADDRESS`, or the object; with the entry, if it has several',
      'file:main.tf#aws_eks_access_entry.app',
    ],
    source,
  },
})

/** Derived: who of a cloud is administrator of a cluster. */
export const k8sClusterAdmin = factKind({
  kind: 'k8s.cluster-admin',
  meaning: 'An identity of AWS that is administrator of a cluster through aws-auth or an access entry.',
  identity: ['cluster', 'cloudCluster', 'principal', 'via'],
  derivedFrom: ['k8s.cluster-access'],
  fields: {
    cluster,
    cloudCluster,
    clusterName: ['string', 'How people call the cluster, with that word', 'cluster prod'],
    principal: [
      'string',
      'As in k8s.cluster-access; what declares it, if only a run knows who it is',
      'arn:aws:iam::123456789012:role/app',
    ],
    principalName: ['string', 'How people call it: KIND NAME, or that only a run knows', 'role app'],
    via: ['string', 'aws-auth, access-entry or creator', 'aws-auth'],
    admin: ['bool', 'Whether it is administrator of the cluster', true],
    how: ['string', 'By what, as the end of a sentence', 'by the group system:masters in aws-auth'],
    where: ['string', 'empty for the whole cluster, else where, with a blank before it', ''],
    clusterWide: ['bool', 'Whether it is so in the whole cluster', true],
    expected: ['string', 'Why an administrator is expected here: sso, break-glass, or empty', ''],
    standing: [
      'string',
      'What it is in AWS, in brackets with a blank before it; empty if nothing is known',
      ' (not administrator in AWS)',
    ],
    source,
  },
})
