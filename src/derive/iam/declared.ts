import { iamAttachment, iamStatement } from '../../facts/iam.ts'
import { iamDeclaration } from '../../facts/iam-declaration.ts'
import { hasPlaceholder, replacePlaceholders } from '../../facts/iam-placeholder.ts'
import { globMatches } from '../../glob.ts'
import { type DataOf, type Fact, type FileLocation, isFact } from '../../model.ts'
import { append } from '../grouping.ts'

export type Statement = Fact<typeof iamStatement>
export type Attachment = Fact<typeof iamAttachment>
export type Declaration = Fact<typeof iamDeclaration>

/** A user, group, role or policy of an account, as its ARN tells. */
export interface Thing {
  readonly arn: string
  readonly type: string
  readonly name: string
  readonly path: string
  readonly accountId: string
}

/** Reads `arn:aws:iam::ACCOUNT:role/PATH/NAME`; undefined for everything else, the policies of AWS among it. */
export function readThing(arn: string): Thing | undefined {
  const match = /^arn:[\w-]+:iam::(\d{12}):(user|group|role|policy)((?:\/[^#]*)?\/)([^/#]+)$/.exec(arn)
  if (!match) return undefined
  const [, accountId = '', type = '', path = '', name = ''] = match
  return { arn, type, name, path, accountId }
}

export function isLive(fact: Fact): boolean {
  return fact.scope.startsWith('aws:')
}

/** What files declare of the things that an account has: found by ARN or name, statements by what they say. */
export class Declared {
  readonly #declarations = new Map<string, Declaration[]>()
  /** Statements of files by the declaration that they belong to. */
  readonly #statements = new Map<string, Statement[]>()
  readonly #attachments = new Map<string, Attachment[]>()
  readonly #byFolderAndHash = new Map<string, Statement[]>()
  readonly #liveStatements = new Map<string, Statement[]>()
  readonly #twins = new Map<Statement, readonly Statement[]>()

  constructor(facts: readonly Fact[]) {
    const declarations = facts.filter((each): each is Declaration => isFact(iamDeclaration, each) && !isLive(each))
    for (const each of declarations) {
      const { type = '', name = '' } = each.data
      if (name !== '' && !hasPlaceholder(name)) append(this.#declarations, keyOf(type, name), each)
    }
    if (this.#declarations.size === 0) return
    const ids = new Set(declarations.map((each) => each.data.id ?? ''))
    const carriers = new Map<string, string[]>()
    for (const each of facts) {
      if (isFact(iamAttachment, each) && !isLive(each)) {
        append(this.#attachments, each.data.principalArn ?? '', each)
        append(carriers, each.data.policy ?? '', each.data.principalArn ?? '')
      }
    }
    for (const each of facts) {
      if (!isFact(iamStatement, each)) continue
      const { policy = '', owner = '', hash = '' } = each.data
      if (isLive(each)) append(this.#liveStatements, policy.split('#')[0] ?? '', each)
      else {
        const holders = new Set([owner, ...(carriers.get(policy) ?? []), ...prefixesOf(policy)])
        for (const holder of holders) if (ids.has(holder)) append(this.#statements, holder, each)
        append(this.#byFolderAndHash, `${folderOf(each)}|${hash}`, each)
      }
    }
  }

  get isEmpty(): boolean {
    return this.#declarations.size === 0
  }

  /** Every declaration of that name; several modules or environments may hold one each. */
  candidates({ type, name, path, accountId }: Thing): readonly Declaration[] {
    const named = this.#declarations.get(keyOf(type, name)) ?? []
    return named.filter(({ data }) => {
      const samePath = data.path === undefined || data.path === path || hasPlaceholder(data.path)
      return samePath && (!data.accountId || data.accountId === accountId)
    })
  }

  /** The one that declares the thing: the only one of its name, or the only one that says what the account has. */
  declarationOf(thing: Thing): Declaration | undefined {
    const candidates = this.candidates(thing)
    if (candidates.length <= 1) return candidates[0]
    const live = this.#liveStatements.get(thing.arn) ?? []
    const fitting = candidates.filter((each) => live.some((statement) => this.#twinsIn(each, statement).length > 0))
    return fitting.length === 1 ? fitting[0] : undefined
  }

  /** Statements of a declaration that its file shows, of one kind of policy. */
  statementsOf(declaration: Declaration): readonly Statement[] {
    return this.#statements.get(declaration.data.id ?? '') ?? []
  }

  liveStatementsOf(thing: Thing): readonly Statement[] {
    return this.#liveStatements.get(thing.arn) ?? []
  }

  attachmentsOf(declaration: Declaration): readonly Attachment[] {
    return this.#attachments.get(declaration.data.id ?? '') ?? []
  }

  /** The statements of files that say the same, in whatever declares the document’s thing. */
  twinsOf(live: Statement): readonly Statement[] {
    const known = this.#twins.get(live)
    if (known) return known
    const thing = readThing((live.data.policy ?? '').split('#')[0] ?? '')
    const found = thing ? this.candidates(thing).flatMap((each) => this.#twinsIn(each, live)) : []
    this.#twins.set(live, found)
    return found
  }

  #twinsIn(declaration: Declaration, live: Statement): readonly Statement[] {
    const own = this.statementsOf(declaration).filter((each) => each.data.policyKind === live.data.policyKind)
    const same = own.filter((each) => each.data.hash === live.data.hash)
    if (same.length > 0) return same
    const filled = own.filter((each) => saysTheSame(each.data, live.data))
    if (filled.length > 0 || own.length > 0) return filled
    // The document stands elsewhere in the module: a data source, a file that is read.
    const near = this.#byFolderAndHash.get(`${folderOf(declaration)}|${live.data.hash}`) ?? []
    const fitting = near.filter((each) => each.data.policyKind === live.data.policyKind)
    return fitting.length === 1 ? fitting : []
  }

  /** Where a live fact is declared: its own line if that is known, else the block of the thing; undefined if nothing declares it. */
  placeOf(fact: Fact): FileLocation | undefined {
    if (!('resource' in fact.at)) return undefined
    const thing = readThing(fact.at.resource)
    const declaration = thing && this.declarationOf(thing)
    if (!declaration) return undefined
    if (isFact(iamStatement, fact)) {
      const twins = this.#twinsIn(declaration, fact)
      if (twins.length === 1 && twins[0]) return fileOf(twins[0])
    }
    if (isFact(iamAttachment, fact)) {
      const own = this.attachmentsOf(declaration).filter((each) => each.data.policy === fact.data.policy)
      if (own.length === 1 && own[0]) return fileOf(own[0])
    }
    return fileOf(declaration)
  }
}

/** IAM’s names differ by more than letter case. */
function keyOf(type: string, name: string): string {
  return `${type}|${name.toLowerCase()}`
}

/** `file:m.tf#a/b/c` → `file:m.tf#a/b`, `file:m.tf#a`, and itself. */
function prefixesOf(id: string): string[] {
  const hash = id.indexOf('#')
  const found = [id]
  for (let slash = id.lastIndexOf('/'); slash > hash + 1; slash = id.lastIndexOf('/', slash - 1))
    found.push(id.slice(0, slash))
  return found
}

function fileOf(fact: Fact): FileLocation | undefined {
  return 'file' in fact.at ? fact.at : fact.at.declaredAt
}

function folderOf(fact: Fact): string {
  const { file = '', repository = '' } = fileOf(fact) ?? {}
  return `${repository}|${file.slice(0, Math.max(file.lastIndexOf('/'), 0))}`
}

const LISTS = [
  'actions',
  'notActions',
  'resources',
  'notResources',
  'principals',
  'notPrincipals',
  'conditions',
] as const

/** Whether a statement with placeholders may have become the live one: as many items in each list, and each fits one. */
function saysTheSame(file: DataOf<typeof iamStatement>, live: DataOf<typeof iamStatement>): boolean {
  if (file.effect !== live.effect) return false
  return LISTS.every((list) => {
    const written = [...new Set((file[list] ?? []).map(forComparison))]
    const seen = new Set((live[list] ?? []).map(forComparison))
    if (written.length !== seen.size) return false
    return written.every((item) => seen.has(item) || [...seen].some((each) => couldBecome(item, each)))
  })
}

/** Letters do not count in actions; what IAM tells apart by them (names in ARNs) no two things of an account differ in. */
function forComparison(text: string): string {
  return text.toLowerCase()
}

function couldBecome(written: string, seen: string): boolean {
  if (!hasPlaceholder(written)) return false
  // Wildcards of the policy are plain letters here.
  const plain = (text: string) => text.replaceAll('*', '\u0001').replaceAll('?', '\u0002')
  return globMatches(replacePlaceholders(plain(written), '*'), plain(seen))
}
