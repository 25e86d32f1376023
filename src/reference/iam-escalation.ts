import type { EscalationPath } from './iam-escalation-path.ts'
import { PATHFINDING_PATHS } from './iam-escalation-paths.ts'

/** Ways that the services' own manuals show, and pathfinding.cloud does not hold. */
const FURTHER_PATHS: readonly EscalationPath[] = [
  { id: 'zt-default-version', form: 'identity', permissions: ['iam:SetDefaultPolicyVersion'] },
  // The trust policy of a new role may name its maker, who then needs no sts:AssumeRole.
  { id: 'zt-new-role', form: 'identity', permissions: ['iam:CreateRole', 'iam:AttachRolePolicy'] },
  { id: 'zt-new-role-inline', form: 'identity', permissions: ['iam:CreateRole', 'iam:PutRolePolicy'] },
  {
    id: 'zt-new-user',
    form: 'identity',
    permissions: ['iam:CreateUser', 'iam:AttachUserPolicy', 'iam:CreateAccessKey'],
  },
  {
    id: 'zt-new-user-inline',
    form: 'identity',
    permissions: ['iam:CreateUser', 'iam:PutUserPolicy', 'iam:CreateAccessKey'],
  },
  pass('states', ['states:CreateStateMachine', 'states:StartExecution']),
  pass('scheduler', ['scheduler:CreateSchedule']),
  pass('events', ['events:PutRule', 'events:PutTargets']),
  pass('ssm', ['ssm:StartAutomationExecution']),
  pass('elasticmapreduce', ['elasticmapreduce:RunJobFlow'], 'ec2'),
  pass('imagebuilder', ['imagebuilder:CreateInfrastructureConfiguration', 'imagebuilder:CreateImage'], 'ec2'),
  pass('codepipeline', ['codepipeline:CreatePipeline']),
  pass('pods.eks', ['eks:CreatePodIdentityAssociation']),
  pass('batch', ['batch:RegisterJobDefinition', 'batch:SubmitJob'], 'ecs-tasks'),
  {
    id: 'zt-instance-profile',
    form: 'pass',
    permissions: ['iam:PassRole', 'ec2:AssociateIamInstanceProfile'],
    services: ['ec2.amazonaws.com'],
  },
  { id: 'zt-ecs-execute-command', form: 'existing', permissions: ['ecs:ExecuteCommand'] },
  { id: 'zt-lambda-layer', form: 'existing', permissions: ['lambda:UpdateFunctionConfiguration'] },
]

function pass(service: string, permissions: readonly string[], trusted = service): EscalationPath {
  const id = `zt-passrole-${service.replaceAll('.', '-')}`
  return { id, form: 'pass', permissions: ['iam:PassRole', ...permissions], services: [`${trusted}.amazonaws.com`] }
}

export const ESCALATION_PATHS: readonly EscalationPath[] = [...PATHFINDING_PATHS, ...FURTHER_PATHS]

/** Actions that give rights to a principal, and to what kind. */
export const GIVES_RIGHTS: Readonly<Record<string, 'user' | 'role' | 'group' | 'policy'>> = {
  'iam:PutUserPolicy': 'user',
  'iam:AttachUserPolicy': 'user',
  'iam:PutRolePolicy': 'role',
  'iam:AttachRolePolicy': 'role',
  'iam:PutGroupPolicy': 'group',
  'iam:AttachGroupPolicy': 'group',
  'iam:CreatePolicyVersion': 'policy',
  'iam:SetDefaultPolicyVersion': 'policy',
}

/** Actions by which one becomes another principal. */
export const TAKES_OVER: Readonly<Record<string, 'user' | 'role'>> = {
  'iam:CreateAccessKey': 'user',
  'iam:DeleteAccessKey': 'user',
  'iam:CreateLoginProfile': 'user',
  'iam:UpdateLoginProfile': 'user',
  'iam:UpdateAssumeRolePolicy': 'role',
  'sts:AssumeRole': 'role',
}

/** Actions that make the principal that the others then work on. */
export const MAKES: Readonly<Record<string, 'user' | 'role'>> = { 'iam:CreateUser': 'user', 'iam:CreateRole': 'role' }
