import type { Fact } from '../model.ts'
import type { Finding } from '../report.ts'

/** What can be changed so that findings end: the edges of chains, by the facts that they rest on. */

export type Effort = 'small' | 'medium' | 'large'
/** One thing that can be changed. Equal keys are the same thing, whichever kind of fact names it. */
export interface Handle {
  readonly key: string
  /** What to do, in a sentence. */
  readonly what: string
  readonly effort: Effort
}

type Data = Readonly<Record<string, unknown>>
/** Which fields of a kind say what has to change; undefined where this fact gives no hold. */
type Grip = (data: Data, scope: string) => Handle | undefined

/** A policy document, unless AWS owns it: then what is attached can be changed, not what it says. */
const narrowPolicy: Grip = (data, scope) => {
  const policy = text(data.policy)
  if (policy === '' || /^arn:aws[\w-]*:iam::aws:/.test(policy)) return undefined
  // An ARN is the same thing in whichever scope it is named: a workflow may speak of an account's policy.
  const key = `policy ${policy.startsWith('arn:') ? '' : scope} ${policy}`
  return { key, what: `Narrow ${describePolicy(policy)} to what is needed.`, effort: 'medium' }
}

/** Names are quoted, since policies are called "everything" and "access". */
function describePolicy(policy: string): string {
  const inline = /^.*:(user|role|group)\/(?:.*\/)?(.+)#inline\/(.+)$/.exec(policy)
  if (inline) return `the policy "${inline[3]}" of ${inline[1]} ${inline[2]}`
  const inFile = /^file:(.+)#(.+)$/.exec(policy)
  return inFile ? `the policy "${inFile[2]}" in ${inFile[1]}` : `the policy "${nameOf(policy)}"`
}

const changeJob: Grip = ({ workflow, job }, scope) =>
  text(workflow) === ''
    ? undefined
    : {
        key: `job ${scope} ${text(workflow)} ${text(job)}`,
        what: `Keep outsiders' code and text out of job ${text(job)} of ${text(workflow)}.`,
        effort: 'small',
      }

const revoke: Grip = ({ digest, path, masked, key, what }) => {
  if (text(digest) === '') return undefined
  // A value that is masked whole tells nothing.
  const shown = /\w/.test(text(masked)) ? text(masked) : text(key) && `the value of ${text(key)}`
  const named = shown || text(what) || 'the credential'
  return { key: `secret ${text(digest)}`, what: `Revoke and replace ${named} in ${text(path)}.`, effort: 'small' }
}

/** Kinds whose facts are edges: a change of what they speak of ends every finding that rests on them alone. */
const GRIPS: Readonly<Record<string, readonly Grip[]>> = {
  'secret.match': [
    revoke,
    ({ publicId }) =>
      text(publicId).startsWith('AKIA') ? deactivate(text(publicId), 'whoever it belongs to') : undefined,
  ],
  'secret.shared': [revoke],
  'secret.kubernetes-credential': [revoke],
  'iam.access-key': [({ id, userName }) => deactivate(text(id), text(userName))],
  'iam.escalation': [
    ({ cut, policy }, scope) =>
      text(cut) === ''
        ? undefined
        : { key: `cut ${scope} ${text(policy)} ${text(cut)}`, what: `Take away ${text(cut)}.`, effort: 'small' },
    narrowPolicy,
  ],
  'iam.privileged': [narrowPolicy],
  'iam.admin-access': [narrowPolicy],
  'iam.statement-judgement': [narrowPolicy],
  'iam.trust-judgement': [
    ({ owner, policy, policyName }, scope) => {
      const trusting = text(owner) || text(policy)
      if (trusting === '') return undefined
      const what = `Let ${text(policyName) || nameOf(trusting)} trust only those who need it.`
      return { key: `trust ${scope} ${trusting}`, what, effort: 'small' }
    },
  ],
  'ci.cloud-access': [
    narrowPolicy,
    ({ identity, identityName }) =>
      text(identity) === ''
        ? undefined
        : {
            key: `identity ${text(identity)}`,
            what: `Give each job a role of its own instead of ${text(identityName) || text(identity)}.`,
            effort: 'medium',
          },
  ],
  'k8s.cloud-access': [
    narrowPolicy,
    ({ identity, identityName }) =>
      text(identity) === ''
        ? undefined
        : {
            key: `identity ${text(identity)}`,
            what: `Give each workload a role of its own instead of ${text(identityName) || text(identity)}.`,
            effort: 'medium',
          },
  ],
  'k8s.privilege': [(data) => unbind(data.cluster, data.bindingName ?? data.binding)],
  'k8s.escalation': [(data) => unbind(data.cluster, data.binding)],
  'ci.outsider-gain': [changeJob],
  'ci.untrusted-code': [changeJob],
  'ci.injection': [changeJob],
  'ci.environment-injection': [changeJob],
}
/** The kinds that have a grip, for the test that holds them against the catalogue. */
export const GRIPPED = Object.keys(GRIPS)

function deactivate(id: string, owner: string): Handle | undefined {
  if (id === '') return undefined
  const of = owner === '' ? '' : ` of ${owner}`
  return { key: `access key ${id}`, what: `Deactivate access key ${id}${of}, then delete it.`, effort: 'small' }
}

function unbind(cluster: unknown, binding: unknown): Handle | undefined {
  if (text(binding) === '') return undefined
  return {
    key: `binding ${text(cluster)} ${text(binding)}`,
    what: `Narrow what ${text(binding)} grants, or remove it.`,
    effort: 'small',
  }
}

/**
 * What ends a finding. A fact counts only if every row of the finding rests on it, so that nothing is left when it is mended; and
 * only as a step of the match: what was looked up for context does not carry the finding.
 */
export function handlesOf(finding: Finding): Handle[] {
  const carrying = new Set(finding.links.map(({ name }) => name))
  const handles = Object.entries(finding.evidence).flatMap(([binding, facts]) =>
    facts.length === 1 && (carrying.size === 0 || carrying.has(binding)) ? gripsOf(facts[0] as Fact) : [],
  )
  return [...new Map(handles.map((handle) => [handle.key, handle])).values()]
}

function gripsOf({ kind, scope, data }: Fact): Handle[] {
  return (GRIPS[kind] ?? []).flatMap((grip) => grip(data as Data, targetOf(scope)) ?? [])
}

/** `repo:./a.yml` and `repo:./b.yml` are of one repository; keys name the file themselves. */
function targetOf(scope: string): string {
  const slash = scope.indexOf('/', scope.startsWith('repo:') ? scope.lastIndexOf('..') + 3 : 0)
  return slash < 0 ? scope : scope.slice(0, slash)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The last part of an ARN or a path. */
function nameOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1) || name
}
