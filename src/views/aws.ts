import { iamAccessKey, iamKeyDeclaration, iamRole, iamUser } from '../facts/iam.ts'
import { iamPrivileged } from '../facts/iam-escalation.ts'
import { type DataOf, type Fact, type FactKind, type Gap, isFact } from '../model.ts'
import type { Cell, Column, Row, Table } from '../table.ts'
import { cell, daysCell, groupBy, listCell, placeCell } from './cells.ts'
import { tellApart } from './same-names.ts'

const NAME = { id: 'name', title: 'Name', meaning: 'Name', for: 'all' } as const
const ARN = { id: 'arn', title: 'ARN', meaning: 'ARN; in files file:PATH#ADDRESS', for: 'programs' } as const
const ACCOUNT = {
  id: 'account',
  title: 'Account',
  meaning: 'Account number; empty if not written',
  for: 'all',
} as const
const ADMINISTRATOR = {
  id: 'administrator',
  title: 'Administrator',
  meaning: 'Whether it is administrator of the account: yes, can become, no',
  for: 'all',
} as const
const HOW = { id: 'how', title: 'How', meaning: 'Why it is, or can become, administrator', for: 'programs' } as const
const DECLARED = {
  id: 'declaredAt',
  title: 'Declared at',
  meaning: 'File and line, else the ARN',
  for: 'programs',
} as const
const days = (id: string, title: string, meaning: string): Column => ({
  id,
  title,
  meaning: `Days since ${meaning}; -1 if never`,
  for: 'all',
})

const USER_COLUMNS: readonly Column[] = [
  NAME,
  ARN,
  ACCOUNT,
  { id: 'mfa', title: 'MFA', meaning: 'Kinds of its MFA devices; none', for: 'all' },
  { id: 'password', title: 'Password', meaning: 'Whether it has one for the console', for: 'all' },
  days('passwordUsedDays', 'Password used', 'the password was used'),
  { id: 'keys', title: 'Access keys', meaning: 'Ids of its access keys', for: 'all' },
  ADMINISTRATOR,
  HOW,
  DECLARED,
]
const ROLE_COLUMNS: readonly Column[] = [
  NAME,
  ARN,
  ACCOUNT,
  ADMINISTRATOR,
  HOW,
  days('usedDays', 'Assumed', 'it was assumed, as far as AWS remembers (400 days)'),
  { id: 'serviceLinked', title: 'By AWS', meaning: 'Whether AWS manages it', for: 'programs' },
  DECLARED,
]
const KEY_COLUMNS: readonly Column[] = [
  { id: 'id', title: 'Access key', meaning: 'Id of the key; in files the block that declares it', for: 'all' },
  { id: 'owner', title: 'Owner', meaning: 'User that it belongs to', for: 'all' },
  { id: 'status', title: 'Status', meaning: 'Active, Inactive, or declared (in a file)', for: 'all' },
  days('ageDays', 'Made', 'it was made'),
  days('usedDays', 'Used', 'it was used'),
  ADMINISTRATOR,
  DECLARED,
]

/** Users, roles and long-term keys of AWS accounts, live or declared in files. */
export function awsTables(facts: readonly Fact[], gaps: readonly Gap[]): Table[] {
  const of = <K extends FactKind>(kind: K) => facts.filter((each): each is Fact<K> => isFact(kind, each))
  const privileged = new Map(of(iamPrivileged).map(({ data }) => [data.principalArn ?? '', data]))
  const keys = of(iamAccessKey)
  const byUser = groupBy(keys, ({ data }) => data.userArn ?? '')
  const table = (id: string, title: string, columns: readonly Column[], rows: readonly Row[]): Table => ({
    id,
    title,
    columns,
    rows,
  })
  return [
    table(
      'aws-users',
      'AWS users',
      USER_COLUMNS,
      tellApart(
        of(iamUser).map((each) => userRow(each, byUser, sawKeys(each, gaps), privileged)),
        { name: 'name', by: ['account'] },
      ),
    ),
    table(
      'aws-roles',
      'AWS roles',
      ROLE_COLUMNS,
      tellApart(
        of(iamRole).map((each) => roleRow(each, privileged)),
        { name: 'name', by: ['account'] },
      ),
    ),
    table(
      'aws-access-keys',
      'AWS access keys',
      KEY_COLUMNS,
      tellApart([...keys.map((each) => keyRow(each, privileged)), ...of(iamKeyDeclaration).map(declaredKeyRow)], {
        name: 'id',
      }),
    ),
  ]
}

/** Whether all keys of a user were seen: a file cannot tell which an account has. */
function sawKeys({ scope, at }: Fact<typeof iamUser>, gaps: readonly Gap[]): boolean {
  if ('file' in at) return false
  return !gaps.some((gap) => gap.kind === iamAccessKey.kind && !gap.fields && within(gap.scope, scope))
}

/** Whether one of two scopes lies in the other. */
function within(a: string, b: string): boolean {
  const [outer, inner] = a.length <= b.length ? [a, b] : [b, a]
  return inner === outer || inner.startsWith(outer.endsWith(':') ? outer : `${outer}/`)
}

type Privileged = ReadonlyMap<string, DataOf<typeof iamPrivileged>>

function userRow(
  { data, at }: Fact<typeof iamUser>,
  keys: ReadonlyMap<string, readonly Fact<typeof iamAccessKey>[]>,
  complete: boolean,
  privileged: Privileged,
): Row {
  const { arn = '', name = '', accountId, mfa, mfaKinds, hasPassword, passwordLastUsedDays } = data
  const own = keys.get(arn) ?? []
  const cells: Record<string, Cell> = {
    name: cell(name),
    arn: cell(arn),
    account: cell(accountId),
    mfa: mfa === 'disabled' ? cell('none') : cell(mfa && (mfaKinds?.join(', ') || mfa)),
    password: cell(hasPassword),
    passwordUsedDays: hasPassword === false ? cell('') : daysCell(passwordLastUsedDays),
    keys: listCell(own.map((key) => key.data.id ?? '').sort(), complete),
    ...administratorCells(privileged.get(arn)),
    declaredAt: placeCell(at),
  }
  return { cells, order: orderOf(name, privileged.get(arn), passwordLastUsedDays) }
}

function roleRow({ data, at }: Fact<typeof iamRole>, privileged: Privileged): Row {
  const { arn = '', name = '', accountId, lastUsedDays, serviceLinked } = data
  const cells: Record<string, Cell> = {
    name: cell(name),
    arn: cell(arn),
    account: cell(accountId),
    ...administratorCells(privileged.get(arn)),
    usedDays: daysCell(lastUsedDays),
    serviceLinked: cell(serviceLinked),
    declaredAt: placeCell(at),
  }
  return { cells, order: orderOf(name, privileged.get(arn), lastUsedDays) }
}

function keyRow({ data, at }: Fact<typeof iamAccessKey>, privileged: Privileged): Row {
  const { id = '', userArn = '', userName, status, ageDays, lastUsedDays } = data
  const owner = privileged.get(userArn)
  const cells: Record<string, Cell> = {
    id: cell(id),
    owner: cell(userName),
    status: cell(status),
    ageDays: daysCell(ageDays),
    usedDays: daysCell(lastUsedDays),
    administrator: administratorCells(owner).administrator as Cell,
    declaredAt: placeCell(at),
  }
  return { cells, order: orderOf(id, owner, lastUsedDays) }
}

function declaredKeyRow({ data, at }: Fact<typeof iamKeyDeclaration>): Row {
  const { address = '', user } = data
  const cells: Record<string, Cell> = {
    id: cell(address),
    owner: cell(user || undefined),
    status: cell('declared'),
    ageDays: cell(undefined),
    usedDays: cell(undefined),
    administrator: cell(undefined),
    declaredAt: placeCell(at),
  }
  return { cells, order: orderOf(address, undefined, undefined) }
}

/** Without a fact of it, its policies were not seen. */
function administratorCells(data: DataOf<typeof iamPrivileged> | undefined): Record<string, Cell> {
  const { privileged, admin, because } = data ?? {}
  const value = admin ? 'yes' : privileged ? 'can become' : privileged === false ? 'no' : undefined
  return { administrator: cell(value), how: cell(value === undefined ? undefined : value === 'no' ? '' : because) }
}

/** The fewer days ago, the later: a time that sorts like one. */
function orderOf(name: string, data: DataOf<typeof iamPrivileged> | undefined, days: number | undefined): Row['order'] {
  const seen = days === undefined || days < 0 ? '' : String(1_000_000 - days).padStart(7, '0')
  return { name, risk: data?.admin ? 2 : data?.privileged ? 1 : 0, unused: 0, seen }
}
