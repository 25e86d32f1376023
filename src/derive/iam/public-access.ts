import { awsPublicAccessBlock } from '../../facts/aws-public-access.ts'
import type { iamStatement } from '../../facts/iam.ts'
import { placeholdersIn } from '../../facts/iam-placeholder.ts'
import { type Fact, type Gap, isFact } from '../../model.ts'
import { anyOf, type Tri } from './conditions.ts'

type Block = Fact<typeof awsPublicAccessBlock>

/**
 * S3 Block Public Access by bucket. With it a policy that names everybody lets nobody in but the account itself; what the
 * policy says is then bad style, and no open bucket.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
export class PublicAccessBlocks {
  readonly #blocks: readonly Block[]
  readonly #gaps: readonly Gap[]

  constructor(facts: readonly Fact[], gaps: readonly Gap[]) {
    this.#blocks = facts.filter((each): each is Block => isFact(awsPublicAccessBlock, each))
    this.#gaps = gaps.filter((gap) => gap.kind === awsPublicAccessBlock.kind)
  }

  /** Unknown only for a live bucket whose setting was not told; files say what they say. */
  keepPrivate(statement: Fact<typeof iamStatement>): Tri {
    const { policyKind, actions = [] } = statement.data
    const isBucket = policyKind === 'resource' && actions.some((action) => /^(?:s3:|\*)/i.test(action))
    if (!isBucket) return false
    const live = statement.scope.startsWith('aws:')
    const own = this.#blocks.filter((block) => {
      if (live !== block.scope.startsWith('aws:') || (live && accountOf(block) !== accountOf(statement))) return false
      return isOf(block, statement) || (block.data.accountWide && (live || sameFolder(block.at, statement.at)))
    })
    const truth = anyOf(own.map(({ data }): Tri => data.restricts ?? 'unknown'))
    if (truth !== false || !live) return truth
    return this.#gaps.some((gap) => gap.scope === 'aws:' || accountOf(gap) === accountOf(statement)) ? 'unknown' : false
  }
}

/** `aws:ACCOUNT` of `aws:ACCOUNT/REGION`. */
function accountOf({ scope }: { readonly scope: string }): string {
  return scope.split('/')[0] ?? ''
}

/** A policy names its bucket by what carries it, by ARN, or by a reference to the block that declares it. */
function isOf({ data, at }: Block, statement: Fact<typeof iamStatement>): boolean {
  const { bucket = '', name = '' } = data
  const { owner, resources = [] } = statement.data
  if (owner === bucket) return true
  if (name !== '' && resources.some((each) => /^arn:[\w-]+:s3:::([^/]*)/.exec(each)?.[1] === name)) return true
  const address = bucket.split('#')[1] ?? ''
  if (address === '' || !sameFolder(at, statement.at)) return false
  return resources.flatMap(placeholdersIn).some((text) => text === address || /^[.[]/.test(tailOf(text, address)))
}

function tailOf(text: string, address: string): string {
  return text.startsWith(address) ? text.slice(address.length) : ''
}

function sameFolder(a: Fact['at'], b: Fact['at']): boolean {
  if (!('file' in a) || !('file' in b)) return false
  const folder = (file: string) => file.slice(0, Math.max(file.lastIndexOf('/'), 0))
  return folder(a.file) === folder(b.file) && a.repository === b.repository
}
