import { get, type MapEntry, textOf, type ValueNode } from '../../../sources/value-node.ts'
import { entriesOf } from '../workflow.ts'
import { effective, type GitlabFile, type GitlabJob } from './configuration.ts'

/** Texts of the variables that hold for a job, its own before those of the pipeline. */
export function variablesOf(job: GitlabJob | undefined, files: readonly GitlabFile[]): ReadonlyMap<string, string> {
  const own = job ? entriesOf(effective(job, 'variables', files)) : []
  return new Map([...files.flatMap((file) => file.variables), ...own].flatMap(variableText))
}

/** `NAME: value`, or a map with `value`. */
export function variableText({ key, value }: MapEntry): [string, string][] {
  const node: ValueNode | undefined = value.type === 'map' ? get(value, 'value') : value
  const text = node?.type === 'plain' && node.value !== null ? String(node.value) : textOf(node)
  return text === undefined ? [] : [[key, text]]
}

/** A text with its variables filled in; what only a run knows is named. */
export interface Filled {
  readonly text: string
  readonly open: readonly string[]
}

/** Longer texts are no image, role or address; what refers to itself again and again would grow without end. */
const MAX_TEXT = 10_000
const MAX_DEPTH = 5
const MAX_FILLED = 1000

interface Filling {
  readonly variables: ReadonlyMap<string, string>
  readonly open: Set<string>
  /** Variables that may still be filled in. */
  left: number
}

/** Fills in `$NAME` and `${NAME}` from what the configuration sets. */
export function fill(text: string, variables: ReadonlyMap<string, string>): Filled {
  const open = new Set<string>()
  return { text: filled(text, { variables, open, left: MAX_FILLED }, []), open: [...open] }
}

function filled(text: string, filling: Filling, within: readonly string[]): string {
  let length = 0
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? ''
    const known = filling.variables.get(name)
    const ends = within.includes(name) || within.length > MAX_DEPTH || length > MAX_TEXT || filling.left-- <= 0
    const inner = known === undefined || ends ? undefined : filled(known, filling, [...within, name])
    length += inner?.length ?? 0
    if (inner !== undefined && length <= MAX_TEXT) return inner
    filling.open.add(name)
    return whole
  })
}

/** Names of variables that a text takes, as a POSIX shell and GitLab write them. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(/\$(?:\{([A-Za-z_]\w*)[^}]*\}|([A-Za-z_]\w*))/g)].map(
    ([, braced, bare]) => braced ?? bare ?? '',
  )
}

/**
 * Whether a variable is a secret by its name: those that GitLab makes
 * (https://docs.gitlab.com/ci/variables/predefined_variables/), and what people call theirs. Which variables are masked is a setting, which
 * no file tells.
 */
export function isSecretName(name: string): boolean {
  if (/^CI_(?:JOB_TOKEN|REGISTRY_PASSWORD|DEPLOY_PASSWORD|DEPENDENCY_PROXY_PASSWORD)$/.test(name)) return true
  if (
    /^CI_/.test(name) ||
    /(?:^|_)(?:FILE|PATH|DIR|NAME|ID|URL|USER|TYPE|HEADER|AUDIENCE|ARN|VERSION|LENGTH|TTL)$/.test(name)
  )
    return false
  return /(?:^|_)(?:TOKEN|SECRET|SECRETS|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|PRIVATE_?KEY|API_?KEY|ACCESS_?KEY|SECRET_?KEY|AUTH_?KEY|DEPLOY_?KEY|SSH_?KEY)(?:_|$)/i.test(
    name,
  )
}
