import { iamAttachment, iamRole, iamStatement } from '../../facts/iam.ts'
import { iamPrivileged } from '../../facts/iam-escalation.ts'
import { shortName } from '../../facts/iam-name.ts'
import { type Fact, type Gap, isFact } from '../../model.ts'
import { groupBy } from '../grouping.ts'
import { type RoleTrust, readRoleTrust } from './cloud-trust.ts'

/** What a principal of AWS amounts to, as far as this run sees it. */
export interface Standing {
  /** ARN, or `file:PATH#ADDRESS`. */
  readonly id: string
  readonly privileged: boolean | 'unknown'
  /** Set if it is. */
  readonly because: string
  readonly policy: string
  readonly assumptions: readonly string[]
}

type Role = Fact<typeof iamRole>

/** The roles and users of AWS that a run sees, by the ids that clusters name them by. */
export class CloudPrincipals {
  readonly #roles: ReadonlyMap<string, Role>
  readonly #byName: ReadonlyMap<string, readonly Role[]>
  readonly #privileged: ReadonlyMap<string, Fact<typeof iamPrivileged>>
  readonly #trusts: ReadonlyMap<string, readonly Fact<typeof iamStatement>[]>
  readonly #gaps: readonly Gap[]

  constructor(facts: readonly Fact[], gaps: readonly Gap[]) {
    const roles = facts.filter((each) => isFact(iamRole, each))
    this.#roles = new Map(roles.map((role) => [role.data.arn ?? '', role]))
    this.#byName = groupBy(roles, ({ data }) => data.name ?? '')
    this.#privileged = new Map(
      facts.filter((each) => isFact(iamPrivileged, each)).map((each) => [each.data.principalArn ?? '', each]),
    )
    const trusts = facts.filter((each) => isFact(iamStatement, each)).filter(({ data }) => data.policyKind === 'trust')
    this.#trusts = groupBy(trusts, ({ data }) => data.owner ?? '')
    this.#gaps = gaps.filter(({ kind, fields }) => HIDING.has(kind) && !fields)
  }

  /**
   * The role that an id means: itself where it is seen; else the only one of its name, of an account before one of the files. A
   * file's own block is looked up in the account the same way. Unseen, it stands for itself.
   */
  resolve(id: string): { id: string; assumption: string } {
    const own = this.#roles.get(id)
    if (own && !isInFile(id)) return { id, assumption: '' }
    if (!own && (this.#privileged.has(id) || !/:role\/|^file:/.test(id))) return { id, assumption: '' }
    const named = this.#byName.get(own?.data.name ?? shortName(id)) ?? []
    const live = named.filter(({ data }) => !isInFile(data.arn ?? ''))
    const others = live.length > 0 ? live : named
    const [found] = others
    if (!found || others.length > 1 || (isInFile(id) && own && live.length === 0)) return { id, assumption: '' }
    const arn = found.data.arn ?? ''
    // Two accounts may have a role of one name; in one, aws-auth leaves out the path.
    if (!isInFile(id) && !isInFile(arn)) return { id: accountOf(arn) === accountOf(id) ? arn : id, assumption: '' }
    return { id: arn, assumption: arn === id ? '' : `${shortName(id)} is taken for ${nameOf(found)} by its name` }
  }

  isSeen(id: string): boolean {
    return this.#roles.has(id) || this.#privileged.has(id)
  }

  /** Roles whose trust was seen. */
  trusting(): IterableIterator<string> {
    return this.#trusts.keys()
  }

  /** Undefined if it was not seen. */
  trustOf(id: string): RoleTrust | undefined {
    const statements = this.#trusts.get(id)
    return statements && readRoleTrust(statements)
  }

  /** Whether the trust of a role lets another role in, as far as that is told without evaluating conditions. */
  letsRoleIn(id: string, role: string): boolean | 'unknown' {
    const statements = this.#trusts.get(id)
    if (!statements) return 'unknown'
    const names = new Set([`AWS:${role}`, ...referencesTo(role, id)])
    const naming = statements.filter(({ data }) => data.principals?.some((each) => names.has(each)))
    const isPlain = naming.some(({ data }) => data.effect === 'Allow' && (data.conditions ?? []).length === 0)
    const denies = statements.some(({ data }) => data.effect !== 'Allow')
    return isPlain && !denies ? true : 'unknown'
  }

  standing(id: string): Standing {
    const fact = this.#privileged.get(id)
    const none = { id, because: '', policy: '', assumptions: [] }
    if (!fact) return { ...none, privileged: this.#isWhole(id) ? false : 'unknown' }
    const { privileged = 'unknown', because = '', policy = '', assumptions = [] } = fact.data
    return { id, privileged, because, policy, assumptions }
  }

  /** Whether everything was seen that could make a role administrator. */
  #isWhole(id: string): boolean {
    const role = this.#roles.get(id)
    if (!role) return false
    return !this.#gaps.some(
      ({ scope }) => scope === role.scope || covers(scope, role.scope) || covers(role.scope, scope),
    )
  }

  nameOf(id: string): string {
    return this.#roles.get(id)?.data.name || shortName(id)
  }
}

const HIDING: ReadonlySet<string> = new Set([iamStatement.kind, iamAttachment.kind, iamRole.kind, iamPrivileged.kind])

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? ''
}

/** As the files of one folder of Terraform refer to each other's blocks. */
function referencesTo(role: string, from: string): string[] {
  const [own, other] = [role, from].map((id) => /^(file:(?:.*\/)?)[^/#]*#(.+)$/.exec(id))
  return own && other && own[1] === other[1] ? [`AWS:\${${own[2]}.arn}`] : []
}

function isInFile(id: string): boolean {
  return id.startsWith('file:')
}

function nameOf({ data }: Role): string {
  return isInFile(data.arn ?? '') ? (data.arn ?? '').slice('file:'.length) : (data.arn ?? '')
}

function covers(outer: string, inner: string): boolean {
  return inner.startsWith(outer) && (outer.endsWith(':') || inner[outer.length] === '/')
}
