import { ANY_NAME as ANY } from './ref-filter.ts'
import type { Start, TokenForm, TokenJob } from './subjects.ts'
import { tokenForms } from './subjects.ts'
import { type Admission, admits, type TokenTrust } from './token-trust.ts'

/** Who can have a token made that a role takes: told from the trust, since whoever may push may also write a workflow of his own. */
export interface Reach {
  readonly reach: 'any-branch' | 'tag' | 'branch' | 'environment'
  /** As the end of a sentence. */
  readonly who: string
  /** The one branch that it takes, where it is one. */
  readonly branch?: string
}

const NO_FILTER = { branches: [], ignoredBranches: [], tags: [], ignoredTags: [] }

/** For a form that the role takes, or may take. */
export function reachOf(
  trusts: readonly TokenTrust[],
  denied: boolean,
  { form, name, admitted }: Admission & { readonly form: TokenForm },
): Reach {
  // Where it is only possible that the job gets in, that others may is as good.
  const isAs = (other: Admission['admitted']) => other === true || (admitted !== true && other === 'unknown')
  const takes = (start: Start, environment: string) => {
    const job: TokenJob = { ...form.job, start, environment }
    return tokenForms(job).some((each) => isAs(admits(trusts, denied, each).admitted))
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
