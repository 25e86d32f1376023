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
}

const ROOT = '<root_account>'

export function isRoot(row: ReportRow): boolean {
  return row.user === ROOT || row.arn.endsWith(':root')
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
  return {
    user: cell('user'),
    arn: cell('arn'),
    created: readDate(cell('user_creation_time')),
    passwordEnabled: readBoolean(cell('password_enabled')),
    passwordLastUsed: readDate(cell('password_last_used')),
    mfaActive: readBoolean(cell('mfa_active')),
    activeKeys: keys.includes(undefined) ? undefined : keys.filter(Boolean).length,
  }
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
