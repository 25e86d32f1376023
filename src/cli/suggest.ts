import { type Suggestion, type Suggestions, suggest } from '../derive/iam/suggest.ts'
import { UsageError } from '../errors.ts'
import { iamStatement } from '../facts/iam.ts'
import type { Tree } from '../model.ts'
import { distinctGaps } from '../reporters/not-seen.ts'
import { look } from './look.ts'
import { print } from './output.ts'
import { type FilePatch, patchFile } from './suggest/patch.ts'
import { renderSuggestions, suggestionsAsJson } from './suggest/render.ts'

/** The options of `suggest aws` as commander gives them. */
export interface SuggestOptions {
  readonly aws: readonly string[]
  readonly awsEndpoint?: string
  readonly cloudtrail: readonly string[]
  readonly principal: readonly string[]
  readonly format: 'pretty' | 'json'
  readonly config?: string
  readonly timeout: number
  readonly progress: boolean
}

/** The rule whose facts are what a suggestion is made of. */
const RULE = 'iam/unused-permission'

/**
 * `zt-audit suggest aws [PATH]`: the smallest policies that cover what was used, and the lines of files that grant more. Nothing
 * is changed. Exit 3 if something was not seen that should have been. Throws UsageError.
 */
export async function suggestAws(path: string | undefined, options: SuggestOptions): Promise<void> {
  if (options.aws.length + options.cloudtrail.length === 0) {
    throw new UsageError('what was used is in --cloudtrail DIR, or in the account itself: --aws')
  }
  const { facts, gaps, trees } = await look(
    path,
    {
      targets: {
        aws: options.aws.map((profile) => (profile === '' ? {} : { profile })),
        cloudtrail: options.cloudtrail,
      },
      ...(options.awsEndpoint && { endpoints: { aws: options.awsEndpoint } }),
      only: [RULE],
    },
    options,
  )
  const all = suggest(facts, gaps)
  const principals = chosen(all.principals, options.principal)
  const patches = options.principal.length > 0 && principals.length < all.principals.length ? [] : patchesOf(all, trees)
  const relevant = gaps.filter((gap) => gap.class === 'fault' || gap.kind.startsWith('iam.us'))
  const suggested = { principals, patches, gaps: distinctGaps(relevant) }
  process.exitCode = gaps.some((gap) => gap.class === 'fault') ? 3 : 0
  await print(options.format === 'json' ? suggestionsAsJson(suggested) : renderSuggestions(suggested))
}

/** By ARN, or by name. Throws UsageError for one that is not there: a misspelt name must not look like one without a finding. */
function chosen(principals: readonly Suggestion[], names: readonly string[]): readonly Suggestion[] {
  if (names.length === 0) return principals
  const named = (name: string) => principals.filter((each) => each.arn === name || each.arn.endsWith(`/${name}`))
  for (const name of names) {
    if (named(name).length === 0) throw new UsageError(`no user or role '${name}' of which policies and use were seen`)
  }
  return principals.filter((each) => names.some((name) => named(name).includes(each)))
}

/** The edits, file by file. */
function patchesOf({ edits }: Suggestions, trees: readonly Tree[]): FilePatch[] {
  const files = new Map<string, typeof edits>()
  for (const edit of edits) files.set(edit.scope, [...(files.get(edit.scope) ?? []), edit])
  return [...files.values()].flatMap((list) => {
    const path = list[0]?.at.file ?? ''
    const text = trees.flatMap((tree) => {
      const file = tree.files().find((each) => each.path === path)
      return (file && tree.text(file, iamStatement)) ?? []
    })[0]
    return text === undefined ? [] : [patchFile(path, text, list)]
  })
}
