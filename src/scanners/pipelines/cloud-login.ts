import { ciCloudLogin } from '../../facts/pipeline-cloud.ts'
import { type Fact, fact, UNKNOWN } from '../../model.ts'
import { expressionsOf, referencesOf } from '../../sources/github-expressions.ts'
import { type MapEntry, textOf } from '../../sources/value-node.ts'
import { splitUse } from './structure.ts'
import type { Job, Step, Workflow } from './workflow.ts'
import { type ActionsFile, type ActionsReader, stepsOf } from './workflow-file.ts'

/**
 * Steps that trade the token of their job for an identity of a cloud. Sources: action.yml of aws-actions/configure-aws-credentials,
 * google-github-actions/auth, Azure/login and hashicorp/vault-action; the environment of AWS SDKs
 * (https://docs.aws.amazon.com/sdkref/latest/guide/access-assume-role-web.html).
 */
export const cloudLoginReader: ActionsReader = {
  emits: [ciCloudLogin],
  *read(file) {
    for (const { step, job } of stepsOf(file)) {
      const values = new Values(file.form === 'workflow' ? file.workflow : undefined, job, step)
      const login = loginOf(step, values)
      if (login) yield loginFact(file, job, step, login)
    }
  },
}

interface Login {
  readonly cloud: 'aws' | 'gcp' | 'azure' | 'vault'
  readonly identity: Value
  readonly audience: Value
}
/** A value of which a run may fill in parts: `*` in `pattern`. */
interface Value {
  readonly pattern: string
  /** What fills them in: `vars.ROLE`. */
  readonly sources: readonly string[]
}

function loginOf(step: Step, values: Values): Login | undefined {
  const { action } = splitUse(textOf(step.uses) ?? '')
  const by = LOGINS[action.toLowerCase()]
  if (by) return by(values)
  return fromScript(textOf(step.run) ?? '', values)
}

const LOGINS: Readonly<Record<string, (values: Values) => Login | undefined>> = {
  'aws-actions/configure-aws-credentials': (values) => {
    // With a key of its own, or on top of an earlier login, the token is not what lets it in.
    const other = ['aws-access-key-id', 'web-identity-token-file'].some((key) => values.input(key).pattern !== '')
    if (other || values.input('role-chaining').pattern === 'true') return undefined
    return login('aws', values.input('role-to-assume'), values.input('audience', 'sts.amazonaws.com'))
  },
  'google-github-actions/auth': (values) => {
    const pool = values.input('workload_identity_provider')
    const account = values.input('service_account')
    if (pool.pattern === '') return undefined
    return login('gcp', account.pattern === '' ? pool : account, values.input('audience', pool.pattern))
  },
  'azure/login': (values) => {
    const client = values.input('client-id')
    return login('azure', client, values.input('audience', 'api://AzureADTokenExchange'))
  },
  'hashicorp/vault-action': (values) => {
    if (values.input('method').pattern !== 'jwt' || values.input('jwtPrivateKey').pattern !== '') return undefined
    return login('vault', values.input('role', 'default'), values.input('jwtGithubAudience'))
  },
}

function login(cloud: Login['cloud'], identity: Value, audience: Value): Login | undefined {
  return identity.pattern === '' ? undefined : { cloud, identity, audience }
}

/** `aws sts assume-role-with-web-identity --role-arn …`, or the environment by which AWS SDKs do the same. */
function fromScript(script: string, values: Values): Login | undefined {
  const call = /\bsts\s+assume-role-with-web-identity\b([\s\S]{0,1000})/.exec(script)?.[1]
  const written = call === undefined ? undefined : /--role-arn[=\s]+["']?([^\s"'\\]+)/.exec(call)?.[1]
  const audience = { pattern: '*', sources: ['the script'] }
  if (written !== undefined) return { cloud: 'aws', identity: values.inShell(written), audience }
  const role = values.variable('AWS_ROLE_ARN')
  const asked = values.variable('AWS_WEB_IDENTITY_TOKEN_FILE') ?? (call === undefined ? undefined : role)
  return role && asked ? { cloud: 'aws', identity: role, audience } : undefined
}

/** What a step is given, variables of its own environment put in. */
class Values {
  readonly #env: ReadonlyMap<string, string>
  readonly #with: ReadonlyMap<string, string>

  constructor(workflow: Workflow | undefined, job: Job | undefined, step: Step) {
    const scopes = [workflow?.env ?? [], job?.env ?? [], step.env]
    this.#env = new Map(scopes.flatMap(textsOf).map(([key, text]) => [key.toLowerCase(), text]))
    this.#with = new Map(textsOf(step.with).map(([key, text]) => [key.toLowerCase(), text]))
  }

  input(key: string, otherwise = ''): Value {
    return this.#filled(this.#with.get(key.toLowerCase()) ?? otherwise)
  }

  variable(name: string): Value | undefined {
    const text = this.#env.get(name.toLowerCase())
    return text === undefined ? undefined : this.#filled(text)
  }

  /** `$ROLE` and `${ROLE}` of a script. */
  inShell(word: string): Value {
    const variables: string[] = []
    const text = word.replace(/(?<!\{)\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => {
      const name = braced ?? bare ?? ''
      const known = this.#env.get(name.toLowerCase())
      if (known === undefined) variables.push(name)
      return known ?? '*'
    })
    const { pattern, sources } = this.#filled(text)
    return { pattern, sources: [...sources, ...variables] }
  }

  #filled(text: string, depth = 0): Value {
    const sources = new Set<string>()
    let pattern = ''
    let rest = 0
    for (const { text: inside, start, end, tree } of expressionsOf(text)) {
      const name = /^env\.([\w-]+)$/.exec(inside)?.[1]
      const known = name === undefined || depth > 3 ? undefined : this.#env.get(name.toLowerCase())
      const value = known === undefined ? undefined : this.#filled(known, depth + 1)
      for (const source of value?.sources ?? (tree ? referencesOf(tree) : [inside])) sources.add(source)
      pattern += text.slice(rest, start) + (value?.pattern ?? '*')
      rest = end
    }
    return { pattern: (pattern + text.slice(rest)).trim(), sources: [...sources] }
  }
}

function textsOf(entries: readonly MapEntry[]): [string, string][] {
  return entries.flatMap(({ key, value }) => {
    const text = value.type === 'plain' && value.value !== null ? String(value.value) : textOf(value)
    return text === undefined ? [] : [[key, text] as [string, string]]
  })
}

function loginFact({ source }: ActionsFile, job: Job | undefined, step: Step, login: Login): Fact {
  const { pattern, sources } = login.identity
  const isArn = /^arn:[^:]*:iam::/.test(pattern)
  const known = sources.length === 0 && (login.cloud !== 'aws' || isArn)
  return fact(ciCloudLogin, source.scope, source.location(step.node.start, step.node.end), {
    workflow: source.path,
    job: job?.id ?? '',
    step: step.label,
    cloud: login.cloud,
    identity: known ? pattern : UNKNOWN,
    roleName: login.cloud === 'aws' ? roleNameOf(pattern) : '',
    source: sources.join(', '),
    audience: login.audience.sources.length > 0 ? UNKNOWN : login.audience.pattern,
  })
}

/** The name at the end of an ARN, whose account may be a variable; configure-aws-credentials takes it alone, too. */
function roleNameOf(pattern: string): string | typeof UNKNOWN {
  const name = pattern.slice(pattern.lastIndexOf('/') + 1)
  return /^[\w+=,.@-]+$/.test(name) && (/:role\//.test(pattern) || !pattern.includes(':')) ? name : UNKNOWN
}
