import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { type CheckedDocument, readDocument } from './document.ts'
import { type Defect, RuleError, UsageError } from './errors.ts'
import { CONFIDENCES, SEVERITIES } from './model.ts'

/** The form of `zt-audit.yaml`. `zt-audit rules schema --config` prints it as JSON Schema. */

const words = (description: string) =>
  v.optional(v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.description(description)))

const suppression = v.pipe(
  v.strictObject({
    rule: v.pipe(v.string(), v.minLength(1), v.description('Rule id, or an area such as `k8s`')),
    path: v.optional(v.pipe(v.string(), v.description('Glob of the files that it speaks of'))),
    resource: v.optional(v.pipe(v.string(), v.description('Resource (ARN, k8s://…, github://…), `*` and `?` allowed'))),
    fingerprint: v.optional(v.pipe(v.string(), v.description('One finding, by its fingerprint'))),
    reason: v.pipe(v.string(), v.minLength(1), v.description('Why this is no risk here')),
    expires: v.optional(
      v.pipe(
        v.string(),
        v.isoDate('expires is a date, YYYY-MM-DD'),
        v.description('The day from which it counts no more'),
      ),
    ),
  }),
  v.check(
    (s) => s.path !== undefined || s.resource !== undefined || s.fingerprint !== undefined,
    'a suppression names a path, a resource or a fingerprint; to leave a rule out altogether use `skip`',
  ),
)

const awsTarget = v.pipe(
  v.strictObject({
    profile: v.optional(v.string()),
    endpoint: v.optional(v.string()),
    regions: words('Where policies of resources are read: regions, `all` or `none`; default: the configured one'),
    accounts: v.optional(
      v.pipe(
        v.array(v.pipe(v.string(), v.regex(/^(?:\d{12}|all)$/, 'an account number of 12 digits, or all'))),
        v.description('Accounts in which the role is assumed; `all`: those of the organisation'),
      ),
    ),
    role: v.optional(v.pipe(v.string(), v.description('Name of that role'))),
    externalId: v.optional(v.pipe(v.string(), v.description('ExternalId with which it is assumed'))),
  }),
  v.check((t) => (t.accounts === undefined) === (t.role === undefined), 'accounts and role go together'),
)

export const configSchema = v.strictObject({
  exclude: words('Globs of paths that are not audited; what they hide is counted in every report'),
  suppressions: v.optional(
    v.pipe(v.array(suppression), v.description('Findings that are accepted, each with its reason')),
  ),
  only: words('Rules or areas to run, the others are off'),
  skip: words('Rules or areas that are off'),
  rules: words('Folders with further rules'),
  plugins: words('Plugins: packages as the working directory finds them, or paths of modules'),
  'fail-on': v.optional(
    v.pipe(
      v.picklist([...SEVERITIES, 'never']),
      v.description('The severity from which findings fail the run; default medium'),
    ),
  ),
  'fail-on-score': v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.maxValue(100),
      v.description('The overall posture, of 100, below which the run fails; what was not seen counts as bad'),
    ),
  ),
  'min-confidence': v.optional(
    v.pipe(v.picklist(CONFIDENCES), v.description('Findings below it are only counted; default medium')),
  ),
  'trusted-accounts': words('AWS account numbers of the own organisation'),
  'break-glass-roles': words('Names of roles that humans use in an emergency only'),
  targets: v.optional(
    v.strictObject({
      aws: v.optional(v.array(awsTarget)),
      kubernetes: v.optional(
        v.array(v.strictObject({ context: v.optional(v.string()), kubeconfig: v.optional(v.string()) })),
      ),
      github: v.optional(v.array(v.strictObject({ owner: v.string(), url: v.optional(v.string()) }))),
    }),
  ),
})

export type Config = v.InferOutput<typeof configSchema>
export type ConfigSuppression = v.InferOutput<typeof suppression>

/** What a tree may say of itself without being trusted: it can hide things, and each is reported; it cannot reach out. */
const UNTRUSTED_KEYS = new Set<keyof Config>(['exclude', 'suppressions'])

export interface LoadedConfig {
  readonly config: Config
  /** As given; empty if there is none. */
  readonly file: string
  /** The commit that it was read at, with --config-from. */
  readonly ref?: string
  /** Named by the operator, or trusted with --trust-target. */
  readonly trusted: boolean
  /** Keys that were ignored, since the file belongs to the audited tree. */
  readonly ignored: readonly string[]
  /** Line of a suppression, by index. */
  suppressionLine(index: number): number
  /** Where a target is named, by index. */
  targetPosition(kind: keyof NonNullable<Config['targets']>, index: number): { line: number; column: number }
}

export const NO_CONFIG: LoadedConfig = {
  config: {},
  file: '',
  trusted: true,
  ignored: [],
  suppressionLine: () => 0,
  targetPosition: () => ({ line: 1, column: 1 }),
}

/**
 * Reads a config file. From the audited tree only path filters and suppressions are taken. Throws RuleError with every
 * defect, UsageError if the file cannot be read.
 */
export async function readConfig(file: string, trusted: boolean): Promise<LoadedConfig> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(`cannot read the config ${file}: ${(error as Error).message}`)
  }
  return parseConfig(file, text, trusted)
}

export function parseConfig(file: string, text: string, trusted: boolean): LoadedConfig {
  const defects: Defect[] = []
  const document: CheckedDocument<Config> | undefined = readDocument(file, text, configSchema, defects)
  if (!document) throw new RuleError(defects)
  const keys = Object.keys(document.value) as (keyof Config)[]
  const ignored = trusted ? [] : keys.filter((key) => !UNTRUSTED_KEYS.has(key))
  const config = Object.fromEntries(
    Object.entries(document.value).filter(([key]) => !ignored.includes(key as keyof Config)),
  )
  return {
    config,
    file,
    trusted,
    ignored,
    suppressionLine: (index) => document.position(['suppressions', index]).line,
    targetPosition: (kind, index) => document.position(['targets', kind, index]),
  }
}
