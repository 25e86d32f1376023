import { iamAttachment, iamStatement } from '../../facts/iam.ts'
import { iamApplied } from '../../facts/iam-applied.ts'
import { iamDeclaration } from '../../facts/iam-declaration.ts'
import { type Derivation, type Fact, fact, isFact } from '../../model.ts'
import { Declared, isLive, readThing, type Statement } from './declared.ts'

/** Facts as before, but each live one of IAM points at the line that declares it, where a file does. */
export function withDeclarations(facts: readonly Fact[]): Fact[] {
  if (!facts.some(isLive)) return [...facts]
  const declared = new Declared(facts)
  if (declared.isEmpty) return [...facts]
  return facts.map((each) => {
    if (!isLive(each) || !('resource' in each.at) || each.at.declaredAt) return each
    const declaredAt = declared.placeOf(each)
    return declaredAt ? { ...each, at: { ...each.at, declaredAt } } : each
  })
}

/** What of the files the account has just so: judging it again would tell everything twice. */
export const findApplied: Derivation = {
  id: 'iam-applied',
  from: [iamStatement, iamAttachment],
  optional: [iamDeclaration],
  emits: [iamApplied],
  derive(facts) {
    const live = facts.filter(isLive)
    const declared = live.length > 0 ? new Declared(facts) : undefined
    if (!declared || declared.isEmpty) return { facts: [], gaps: [] }
    const documents = new Map<string, Set<string>>()
    const found = live.flatMap((each) => {
      if (!isFact(iamStatement, each)) return []
      const policy = each.data.policy ?? ''
      return declared.twinsOf(each).map((twin) => {
        const document = twin.data.policy ?? ''
        documents.set(document, (documents.get(document) ?? new Set()).add(policy))
        return appliedStatement(twin, policy)
      })
    })
    return { facts: [...found, ...appliedAttachments(live, declared, documents)], gaps: [] }
  },
}

function appliedStatement(file: Statement, live: string): Fact {
  const { policy = '', hash = '' } = file.data
  return fact(iamApplied, file.scope, file.at, { policy, hash, principalArn: '', live })
}

function* appliedAttachments(
  live: readonly Fact[],
  declared: Declared,
  documents: ReadonlyMap<string, ReadonlySet<string>>,
): Generator<Fact> {
  for (const each of live) {
    if (!isFact(iamAttachment, each)) continue
    const thing = readThing(each.data.principalArn ?? '')
    for (const declaration of thing ? declared.candidates(thing) : []) {
      for (const own of declared.attachmentsOf(declaration)) {
        const { policy = '', principalArn = '', boundary } = own.data
        const same = policy === each.data.policy || documents.get(policy)?.has(each.data.policy ?? '')
        if (!same || boundary !== each.data.boundary) continue
        const seen = { policy, hash: '', principalArn, live: each.data.policy ?? '' }
        yield fact(iamApplied, own.scope, own.at, seen)
      }
    }
  }
}

/** The statements and attachments of files that are not judged, since the account’s are. */
export class Applied {
  readonly #statements = new Set<string>()
  readonly #attachments = new Set<string>()

  constructor(facts: readonly Fact[]) {
    for (const each of facts) {
      if (!isFact(iamApplied, each)) continue
      const { policy, hash, principalArn } = each.data
      if (hash) this.#statements.add(`${policy}|${hash}`)
      else this.#attachments.add(`${policy}|${principalArn}`)
    }
  }

  get isEmpty(): boolean {
    return this.#statements.size + this.#attachments.size === 0
  }

  hasStatement({ data }: Statement): boolean {
    return this.#statements.size > 0 && this.#statements.has(`${data.policy}|${data.hash}`)
  }

  hasAttachment({ data }: Fact<typeof iamAttachment>): boolean {
    return this.#attachments.size > 0 && this.#attachments.has(`${data.policy}|${data.principalArn}`)
  }
}
