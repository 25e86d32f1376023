import { factKind } from '../model.ts'

/** Something that runs with a role. Source: Terraform, OpenTofu and CloudFormation. */
export const iamWorkload = factKind({
  kind: 'iam.workload',
  meaning: 'A workload of AWS that configuration gives a role: a function, a task, an instance, a pod, a job.',
  identity: ['id'],
  fields: {
    id: ['string', '`file:PATH#ADDRESS`', 'file:main.tf#aws_lambda_function.api'],
    type: ['string', 'Type of the resource as the file calls it', 'aws_lambda_function'],
    service: ['string', 'The service that assumes the role', 'lambda'],
    name: ['string', 'How people call the workload', 'api'],
    roleId: ['string', 'The role: its ARN, or `file:PATH#ADDRESS`', 'file:main.tf#aws_iam_role.app'],
  },
})

/** Derived: a role that several workloads run with, and how far these have to do with each other. */
export const iamSharedRole = factKind({
  kind: 'iam.shared-role',
  meaning: 'A role with which several workloads run.',
  identity: ['role'],
  derivedFrom: ['iam.workload'],
  fields: {
    role: ['string', 'The role, as in iam.workload', 'file:main.tf#aws_iam_role.app'],
    roleName: ['string', 'How people call it', 'app'],
    workloads: ['list<string>', 'The workloads, as SERVICE NAME', ['ec2 web', 'lambda mail']],
    services: ['list<string>', 'Their services', ['ec2', 'lambda']],
    related: ['bool', 'Whether all belong to one service of AWS and their names begin with the same word', false],
  },
})
