import { iamAttachment, iamKeyDeclaration, iamRole, iamStatement } from '../../facts/iam.ts'
import { iamDeclaration } from '../../facts/iam-declaration.ts'
import { iamMembership } from '../../facts/iam-membership.ts'
import { type Fact, fact, type Gap, UNKNOWN } from '../../model.ts'
import type { SourceFile } from '../../sources/source-file.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { attachmentFact, type PrincipalKind } from './attachment.ts'
import type { PolicyKind } from './statement.ts'
import { type PlacedStatement, statementFacts } from './statement-facts.ts'

type Place = Pick<ValueNode, 'start' | 'end'>

/** A principal or policy that a file declares. */
export interface Declared {
  /** `file:PATH#ADDRESS`. */
  readonly id: string
  readonly type: 'user' | 'group' | 'role' | 'policy'
  /** Undefined where only a deployment knows it. */
  readonly name: string | undefined
  /** How people call it in the file. */
  readonly label: string
  readonly path: string
  readonly at: Place
}
export interface DocumentHead {
  readonly id: string
  readonly name: string
  readonly kind: PolicyKind
  readonly owner: string
}
interface Attached {
  readonly policy: string
  readonly principal: string
  readonly kind: PrincipalKind
  readonly via: string
  readonly boundary: boolean
  readonly at: Place
}

/** Gathers what one file declares; group memberships become attachments when the file has been read, since groups may follow. */
export class FileFacts {
  readonly source: SourceFile
  readonly #gap: (gap: Gap) => void
  readonly #facts: Fact[] = []
  readonly #attached: Attached[] = []
  readonly #members: { user: string; group: string; at: Place }[] = []
  readonly #declared = new Set<string>()

  constructor(source: SourceFile, gap: (gap: Gap) => void) {
    this.source = source
    this.#gap = gap
  }

  declare({ id, type, name, label, path, at }: Declared): void {
    const place = this.source.location(at.start, at.end)
    this.#declared.add(id)
    this.#facts.push(
      fact(iamDeclaration, this.source.scope, place, { id, type, name: name ?? '', path, accountId: '' }),
    )
    if (type !== 'role') return
    const seen = { arn: id, name: name ?? label, accountId: '', path, serviceLinked: false }
    this.#facts.push(fact(iamRole, this.source.scope, place, { ...seen, lastUsedDays: UNKNOWN, createdDays: UNKNOWN }))
  }

  statements(head: DocumentHead, statements: readonly PlacedStatement[], reason?: (texts: string) => string): void {
    const { id, name, kind, owner } = head
    const fields = { policy: id, policyName: name, policyKind: kind, managedBy: 'file', accountId: '', owner }
    const gap = (each: Gap) => this.#gap({ ...each, reason: reason?.(each.detail) ?? each.reason })
    this.#facts.push(...statementFacts(this.source, fields, statements, gap))
  }

  attach(attached: Attached): void {
    this.#attached.push(attached)
  }

  join(user: string, group: string, at: Place): void {
    this.#members.push({ user, group, at })
  }

  key(address: string, user: string, usage: string, at: Place): void {
    const seen = { path: this.source.path, address, user, usage }
    this.#facts.push(fact(iamKeyDeclaration, this.source.scope, this.source.location(at.start, at.end), seen))
  }

  /** What is written but cannot be read, by the kind of fact that it hides. */
  unread(kind: 'statement' | 'attachment', at: number, reason: string, detail: string, fault = false): void {
    const hidden = kind === 'statement' ? iamStatement.kind : iamAttachment.kind
    this.#gap(this.source.gap({ kind: hidden, class: fault ? 'fault' : 'limit', reason, detail, offset: at }))
  }

  *all(): Generator<Fact> {
    yield* this.#facts
    for (const attached of this.#attached) yield this.#attachment(attached)
    for (const { user, group, at } of this.#members) {
      const place = this.source.location(at.start, at.end)
      yield fact(iamMembership, this.source.scope, place, { userArn: user, groupArn: group })
      if (!this.#declared.has(group)) {
        const detail = `what the group ${group.slice(group.lastIndexOf('/') + 1)} has is not in the file`
        this.unread('attachment', at.start, 'group not in the tree', detail)
      }
      for (const each of this.#attached) {
        if (each.principal === group) yield this.#attachment({ ...each, principal: user, kind: 'user', via: group, at })
      }
    }
  }

  #attachment({ policy, principal, kind, via, boundary, at }: Attached): Fact {
    const seen = { policy, principalArn: principal, principalKind: kind, via, boundary }
    return attachmentFact(this.source.scope, this.source.location(at.start, at.end), seen)
  }
}
