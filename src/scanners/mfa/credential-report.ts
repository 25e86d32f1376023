import type { AwsAccount } from '../../sources/aws-account.ts'
import type { Failure } from '../../sources/aws-failure.ts'

/** A row of IAM's credential report; see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html */
export interface ReportRow {
  readonly user: string
  readonly arn: string
  readonly created: Date | undefined
  /** Undefined where the report does not say (`not_supported` for root in older reports). */
  readonly passwordEnabled: boolean | undefined
  readonly passwordLastUsed: Date | undefined
  readonly mfaActive: boolean | undefined
  /** Number of active access keys. */
  readonly activeKeys: number | undefined
  /** Its access keys, active or not; undefined where the report does not say. */
  readonly keys: readonly ReportedKey[] | undefined
}
/** The report tells keys without their ids: the time at which one was made tells which it is. */
export interface ReportedKey {
  readonly made: Date
  readonly lastUsed: Date | undefined
}

const ROOT = '<root_account>'

export function isRoot(row: ReportRow): boolean {
  return row.user === ROOT || row.arn.endsWith(':root')
}

/** The report's rows, or why there are none. */
export interface Report {
  readonly rows: ReadonlyMap<string, ReportRow>
  readonly root: ReportRow | undefined
  /** Whether what it says is so now. */
  readonly isNew: boolean
  readonly ageHours: number | undefined
  readonly failure: Failure | undefined
}
const NO_REPORT = { rows: new Map(), root: undefined, isNew: false, ageHours: undefined }

/** The account's report, by the ARNs of users. */
export async function readCredentialReport(account: AwsAccount, signal: AbortSignal): Promise<Report> {
  const outcome = await account.credentialReport(signal)
  if ('failure' in outcome) return { ...NO_REPORT, failure: outcome.failure }
  const { csv, ageMs, isNew } = outcome.value
  const rows = readReport(csv)
  if (!rows) {
    const detail = 'iam:GetCredentialReport: the answer is no credential report'
    return { ...NO_REPORT, failure: { kind: 'failed', reason: 'call failed', detail } }
  }
  return {
    rows: new Map(rows.filter((row) => !isRoot(row)).map((row) => [row.arn, row])),
    root: rows.find(isRoot),
    isNew,
    ageHours: ageMs === undefined ? undefined : Math.floor(ageMs / 3_600_000),
    failure: undefined,
  }
}

/** Reads the report's CSV. Columns are found by name, so that new ones do no harm; undefined if it is no such report. */
export function readReport(csv: string): ReportRow[] | undefined {
  const [header = '', ...lines] = csv.replace(/^\uFEFF/, '').split(/\r?\n/)
  const columns = splitLine(header)
  if (!columns.includes('user') || !columns.includes('arn')) return undefined
  return lines.filter((line) => line.trim() !== '').map((line) => readRow(columns, splitLine(line)))
}

function readRow(columns: readonly string[], cells: readonly string[]): ReportRow {
  const cell = (name: string) => cells[columns.indexOf(name)] ?? ''
  const keys = ['access_key_1_active', 'access_key_2_active'].map((name) => readBoolean(cell(name)))
  const made = ['access_key_1', 'access_key_2'].map((key) => readKey(cell, key))
  return {
    user: cell('user'),
    arn: cell('arn'),
    created: readDate(cell('user_creation_time')),
    passwordEnabled: readBoolean(cell('password_enabled')),
    passwordLastUsed: readDate(cell('password_last_used')),
    mfaActive: readBoolean(cell('mfa_active')),
    activeKeys: keys.includes(undefined) ? undefined : keys.filter(Boolean).length,
    keys: made.includes(undefined) ? undefined : made.flatMap((key) => key || []),
  }
}

/** False if there is no such key, undefined if the report does not say. */
function readKey(cell: (name: string) => string, key: string): ReportedKey | false | undefined {
  const rotated = cell(`${key}_last_rotated`)
  if (/^n\/a$/i.test(rotated)) return readBoolean(cell(`${key}_active`)) === false ? false : undefined
  const made = readDate(rotated)
  return made && { made, lastUsed: readDate(cell(`${key}_last_used_date`)) }
}

function readBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : undefined
}

function readDate(text: string): Date | undefined {
  const time = Date.parse(text)
  return /^\d{4}-/.test(text) && !Number.isNaN(time) ? new Date(time) : undefined
}

/** User names may hold commas: such cells are quoted. */
function splitLine(line: string): string[] {
  const cells: string[] = []
  for (const [, quoted, plain] of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    cells.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
  }
  return cells
}
