import { ciCloudAccess } from '../../facts/pipeline-cloud.ts'
import type { Gap } from '../../model.ts'
import type { TokenForm } from './subjects.ts'
import { claimsBeside, type TokenTrust } from './token-trust.ts'

/** Identities of clouds whose trust or rights were not seen: one gap for each cloud. */
export class UnseenIdentities {
  readonly #names = new Map<string, Set<string>>()

  note(provider: string, name: string): void {
    this.#names.set(provider, (this.#names.get(provider) ?? new Set()).add(name))
  }

  gaps(): Gap[] {
    return [...this.#names].map(([provider, names]) => {
      const [reason, help] = REASONS[provider] ?? [
        'rights not evaluated',
        'they are of a system that was not looked at',
      ]
      const detail = `${[...names].sort().slice(0, 5).join('; ')}${names.size > 5 ? ' …' : ''}: ${help}`
      const fields = ['identity', 'privileged', 'because', 'policy', 'trusted', 'reach', 'who']
      return { kind: ciCloudAccess.kind, scope: 'repo:', fields, class: 'limit', reason, detail }
    })
  }
}

const REASONS: Readonly<Record<string, readonly [reason: string, help: string]>> = {
  trust: ['trust of a role not decided', 'whether it takes the token of the job is for a person to say'],
  aws: ['role of a pipeline not seen', 'what it may do is seen with --aws, or where the files declare it'],
  gcp: [
    'trust in Google Cloud not evaluated',
    'see the conditions of the workload identity pool and what IAM gives it',
  ],
  azure: ['trust in Azure not evaluated', 'see the federated credentials of the identity and its role assignments'],
  vault: ['trust of Vault not evaluated', 'see bound_claims and the policies of the role'],
}

export const OTHER_FORM = 'subjects of the repository are customised, or GitHub did not tell how they are made'

/** What it hangs on whether a trust takes the tokens of a form. */
export function whyOpen(
  trusts: readonly TokenTrust[],
  denied: boolean,
  { form }: { readonly form: TokenForm },
): string {
  const claims = claimsBeside(trusts)
  if (denied) return 'it also denies'
  if (claims.length > 0) return `it hangs on ${claims.join(', ')}`
  if (form.job.environment === undefined) return 'only a run knows the environment of the job'
  return form.job.start.event === 'pull_request_target'
    ? 'GitHub does not document the subject under pull_request_target'
    : 'only a run knows the subject, or what the trust compares it with'
}

/** Said where rows hang on it. */
export function repositoryGap(scope: string, isGitlab: boolean): Gap {
  return {
    kind: ciCloudAccess.kind,
    scope,
    fields: ['trusted', 'reach', 'who'],
    class: 'limit',
    reason: 'repository not told',
    detail: isGitlab
      ? 'the folder has no git remote `origin` at a GitLab: whether roles take tokens of its jobs was not judged'
      : 'the folder has no git remote `origin` at GitHub, by which roles know its workflows: name the repository with --github OWNER/REPO',
  }
}
