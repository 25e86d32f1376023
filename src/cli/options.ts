import { type Command, InvalidArgumentError, Option } from 'commander'
import { FORMATS } from '../formats.ts'
import { CONFIDENCES, SEVERITIES } from '../model.ts'
import { SORTS } from '../table.ts'

/** The providers that can be asked whether a secret of theirs works. */
export const VERIFIABLE: readonly string[] = [
  'aws',
  'digitalocean',
  'github',
  'gitlab',
  'huggingface',
  'npm',
  'pypi',
  'sendgrid',
  'slack',
  'stripe',
]

/** The options of `scan` as commander gives them. */
export interface ScanOptions {
  readonly repo: readonly string[]
  readonly history?: true | 'deep'
  readonly since?: string
  readonly staged?: boolean
  readonly aws: readonly string[]
  readonly awsEndpoint?: string
  readonly awsRegion: readonly string[]
  readonly awsAccounts: readonly string[]
  readonly awsRole?: string
  readonly awsExternalId?: string
  readonly k8s: readonly string[]
  readonly kubeconfig?: string
  readonly k8sDump: readonly string[]
  readonly auditLog: readonly string[]
  readonly cloudtrail: readonly string[]
  readonly github: readonly string[]
  readonly githubUrl?: string
  readonly verify?: boolean
  readonly verifyEndpoint: readonly { readonly provider: string; readonly url: string }[]
  /** One of FORMATS, or of a plugin. */
  readonly format: string
  readonly output: readonly { readonly format: string; readonly file: string }[]
  /** Earlier JSON reports, oldest first, for `html`. */
  readonly compare: readonly string[]
  readonly failOn?: (typeof SEVERITIES)[number] | 'never'
  readonly failOnScore?: number
  readonly exitZero?: boolean
  readonly allowGaps?: boolean
  readonly strict?: boolean
  readonly only: readonly string[]
  readonly skip: readonly string[]
  readonly minConfidence?: (typeof CONFIDENCES)[number]
  readonly rules: readonly string[]
  readonly plugin: readonly string[]
  readonly config?: string
  readonly configFrom?: string
  /** A file, or false for --no-baseline. */
  readonly baseline?: string | false
  readonly trustTarget?: boolean
  readonly maxFileSize: number
  readonly archives?: boolean
  readonly render?: boolean
  readonly timeout: number
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly color: 'auto' | 'always' | 'never'
  readonly progress: boolean
}

/** Options that can be repeated, as they are when they were not given. */
export const NOTHING_REPEATED = {
  repo: [],
  aws: [],
  awsRegion: [],
  awsAccounts: [],
  k8s: [],
  k8sDump: [],
  auditLog: [],
  cloudtrail: [],
  github: [],
  verifyEndpoint: [],
  output: [],
  compare: [],
  only: [],
  skip: [],
  rules: [],
  plugin: [],
} as const

function repeated(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, previous: string[] | undefined) => [
    ...(previous ?? []),
    value,
  ])
}

/** Adds argument and options of an audit; what may be given several times also takes a list with commas. */
export function addScanOptions(command: Command): Command {
  const list = (flags: string, description: string) =>
    new Option(flags, description).argParser((value: string, previous: string[] | undefined) => [
      ...(previous ?? []),
      ...splitList(value),
    ])
  return (
    command
      .argument('[path]', 'repository, folder or file to audit')
      .optionsGroup('What to look at:')
      .addOption(repeated('--repo <path>', 'a further repository'))
      .addOption(
        new Option('--history [depth]', 'the git history, too; =deep: dropped objects')
          .choices(['deep'])
          .argParser(parseDepth),
      )
      .option('--since <ref>', 'judge only what has changed since HEAD left REF')
      .option('--archives', 'look into zip, jar, gz and tar files, too')
      .option('--render', 'render Helm charts and Kustomize folders, too')
      .option('--staged', 'judge only what is staged (for pre-commit hooks)')
      .addOption(repeated('--aws [profile]', 'the AWS account of your credentials, or of =PROFILE'))
      .option('--aws-endpoint <url>', 'endpoint for AWS calls (also AWS_ENDPOINT_URL)')
      .addOption(list('--aws-region <region>', 'where to read policies of resources, or all'))
      .addOption(new Option('--aws-accounts <id>', 'accounts by --aws-role, or all').argParser(parseAccounts))
      .option('--aws-role <name>', 'the role to assume in other accounts')
      .option('--aws-external-id <id>', 'with this ExternalId')
      .addOption(repeated('--cloudtrail <dir>', 'CloudTrail files: what is never used'))
      .addOption(repeated('--k8s [context]', 'the cluster of your context, or of =CONTEXT'))
      .option('--kubeconfig <file>', 'kubeconfig for --k8s (also KUBECONFIG)')
      .addOption(repeated('--k8s-dump <file>', 'output of `kubectl get … -o json`, for a cluster'))
      .addOption(repeated('--audit-log <file>', 'audit log of the cluster: what is never used'))
      .addOption(list('--github <owner>', 'OWNER or OWNER/REPO (GITHUB_TOKEN or GITHUB_APP_*)'))
      .option('--github-url <url>', 'REST API of a GitHub Enterprise Server')
      .option('--verify', 'ask providers if secrets work; their logs show it')
      .addOption(new Option('--verify-endpoint <url>', 'PROVIDER=URL to ask instead').argParser(parseEndpoint))
      .optionsGroup('What to report:')
      .addOption(
        new Option('--format <format>', 'what is printed').choices(FORMATS).argParser(openChoice).default('pretty'),
      )
      .addOption(new Option('--output <format=file>', 'write a further report to a file').argParser(parseOutput))
      .addOption(repeated('--compare <file>', 'an earlier JSON report, for the trend in html'))
      .addOption(list('--only <id>', 'rules or areas that are on, the others are off'))
      .addOption(list('--skip <id>', 'rules or areas that are off'))
      .addOption(
        new Option('--min-confidence <level>', 'least that is shown').choices(CONFIDENCES).default(undefined, 'medium'),
      )
      .optionsGroup('What fails:')
      .addOption(
        new Option('--fail-on <severity>', 'least that fails')
          .choices([...SEVERITIES, 'never'])
          .default(undefined, 'medium'),
      )
      .addOption(new Option('--fail-on-score <points>', 'a posture below it fails, too').argParser(parsePoints))
      .option('--exit-zero', 'exit 0 in spite of findings')
      .option('--allow-gaps', 'exit 0 in spite of what could not be seen')
      .option('--strict', 'a limit (binary, too large) counts as not seen')
      .optionsGroup('How:')
      .addOption(repeated('--rules <dir>', 'folder with further rules'))
      .addOption(repeated('--plugin <name>', 'package or module with scanners, rules, formats'))
      .option('--config <file>', 'instead of the zt-audit.yaml of the repository')
      .option('--config-from <ref>', 'config, baseline and comments as they are at REF')
      .option('--baseline <file>', 'what is known (default: zt-audit.baseline.json)')
      .option('--no-baseline', 'leave out the baseline')
      .option('--trust-target', 'take all settings from the config of the repository')
      .addOption(
        new Option('--max-file-size <size>', 'larger files are not read').argParser(parseSize).default(32 << 20, '32M'),
      )
      .addOption(new Option('--timeout <seconds>', 'for each live target').argParser(parseSeconds).default(300))
      .option('--quiet', 'nothing but findings')
      .option('--verbose', 'every finding with code, gap, waiver, skipped path')
      .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto'))
      // What people type from habit.
      .addOption(new Option('--no-color').preset('never').hideHelp())
      .option('--no-progress', 'no progress on the terminal')
  )
}

/** Adds argument and options of `suggest aws`. */
export function addSuggestOptions(command: Command): Command {
  return command
    .summary('policies of users and roles that cover what they used')
    .description(
      'The smallest policy for each user and role that covers what it used, and a diff of the files that grant more',
    )
    .argument('[path]', 'repository with the files that declare them')
    .addOption(repeated('--aws [profile]', 'the AWS account of your credentials, or of =PROFILE'))
    .option('--aws-endpoint <url>', 'endpoint for AWS calls (also AWS_ENDPOINT_URL)')
    .addOption(repeated('--cloudtrail <dir>', 'CloudTrail files as delivered to S3'))
    .addOption(repeated('--principal <name>', 'only this user or role, by name or ARN'))
    .addOption(new Option('--format <format>', 'what is printed').choices(['pretty', 'json']).default('pretty'))
    .option('--config <file>', 'instead of the zt-audit.yaml of the repository')
    .addOption(new Option('--timeout <seconds>', 'for each live target').argParser(parseSeconds).default(300))
    .option('--no-progress', 'no progress on the terminal')
}

/** Adds argument and options of `inventory`. */
export function addInventoryOptions(command: Command): Command {
  return (
    command
      .summary('identities and credentials: rights, use, last seen')
      .description(
        'Every identity and credential that is seen: who uses it, what it may do and did, when it was last used',
      )
      .argument('[path]', 'repository with the files that declare them')
      .addOption(repeated('--k8s [context]', 'the cluster of your context, or of =CONTEXT'))
      .option('--kubeconfig <file>', 'kubeconfig for --k8s (also KUBECONFIG)')
      .addOption(repeated('--k8s-dump <file>', 'output of `kubectl get … -o json`, for a cluster'))
      .addOption(repeated('--audit-log <file>', 'audit log of the cluster: what was used, and when'))
      .addOption(repeated('--aws [profile]', 'the AWS account of your credentials, or of =PROFILE'))
      .option('--aws-endpoint <url>', 'endpoint for AWS calls (also AWS_ENDPOINT_URL)')
      .addOption(repeated('--github <owner>', 'OWNER or OWNER/REPO (GITHUB_TOKEN or GITHUB_APP_*)'))
      .option('--github-url <url>', 'REST API of a GitHub Enterprise Server')
      .addOption(repeated('--account <name>', 'only this one: NAMESPACE/NAME, user, role, key'))
      .addOption(new Option('--sort <order>', 'what comes first').choices([...SORTS]).default('risk'))
      .addOption(
        new Option('--format <format>', 'what is printed')
          .choices(['pretty', 'json', 'csv', 'markdown'])
          .default('pretty'),
      )
      .option('--config <file>', 'instead of the zt-audit.yaml of the repository')
      .addOption(new Option('--timeout <seconds>', 'for each live target').argParser(parseSeconds).default(300))
      .option('--verbose', 'accounts without rights one by one, too')
      .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto'))
      // What people type from habit.
      .addOption(new Option('--no-color').preset('never').hideHelp())
      .option('--no-progress', 'no progress on the terminal')
  )
}

/** The options of `suggest k8s` as commander gives them. */
export interface SuggestKubernetesOptions {
  readonly k8s: readonly string[]
  readonly kubeconfig?: string
  readonly k8sDump: readonly string[]
  readonly auditLog: readonly string[]
  readonly account: readonly string[]
  readonly format: 'pretty' | 'yaml' | 'diff' | 'json'
  readonly config?: string
  readonly timeout: number
  readonly progress: boolean
}

/** Adds argument and options of `suggest k8s`. */
export function addSuggestKubernetesOptions(command: Command): Command {
  return command
    .summary('roles and bindings of accounts that cover what they used')
    .description(
      'The smallest roles and bindings for each account that cover what it used, and a diff of the manifests that grant more',
    )
    .argument('[path]', 'repository with the manifests that declare them')
    .addOption(repeated('--audit-log <file>', 'audit log of the cluster'))
    .addOption(repeated('--k8s [context]', 'the cluster of your context, or of =CONTEXT'))
    .option('--kubeconfig <file>', 'kubeconfig for --k8s (also KUBECONFIG)')
    .addOption(repeated('--k8s-dump <file>', 'output of `kubectl get … -o json`, for a cluster'))
    .addOption(repeated('--account <name>', 'only this NAMESPACE/NAME, user or group'))
    .addOption(
      new Option('--format <format>', 'what is printed').choices(['pretty', 'yaml', 'diff', 'json']).default('pretty'),
    )
    .option('--config <file>', 'instead of the zt-audit.yaml of the repository')
    .addOption(new Option('--timeout <seconds>', 'for each live target').argParser(parseSeconds).default(300))
    .option('--no-progress', 'no progress on the terminal')
}

/** For choices that help and completion name, but of which plugins bring more: it is checked when these are loaded. */
export function openChoice(value: string): string {
  return value
}

function splitList(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** Without a value the text is empty; others than the choices do not get here. */
function parseDepth(value: string): true | 'deep' {
  return value === '' ? true : 'deep'
}

/** Numbers of accounts, or `all`. */
function parseAccounts(value: string, previous: readonly string[] | undefined): readonly string[] {
  const ids = splitList(value)
  if (ids.length === 0 || !ids.every((id) => id === 'all' || /^\d{12}$/.test(id)))
    throw new InvalidArgumentError('Expected account numbers of 12 digits, or all.')
  return [...(previous ?? []), ...ids]
}

function parseOutput(value: string, previous: ScanOptions['output'] | undefined): ScanOptions['output'] {
  const equals = value.indexOf('=')
  const format = value.slice(0, Math.max(equals, 0))
  const file = value.slice(equals + 1)
  if (format === '') throw new InvalidArgumentError('Expected FORMAT=FILE, such as html=report.html.')
  if (file === '') throw new InvalidArgumentError(`Expected ${format}=FILE.`)
  return [...(previous ?? []), { format, file }]
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** `gitlab=https://git.example.com`. A secret does not travel in the clear. */
function parseEndpoint(value: string, previous: ScanOptions['verifyEndpoint'] | undefined) {
  const equals = value.indexOf('=')
  const provider = value.slice(0, Math.max(equals, 0))
  const url = value.slice(equals + 1)
  if (!VERIFIABLE.includes(provider))
    throw new InvalidArgumentError(`Expected PROVIDER=URL, with one of ${VERIFIABLE.join(', ')}.`)
  const { protocol = '', hostname = '' } = URL.canParse(url) ? new URL(url) : {}
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.test(hostname)))
    throw new InvalidArgumentError(`Expected ${provider}=https://…; http is for this machine only.`)
  return [...(previous ?? []), { provider, url }]
}

/** `500k`, `10M`, `1G`, or bytes. */
function parseSize(value: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)i?b?$/i.exec(value)
  if (!match) throw new InvalidArgumentError('Expected a size such as 500k, 10M or 1G.')
  const unit = { '': 1, k: 1 << 10, m: 1 << 20, g: 1 << 30 }[(match[2] ?? '').toLowerCase()] ?? 1
  return Math.floor(Number(match[1]) * unit)
}

function parsePoints(value: string): number {
  const points = /^\d{1,3}$/.test(value) ? Number(value) : 0
  if (points < 1 || points > 100) throw new InvalidArgumentError('Expected a whole number of points, 1 to 100.')
  return points
}

function parseSeconds(value: string): number {
  const seconds = Number(value)
  if (!(seconds > 0) || seconds > 86_400) throw new InvalidArgumentError('Expected a number of seconds, at most 86400.')
  return seconds
}
