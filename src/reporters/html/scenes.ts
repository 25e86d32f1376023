import type { Fact } from '../../model.ts'

/** Facts of chains in words that a stranger understands; of other kinds the step's own name stands. */

/** One box of the drawing, one item of the list. */
export interface Scene {
  /** What it is: `AWS user`. */
  readonly title: string
  /** Which: `ann`. */
  readonly name: string
  /** What makes it dangerous: `no MFA`. */
  readonly marks: readonly string[]
  /** How the one before leads here: `belongs to`. */
  readonly by: string
  /** Where it stands; absent: the place of its fact. */
  readonly place?: string
}

type Data = Readonly<Record<string, unknown>>
type Teller = (data: Data, fact: Fact, all: readonly Fact[]) => readonly Scene[]

const TELLERS: Readonly<Record<string, Teller>> = {
  'secret.match': (data) => [
    {
      title: 'Secret in a file',
      name: text(data.publicId) || text(data.key) || text(data.masked),
      marks: [
        data.paired === true && 'key id and secret together',
        data.verification === 'live' && 'its provider takes it',
        data.inTree === false ? 'in the git history' : data.committed === true && 'committed to git',
      ].filter((mark) => mark !== false),
      by: '',
    },
  ],
  'iam.access-key': (data) => [
    {
      title: 'AWS access key',
      name: text(data.id),
      marks: [
        text(data.status) === 'Active' ? 'active' : text(data.status).toLowerCase(),
        lastUsed(data.lastUsedDays),
      ].filter((mark) => mark !== ''),
      by: 'is',
    },
  ],
  'iam.user': (data) => [
    {
      title: 'AWS user',
      name: text(data.name),
      marks: [
        data.mfa === 'disabled' ? 'no MFA' : data.mfa === 'enabled' ? 'has MFA' : 'MFA not seen',
        data.hasPassword === true && 'may sign in to the console',
      ].filter((mark) => mark !== false),
      by: 'belongs to',
    },
  ],
  'iam.privileged': (data, fact) => [
    {
      title: 'Administrator',
      name: `of AWS account ${fact.scope.split(':')[1] ?? ''}`,
      marks: reason(data),
      by: data.admin === true ? 'is' : 'can become',
    },
  ],
  'secret.kubernetes-credential': (data) => [
    {
      title: 'Credential in a file',
      name: text(data.what),
      marks: data.expired === true ? ['expired'] : [],
      by: '',
    },
  ],
  'k8s.credential-rights': (data) => [
    {
      title: data.level === 'admin' ? 'Administrator' : 'Rights in a cluster',
      name: `of cluster ${text(data.cluster)}`,
      marks: reason(data),
      by: 'signs in as',
      place: '',
    },
    ...(text(data.cloud) === ''
      ? []
      : [{ title: 'Cloud', name: text(data.cloud), marks: [], by: 'and further', place: '' }]),
  ],
  'ci.job': (data, _, all) => {
    const access = all.find(({ kind }) => kind === 'ci.cloud-access')?.data
    const who = access && text(access.who)
    const job = { title: 'Job', name: text(data.job), marks: [], by: 'can start' }
    return who ? [{ title: sentence(who), name: '', marks: [text(access.how)], by: '', place: '' }, job] : [job]
  },
  'ci.cloud-access': (data) => [
    {
      title: identityKind(data),
      name: identityName(data),
      marks: text(data.guard) === '' ? [] : [`behind ${text(data.guard)}`],
      by: data.via === 'trust' ? 'its token would be taken by' : 'signs in, by its OpenID token, as',
    },
    administratorOf(data),
  ],
  'k8s.workload': (data) => [
    { title: text(data.workloadKind), name: `${text(data.namespace)}/${text(data.name)}`, marks: [], by: '' },
  ],
  'k8s.cloud-access': (data) => [
    { title: 'ServiceAccount', name: text(data.account), marks: [], by: 'runs as' },
    {
      title: identityKind(data),
      name: identityName(data),
      marks: text(data.via) === '' ? [] : [`by ${text(data.via).replaceAll('-', ' ')}`],
      by: 'may take',
      place: text(data.identity),
    },
    administratorOf(data),
  ],
  'ci.outsider-gain': (data) => [
    { title: 'Outsider', name: list(data.events).join(', '), marks: [], by: '', place: '' },
    { title: 'Job', name: text(data.job), marks: [text(data.how)], by: 'runs code in', place: text(data.workflow) },
    {
      title: text(data.gainName),
      name: '',
      marks: list(data.guards).map((guard) => `behind ${guard}`),
      by: 'hands out',
      place: text(data.gain),
    },
    ...(data.privileged === true ? [administratorOf({ identity: data.gain })] : []),
  ],
  'k8s.escalation': (data, fact) => [
    { title: text(data.subjectKind), name: text(data.subject), marks: [], by: '', place: fact.scope },
    ...list(data.steps).map((step, i, steps) => pathStep(step, i === steps.length - 1, text(data.cluster))),
  ],
}

/** The fact as one scene or several; none if its kind is not known here. A field that was not seen is left out. */
export function scenesOf(fact: Fact, all: readonly Fact[]): readonly Scene[] {
  return Object.hasOwn(TELLERS, fact.kind) ? (TELLERS[fact.kind] as Teller)(fact.data, fact, all) : []
}

/** `create jobs in namespace ops, by RoleBinding x: a pod that runs as y`: what is done, by which right, and what it gives. */
function pathStep(step: string, last: boolean, cluster: string): Scene {
  const [right = '', gives] = step.split(/: (.*)/s)
  const [deed = '', binding = ''] = right.split(/, (?:allowed )?by (.*)/s)
  if (last && gives === undefined)
    return { title: 'Administrator', name: `of cluster ${cluster}`, marks: [], by: deed, place: binding }
  return { title: sentence(gives ?? deed), name: '', marks: [], by: deed, place: binding }
}

function administratorOf(data: Data): Scene {
  const account = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(text(data.identity))?.[1]
  return {
    title: 'Administrator',
    name: account ? `of AWS account ${account}` : 'of the cloud account',
    marks: reason(data),
    by: text(data.because).startsWith('can') ? 'can become' : 'is',
    place: '',
  }
}

/** What the box says by itself is not said again. */
function reason(data: Data): readonly string[] {
  const because = text(data.because).replace(/^is administrator by /, 'by policy ')
  return because === '' ? [] : [because]
}

/** `AWS role deploy` is an AWS role of that name. */
function identityKind(data: Data): string {
  return text(data.identityName).split(' ').slice(0, -1).join(' ') || 'Identity of a cloud'
}

function identityName(data: Data): string {
  return text(data.identityName).split(' ').at(-1) ?? ''
}

function lastUsed(days: unknown): string {
  if (typeof days !== 'number') return ''
  if (days < 0) return 'never used'
  return days === 0 ? 'used today' : `last used ${days} day${days === 1 ? '' : 's'} ago`
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

/** With a capital letter. */
export function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
