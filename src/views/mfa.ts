import { awsAccount } from '../facts/aws.ts'
import { awsSsoPermissionSet } from '../facts/aws-resources.ts'
import { githubMember } from '../facts/github.ts'
import { iamUser } from '../facts/iam.ts'
import { iamPrivileged } from '../facts/iam-escalation.ts'
import { mfaUserPool } from '../facts/sign-in.ts'
import { type Fact, type FactKind, isFact } from '../model.ts'
import type { Cell, Column, Row, Table } from '../table.ts'
import { cell, placeCell } from './cells.ts'

const COLUMNS: readonly Column[] = [
  { id: 'name', title: 'Who', meaning: 'Name', for: 'all' },
  {
    id: 'sort',
    title: 'Is',
    meaning: 'root user, IAM user, permission set, owner, member, collaborator or users of an application',
    for: 'all',
  },
  { id: 'of', title: 'Of', meaning: 'Account number, organisation or identity provider', for: 'all' },
  { id: 'mfa', title: 'MFA', meaning: 'Kinds of its factors, yes, or none', for: 'all' },
  { id: 'password', title: 'Password', meaning: 'Whether it can sign in with one', for: 'all' },
  { id: 'privileged', title: 'Administrator', meaning: 'Whether it is administrator, or can become one', for: 'all' },
  { id: 'declaredAt', title: 'Declared at', meaning: 'File and line, else the resource', for: 'programs' },
]

/** Everybody who signs in, with the second factor: those without one first. */
export function mfaTable(facts: readonly Fact[]): Table {
  const of = <K extends FactKind>(kind: K) => facts.filter((each): each is Fact<K> => isFact(kind, each))
  const rights = new Map(of(iamPrivileged).map(({ data }) => [data.principalArn ?? '', data]))
  const rows = [
    ...of(awsAccount).map(rootRow),
    ...of(iamUser).map((each) => userRow(each, rights.get(each.data.arn ?? ''))),
    ...of(awsSsoPermissionSet).map(permissionSetRow),
    ...of(githubMember).map(memberRow),
    ...of(mfaUserPool).map(poolRow),
  ]
  return {
    id: 'mfa',
    title: 'Who has MFA',
    columns: COLUMNS,
    rows: rows.sort((a, b) => b.order.risk - a.order.risk || compareText(a.order.name, b.order.name)),
  }
}

function rootRow({ data, at }: Fact<typeof awsAccount>): Row {
  const kind = data.rootMfaHardware === 'none' ? undefined : data.rootMfaHardware
  return row(data.id ?? '', at, {
    name: cell('root'),
    sort: cell('root user'),
    of: cell(data.id),
    mfa: factors(data.rootMfa, kind === undefined ? [] : [kind]),
    password: cell(data.rootHasPassword),
    privileged: cell('yes'),
  })
}

function userRow({ data, at }: Fact<typeof iamUser>, rights: Fact<typeof iamPrivileged>['data'] | undefined): Row {
  const privileged = rights?.admin ? 'yes' : rights?.privileged ? 'can become' : rights && 'no'
  return row(data.name ?? '', at, {
    name: cell(data.name),
    sort: cell('IAM user'),
    of: cell(data.accountId),
    mfa: factors(data.mfa, data.mfaKinds),
    password: cell(data.hasPassword),
    privileged: cell(privileged),
  })
}

function permissionSetRow({ data, at }: Fact<typeof awsSsoPermissionSet>): Row {
  return row(data.name ?? '', at, {
    name: cell(data.name),
    sort: cell('permission set'),
    of: cell(data.accountId),
    mfa: factors(data.mfa),
    password: cell(''),
    privileged: cell(undefined),
  })
}

function memberRow({ data, at }: Fact<typeof githubMember>): Row {
  const insecure = data.twoFactor === 'insecure' ? ['insecure (SMS)'] : []
  const has = data.hasTwoFactor === undefined ? undefined : data.hasTwoFactor ? 'enabled' : 'disabled'
  return row(data.login ?? '', at, {
    name: cell(data.login),
    sort: cell(data.role),
    of: cell(data.organization),
    mfa: factors(has, insecure),
    password: cell(true),
    privileged: cell(data.role === undefined ? undefined : data.role === 'owner' ? 'yes' : 'no'),
  })
}

function poolRow({ data, at }: Fact<typeof mfaUserPool>): Row {
  return row(data.name ?? '', at, {
    name: cell(data.name),
    sort: cell('users of an application'),
    of: cell(data.provider),
    mfa: data.mfa === 'off' ? cell('none') : cell(data.mfa),
    password: cell(true),
    privileged: cell('no'),
  })
}

function factors(mfa: string | undefined, kinds: readonly string[] = []): Cell {
  if (mfa === undefined) return cell(undefined)
  return mfa === 'disabled' ? cell('none') : cell(kinds.join(', ') || 'yes')
}

function row(name: string, at: Fact['at'], cells: Readonly<Record<string, Cell>>): Row {
  const without = cells.mfa?.value === 'none' ? 4 : cells.mfa?.value === null ? 2 : 0
  const risk = without + (cells.privileged?.value === 'yes' ? 1 : 0)
  return { cells: { ...cells, declaredAt: placeCell(at) }, order: { name, risk, unused: 0, seen: '' } }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
