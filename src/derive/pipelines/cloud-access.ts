import { githubEnvironment, githubOidcSubject } from '../../facts/github-deployment.ts'
import { githubRepository } from '../../facts/github-repository.ts'
import { iamAttachment, iamRole, iamStatement } from '../../facts/iam.ts'
import { iamApplied } from '../../facts/iam-applied.ts'
import { iamPrivileged } from '../../facts/iam-escalation.ts'
import { shortName } from '../../facts/iam-name.ts'
import { gcpGrant } from '../../facts/kubernetes-cloud.ts'
import { ciJob, ciStep, ciTrigger, ciWorkflow } from '../../facts/pipeline.ts'
import { ciCloudAccess, ciCloudLogin, ciExcludedEvent, sourceRepository } from '../../facts/pipeline-cloud.ts'
import { ciRefFilter } from '../../facts/pipeline-refs.ts'
import { type DataOf, type Derivation, type Fact, fact, type Gap, isFact, UNKNOWN } from '../../model.ts'
import { Applied } from '../iam/applied.ts'
import type { Tri } from '../iam/conditions.ts'
import { asField } from '../iam/tri.ts'
import { CloudPrincipals } from '../kubernetes/cloud-principals.ts'
import { groupBy } from '../kubernetes/rbac.ts'
import { OTHER_FORM, repositoryGap, UnseenIdentities, whyOpen } from './cloud-gaps.ts'
import { type Reach, reachOf } from './cloud-reach.ts'
import { GithubSettings } from './github-settings.ts'
import { gitlabHolders } from './gitlab-jobs.ts'
import { type Repository, subjectText, type TokenForm, type TokenJob, tokenForms } from './subjects.ts'
import { type Holder, TokenJobs } from './token-jobs.ts'
import { admissions, readTokenTrusts } from './token-trust.ts'

/** Which identities of clouds the jobs of pipelines get, both sides heeded, and what these amount to. */
export const findCloudAccess: Derivation = {
  id: 'pipeline-cloud-access',
  from: [ciJob, ciCloudLogin],
  optional: [
    ciWorkflow,
    ciTrigger,
    ciStep,
    ciExcludedEvent,
    ciRefFilter,
    sourceRepository,
    iamRole,
    iamStatement,
    iamAttachment,
    iamPrivileged,
    iamApplied,
    gcpGrant,
    githubEnvironment,
    githubOidcSubject,
    githubRepository,
  ],
  emits: [ciCloudAccess],
  derive: (facts, gaps) => new CloudAccesses(facts, gaps).all(),
}

/** A role, and what it says of the tokens of one job. */
interface Answer {
  readonly admitted: Tri
  readonly forms: readonly TokenForm[]
  readonly assumptions: readonly string[]
  readonly reach: Reach | undefined
  /** Why it is not decided; empty where it is, or where a gap says it already. */
  readonly open: string
}
const NOWHERE: Repository = { host: undefined, owner: undefined, name: undefined }
const ELSEWHERE = {
  github: /^(?:gitlab\.com|bitbucket\.org|codeberg\.org)$/,
  gitlab: /^(?:github\.com|.*\.ghe\.com|bitbucket\.org|codeberg\.org)$/,
}
const DEFAULT_FORM = {
  github: 'subjects have GitHub’s default form, not a customised one',
  gitlab: 'subjects have GitLab’s default form, not a customised one',
}
const NOT_SEEN: Answer = { admitted: 'unknown', forms: [], assumptions: [], reach: undefined, open: '' }

class CloudAccesses {
  readonly #facts: readonly Fact[]
  readonly #principals: CloudPrincipals
  readonly #statements: ReadonlyMap<string, readonly DataOf<typeof iamStatement>[]>
  readonly #roles: readonly Fact<typeof iamRole>[]
  readonly #grants: ReadonlyMap<string, Fact<typeof gcpGrant>>
  readonly #derived: Fact[] = []
  readonly #github: GithubSettings
  readonly #unseen = new UnseenIdentities()
  readonly #forms = new Map<Holder, string>()
  readonly #answers = new Map<string, Answer>()
  #trustingRoles: readonly string[] | undefined

  constructor(facts: readonly Fact[], gaps: readonly Gap[]) {
    this.#facts = facts
    this.#principals = new CloudPrincipals(facts, gaps)
    this.#github = new GithubSettings(facts, gaps)
    const applied = new Applied(facts)
    const trusts = facts
      .filter((each) => isFact(iamStatement, each))
      .filter((each) => each.data.policyKind === 'trust' && !applied.hasStatement(each))
    const byOwner = groupBy(trusts, ({ data }) => data.owner ?? '')
    this.#statements = new Map([...byOwner].map(([owner, own]) => [owner, own.map(({ data }) => data)]))
    this.#roles = facts.filter((each) => isFact(iamRole, each))
    const grants = facts.filter((each) => isFact(gcpGrant, each))
    this.#grants = new Map(grants.map((grant) => [grant.data.identity ?? '', grant]))
  }

  all(): { facts: Fact[]; gaps: Gap[] } {
    const jobs = this.#facts.filter((each) => isFact(ciJob, each))
    const trees = groupBy(jobs, ({ scope, data }) => treeOf(scope, data.workflow ?? ''))
    const gaps: Gap[] = []
    for (const scope of trees.keys()) {
      const own = this.#facts.filter((each) => each.kind.startsWith('ci.') && isWithin(each.scope, scope))
      for (const platform of ['github', 'gitlab'] as const) {
        const repository = this.#repositoryOf(scope, platform)
        const before = this.#derived.length
        const isGitlab = platform === 'gitlab'
        const holders = isGitlab ? gitlabHolders(own, repository) : new TokenJobs(own, repository).holders()
        this.#ofRepository(holders, repository)
        if (this.#derived.length > before && repository.owner === undefined) gaps.push(repositoryGap(scope, isGitlab))
      }
    }
    return { facts: this.#derived, gaps: [...gaps, ...this.#unseen.gaps()] }
  }

  /** A mirror at another platform does not tell what the pipeline's own repository is called. */
  #repositoryOf(scope: string, platform: TokenJob['platform']): Repository {
    const found = this.#facts.find((each) => isFact(sourceRepository, each) && each.data.tree === scope)
    const { host, owner, name }: DataOf<typeof sourceRepository> = found?.data ?? {}
    if (host !== undefined && ELSEWHERE[platform].test(host)) return NOWHERE
    const repository = { host, owner, name }
    return platform === 'gitlab' ? repository : { ...repository, prefix: this.#github.prefix(repository) }
  }

  #ofRepository(holders: readonly Holder[], repository: Repository): void {
    const taken = new Set<string>()
    for (const holder of holders) {
      const seen = new Set<string>()
      for (const login of holder.logins) {
        if (login.data.cloud !== 'aws') this.#elsewhere(holder, login)
        else for (const id of this.#byLogin(holder, login, repository, seen)) taken.add(id)
      }
    }
    this.#byTrust(holders, repository, taken)
  }

  /** The role of a step: the one that it names, else those that would let the job in. */
  #byLogin(holder: Holder, login: Fact<typeof ciCloudLogin>, repository: Repository, seen: Set<string>): string[] {
    const { identity, roleName, source = '' } = login.data
    const named = identity === undefined ? this.#named(roleName) : [this.#principals.resolve(identity)]
    const [only] = named
    if (only && (identity !== undefined || named.length === 1)) {
      if (!seen.has(only.id))
        this.#add(holder, only.id, 'login', this.#answer(only.id, holder, repository), [only.assumption])
      seen.add(only.id)
      return [only.id]
    }
    const candidates = named.length > 0 ? named.map(({ id }) => id) : roleName === undefined ? this.#trusting() : []
    const answers = candidates.map((id) => ({ id, answer: this.#answer(id, holder, repository) }))
    const open = answers.filter(({ answer }) => answer.admitted !== false)
    const certain = open.filter(({ answer }) => answer.admitted === true)
    const chosen =
      certain.length > 0 ? certain : open.filter(({ id }) => this.#principals.standing(id).privileged !== false)
    const filled = source === '' ? 'the role that the step names' : source
    for (const { id, answer } of chosen.filter((each) => !seen.has(each.id))) {
      seen.add(id)
      this.#add(holder, id, 'login', answer, [
        `${filled} stands for ${this.#principals.nameOf(id)}, which lets the job in`,
      ])
    }
    if (chosen.length === 0) this.#hidden(holder, login)
    return chosen.map(({ id }) => id)
  }

  /** Roles of a name, where the account is a variable: those of an account before those of files. */
  #named(name: string | undefined): { id: string; assumption: string }[] {
    if (name === undefined || name === '') return []
    const all = this.#roles.filter(({ data }) => data.name === name).map(({ data }) => data.arn ?? '')
    const live = all.filter((id) => !id.startsWith('file:'))
    return (live.length > 0 ? live : all).map((id) => ({
      id,
      assumption: `${name} is taken for ${placeOf(id)} by its name`,
    }))
  }

  /** Roles that take tokens, those of files that are seen in an account left out. */
  #trusting(): readonly string[] {
    this.#trustingRoles ??= [...this.#statements.keys()].filter(
      (id) => id !== '' && this.#principals.resolve(id).id === id,
    )
    return this.#trustingRoles
  }

  /** What a role says of all tokens that a job can get: the same for all jobs that start alike. */
  #answer(id: string, holder: Holder, repository: Repository): Answer {
    const form = this.#forms.get(holder) ?? JSON.stringify(holder.runs)
    this.#forms.set(holder, form)
    const key = `${id}\0${form}`
    const known = this.#answers.get(key) ?? this.#judged(id, holder, repository)
    this.#answers.set(key, known)
    return known
  }

  #judged(id: string, { runs }: Holder, repository: Repository): Answer {
    const statements = this.#statements.get(id)
    if (!statements) return NOT_SEEN
    const platform = runs[0]?.platform ?? 'github'
    const { trusts, denied } = readTokenTrusts(statements, platform, repository.host)
    const open = runs.flatMap((run) => admissions(trusts, denied, tokenForms(run)))
    const certain = open.filter(({ admitted }) => admitted === true)
    const chosen = certain.length > 0 ? certain : open
    const [first] = chosen
    if (!first) return { admitted: false, forms: [], assumptions: [], reach: undefined, open: '' }
    const subjects = platform === 'gitlab' ? 'assumed' : this.#github.subjects(repository)
    const told = subjects === 'default' || subjects === 'assumed'
    const admitted = told ? first.admitted : 'unknown'
    return {
      admitted,
      open:
        admitted !== 'unknown' || repository.owner === undefined
          ? ''
          : told
            ? whyOpen(trusts, denied, first)
            : OTHER_FORM,
      forms: chosen.map(({ form }) => form),
      assumptions: [...first.assumptions, ...(subjects === 'assumed' ? [DEFAULT_FORM[platform]] : [])],
      reach: reachOf(trusts, denied, first),
    }
  }

  /** Roles that no step is seen to take, though they let jobs with a token in: one fact for each, whichever job comes first. */
  #byTrust(holders: readonly Holder[], repository: Repository, taken: ReadonlySet<string>): void {
    for (const id of this.#trusting()) {
      if (taken.has(id)) continue
      const admitted = holders
        .map((holder) => ({ holder, answer: this.#answer(id, holder, repository) }))
        .filter(({ answer }) => answer.admitted === true)
      const [first] = admitted
      if (first) this.#add(first.holder, id, 'trust', first.answer, [])
    }
  }

  #add(
    { job, runs }: Holder,
    id: string,
    via: 'login' | 'trust',
    answer: Answer,
    assumptions: readonly string[],
  ): void {
    const standing = this.#principals.standing(id)
    if (standing.privileged === 'unknown') this.#unseen.note('aws', shortName(id))
    if (answer.open !== '' && standing.privileged !== false)
      this.#unseen.note('trust', `${this.#principals.nameOf(id)}: ${answer.open}`)
    const { forms } = answer
    const repository = runs[0]?.repository ?? NOWHERE
    const all = [...assumptions, ...answer.assumptions, ...standing.assumptions].filter((each) => each !== '')
    const name = forms[0]?.job.environment ?? ''
    const isBehind = answer.reach?.reach === 'environment'
    const protection = isBehind ? this.#github.guard(repository, name, answer.reach) : undefined
    const reach = protection?.reach ?? answer.reach
    if (protection?.seen === false) all.push('what protects the environment was not read')
    this.#derived.push(
      fact(ciCloudAccess, job.scope, job.at, {
        workflow: job.data.workflow ?? '',
        job: job.data.job ?? '',
        provider: 'aws',
        identity: id,
        identityName: `AWS role ${this.#principals.nameOf(id)}`,
        via,
        events: unique(forms.map(({ job: { start } }) => start.event)),
        subjects: unique(forms.map(subjectText)),
        how: unique(forms.map(({ how }) => how)).join(', '),
        trusted: asField(answer.admitted),
        privileged: asField(standing.privileged),
        because: standing.because,
        policy: standing.policy,
        reach: reach?.reach ?? (answer.admitted === false ? '' : UNKNOWN),
        who: reach?.who ?? (answer.admitted === false ? '' : UNKNOWN),
        guard: protection?.guard ?? '',
        assumptions: unique(all),
      }),
    )
  }

  /** A role that only a run knows, and none was seen that lets the job in. */
  #hidden({ job }: Holder, login: Fact<typeof ciCloudLogin>): void {
    const { source = '', roleName } = login.data
    this.#unseen.note('aws', roleName || source || 'known at run time only')
    this.#derived.push(this.#unknown(job, login, 'AWS role', undefined))
  }

  /** Identities of other clouds. Of Google's it is known who was given everything in files. */
  #elsewhere({ job }: Holder, login: Fact<typeof ciCloudLogin>): void {
    const { cloud = '', identity, source = '' } = login.data
    const grant = cloud === 'gcp' && identity !== undefined ? this.#grants.get(identity) : undefined
    this.#unseen.note(cloud, identity ?? (source || 'known at run time only'))
    this.#derived.push(this.#unknown(job, login, WHAT[cloud] ?? cloud, grant))
  }

  #unknown(
    job: Fact<typeof ciJob>,
    login: Fact<typeof ciCloudLogin>,
    what: string,
    grant: Fact<typeof gcpGrant> | undefined,
  ): Fact {
    const { cloud = '', identity, roleName = '' } = login.data
    const name = identity === undefined ? roleName : shortName(identity)
    return fact(ciCloudAccess, job.scope, job.at, {
      workflow: job.data.workflow ?? '',
      job: job.data.job ?? '',
      provider: cloud,
      identity: identity ?? UNKNOWN,
      identityName: name === '' ? UNKNOWN : `${what} ${name}`,
      via: 'login',
      events: UNKNOWN,
      subjects: UNKNOWN,
      how: UNKNOWN,
      trusted: UNKNOWN,
      privileged: grant ? true : UNKNOWN,
      because: grant ? `has ${grant.data.role} on the ${grant.data.on} by ${grant.data.path}` : UNKNOWN,
      policy: grant?.data.role ?? UNKNOWN,
      reach: UNKNOWN,
      who: UNKNOWN,
      guard: '',
      assumptions: [],
    })
  }
}

const WHAT: Readonly<Record<string, string>> = {
  gcp: 'Google identity',
  azure: 'Azure identity',
  vault: 'role of Vault',
}
/** The scope of the tree that a file is in. */
function treeOf(scope: string, path: string): string {
  return scope.endsWith(`/${path}`) ? scope.slice(0, -path.length - 1) : scope
}

function isWithin(scope: string, tree: string): boolean {
  return scope === tree || scope.startsWith(`${tree}/`)
}

function placeOf(id: string): string {
  return id.replace(/^file:/, '')
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)]
}
