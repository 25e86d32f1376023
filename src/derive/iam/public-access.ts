import { awsPublicAccessBlock } from '../../facts/aws-public-access.ts'
import { awsResourcePolicy } from '../../facts/aws-resources.ts'
import type { iamStatement } from '../../facts/iam.ts'
import { placeholdersIn } from '../../facts/iam-placeholder.ts'
import { type Fact, isFact } from '../../model.ts'
import { anyOf, type Tri } from './conditions.ts'

type Block = Fact<typeof awsPublicAccessBlock>

/**
 * S3 Block Public Access by bucket, and search domains within a network of one's own. With it a policy that names everybody lets nobody in but the account itself; what the
 * policy says is then bad style, and no open bucket.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
export class PublicAccessBlocks {
  readonly #blocks: readonly Block[]
  /** Of live resources by ARN. */
  readonly #live = new Map<string, Tri>()

  constructor(facts: readonly Fact[]) {
    this.#blocks = facts.filter((each): each is Block => isFact(awsPublicAccessBlock, each))
    for (const each of facts) {
      if (isFact(awsResourcePolicy, each))
        this.#live.set(each.data.arn ?? '', each.data.publicAccessBlocked ?? 'unknown')
    }
  }

  /** Unknown where the setting of a live bucket was not told; files say what they say. */
  keepPrivate(statement: Fact<typeof iamStatement>): Tri {
    const { policyKind, actions = [], owner = '' } = statement.data
    if (policyKind !== 'resource' || !actions.some((action) => /^(?:s3:|es:|\*)/i.test(action))) return false
    if (statement.scope.startsWith('aws:')) return this.#live.get(owner) ?? false
    const own = this.#blocks.filter(
      (block) => isOf(block, statement) || (block.data.accountWide && sameFolder(block.at, statement.at)),
    )
    return anyOf(own.map(({ data }): Tri => data.restricts ?? 'unknown'))
  }
}

/** A policy names its bucket by what carries it, by ARN, or by a reference to the block that declares it. */
function isOf({ data, at }: Block, statement: Fact<typeof iamStatement>): boolean {
  const { bucket = '', name = '' } = data
  const { owner, resources = [] } = statement.data
  if (owner === bucket) return true
  if (name !== '' && resources.some((each) => /^arn:[\w-]+:s3:::([^/]*)/.exec(each)?.[1] === name)) return true
  // `aws_s3_bucket.data` of Terraform, the logical name of a template.
  const address = bucket.slice(Math.max(bucket.lastIndexOf('#'), bucket.lastIndexOf('/')) + 1)
  if (address === '' || !sameFolder(at, statement.at)) return false
  return resources
    .flatMap(placeholdersIn)
    .some((text) => text === address || (text.startsWith(address) && /^[.[]/.test(text.slice(address.length))))
}

function sameFolder(a: Fact['at'], b: Fact['at']): boolean {
  if (!('file' in a) || !('file' in b)) return false
  const folder = (file: string) => file.slice(0, Math.max(file.lastIndexOf('/'), 0))
  return folder(a.file) === folder(b.file) && a.repository === b.repository
}
