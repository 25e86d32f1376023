import type { Start, TokenForm, TokenJob } from './subjects.ts'
import { tokenForms } from './subjects.ts'
import { admits, type TokenTrust } from './token-trust.ts'

/** Who can have a token made that a role takes: told from the trust, since whoever may push may also write a workflow of his own. */
export interface Reach {
  readonly reach: 'any-branch' | 'tag' | 'branch' | 'environment'
  /** As the end of a sentence. */
  readonly who: string
  /** The one branch that it takes, where it is one. */
  readonly branch?: string
}

/** Nobody calls a branch, tag or environment so: a trust that takes it takes all. */
const ANY = 'zq7'
const NO_FILTER = { branches: [], ignoredBranches: [], tags: [], ignoredTags: [] }

/** For a form that the role takes; `name` is the branch or tag that it was told by. */
export function reachOf(
  trusts: readonly TokenTrust[],
  denied: boolean,
  form: TokenForm,
  name: string | undefined,
): Reach {
  const takes = (start: Start, environment: string) => {
    const job: TokenJob = { ...form.job, start, environment }
    return tokenForms(job).some((each) => admits(trusts, denied, each).admitted !== false)
  }
  const push = (over: Partial<Start>): Start => ({ event: 'push', ...NO_FILTER, ...over })
  if (takes(push({ branches: [ANY] }), '')) return { reach: 'any-branch', who: 'whoever may push a branch' }
  if (takes({ event: 'pull_request', ...NO_FILTER }, ''))
    return { reach: 'any-branch', who: 'whoever may push a branch and open a pull request from it' }
  if (takes(push({ branches: [ANY] }), ANY))
    return { reach: 'any-branch', who: 'whoever may push a branch, with an environment of any name' }
  if (takes(push({ tags: [ANY] }), '')) return { reach: 'tag', who: 'whoever may push a tag' }
  const { environment } = form.job
  if (!form.named && environment)
    return { reach: 'environment', who: `whoever may deploy to the environment ${environment}` }
  return form.refPrefix === 'refs/tags/'
    ? { reach: 'tag', who: `whoever may push the tag ${name ?? 'that it names'}` }
    : {
        reach: 'branch',
        who: `whoever may push to ${name ?? 'the branch that it names'}`,
        ...(name && { branch: name }),
      }
}
