import type { iamStatement } from '../../facts/iam.ts'
import { hasPlaceholder, replacePlaceholders } from '../../facts/iam-placeholder.ts'
import { globMatches, globsIntersect } from '../../glob.ts'
import type { DataOf } from '../../model.ts'
import { isGitlabIssuer } from '../../reference/gitlab-subjects.ts'
import { CLAIMS_IN_AWS, isIssuerOf } from '../../reference/workflow-subjects.ts'
import { type Condition, readConditions, type Tri } from '../iam/conditions.ts'
import { claimOf, readOidcTrust } from '../iam/oidc.ts'
import { and } from '../iam/tri.ts'
import { ANY_NAME, commonNames } from './ref-filter.ts'
import type { TokenForm, TokenJob } from './subjects.ts'

type StatementData = DataOf<typeof iamStatement>

/** One Allow statement of a role that takes tokens of a pipeline. */
export interface TokenTrust {
  readonly conditions: readonly Condition[]
  /** Conditions on what is no claim: addresses, dates. */
  readonly others: boolean
}

/** Whether tokens of a form get in, with what that rests on. */
export interface Admission {
  readonly admitted: Tri
  readonly assumptions: readonly string[]
  /** Name of the branch or tag that surely gets in, where there is a choice. */
  readonly name?: string
}
const REFUSED: Admission = { admitted: false, assumptions: [] }

/** Reads the trust of one role: which of its statements take tokens of a platform's host. A Deny among them leaves open what the others allow. */
export function readTokenTrusts(
  statements: readonly StatementData[],
  platform: TokenJob['platform'],
  host: string | undefined,
): { trusts: TokenTrust[]; denied: boolean } {
  const trusts = statements.flatMap((data): TokenTrust[] => {
    if (data.effect !== 'Allow') return []
    const all = readConditions(data.conditions ?? [])
    const oidc = readOidcTrust(data.principals ?? [], data.actions ?? [], all)
    if (!oidc || !mayBeIssuer(oidc.issuer, platform, host, all)) return []
    const conditions = all.filter(({ key }) => claimOf(key) !== undefined || hasPlaceholder(key))
    return [{ conditions, others: conditions.length < all.length }]
  })
  return { trusts, denied: statements.some(({ effect }) => effect !== 'Allow') }
}

const SUBJECTS = { github: /^(?:repo|repository|job_workflow_ref):/, gitlab: /^project_path:/ }

/** An issuer that only a deployment knows is that of the platform if its subjects look like it. */
function mayBeIssuer(
  issuer: string,
  platform: TokenJob['platform'],
  host: string | undefined,
  conditions: readonly Condition[],
): boolean {
  if (!hasPlaceholder(issuer) && issuer !== '')
    return platform === 'gitlab' ? isGitlabIssuer(issuer, host) : isIssuerOf(issuer, host)
  return conditions.some(({ values }) => values.some((value) => SUBJECTS[platform].test(value)))
}

/** Whether some token of a form gets in by one of the statements: whoever starts the job chooses its ref. */
export function admits(trusts: readonly TokenTrust[], denied: boolean, form: TokenForm): Admission {
  const answers = trusts.map((trust) => admitsBy(trust, form))
  const best = answers.find(({ admitted }) => admitted === true) ?? answers.find(({ admitted }) => admitted !== false)
  if (!best) return REFUSED
  return best.admitted === true && !denied ? best : { ...best, admitted: 'unknown' }
}

/** The same for all forms of a job's tokens: of those of which one is meant, all must get in for certain. */
export function admissions(
  trusts: readonly TokenTrust[],
  denied: boolean,
  forms: readonly TokenForm[],
): (Admission & { readonly form: TokenForm })[] {
  const answers = forms.map((form) => ({ form, ...admits(trusts, denied, form) }))
  const doubtful = new Set(answers.filter(({ admitted }) => admitted !== true).map(({ form }) => form.either))
  return answers
    .filter(({ admitted }) => admitted !== false)
    .map((each) =>
      each.form.either !== '' && doubtful.has(each.form.either) ? { ...each, admitted: 'unknown' } : each,
    )
}

function admitsBy(trust: TokenTrust, form: TokenForm): Admission {
  const names = form.names && candidateNames(trust, form)
  if (names && !names.possible) return REFUSED
  // Where it is not known which names it is, a trust that takes any is the only one that surely takes it.
  const certain = names?.certain.filter((name) => form.certain || name === ANY_NAME)
  const tokens = certain ? certain.map((name) => tokenOf(form, name)) : [tokenOf(form, '')]
  for (const token of tokens) {
    const admitted = and(...trust.conditions.map((each) => holds(each, token)), trust.others ? 'unknown' : true)
    if (admitted === true)
      return { admitted, assumptions: assumptionsOf(trust, form), ...(names && { name: token.name }) }
  }
  // No name was found that surely gets in; one may, if nothing but the name can stop it.
  const anyName = { ...tokenOf(form, ''), open: form.names !== undefined }
  const possible = and(...trust.conditions.map((each) => holds(each, anyName)))
  return possible === false ? REFUSED : { admitted: 'unknown', assumptions: assumptionsOf(trust, form) }
}

/** Names that the patterns on `sub` and `ref` and the filter of the trigger have in common. */
function candidateNames({ conditions }: TokenTrust, form: TokenForm): { certain: string[]; possible: boolean } {
  const globs = new Set<string>()
  for (const { key, operator, values } of conditions) {
    const claim = claimOf(key)?.claim
    if (!POSITIVE.has(operator) || claim === undefined || !NAMED.has(claim) || (claim === 'sub' && !form.named))
      continue
    for (const value of values) globs.add(nameGlob(patternOf(operator, value, claim), form.beforeName))
  }
  const found = [...(globs.size > 0 ? globs : ['*'])].map((glob) =>
    commonNames(form.names ?? { patterns: [], ignored: [] }, glob),
  )
  return { certain: found.flatMap(({ certain }) => certain), possible: found.some(({ possible }) => possible) }
}

/** What a pattern leaves for the name, behind `refs/heads/`; all where it does not say that much. */
function nameGlob(pattern: string, before: string): string {
  const at = pattern.indexOf(before)
  return at < 0 ? '*' : pattern.slice(at + before.length)
}

interface Token {
  readonly name: string
  /** Set if the name is left open: what ends in it is matched as far as it is known. */
  readonly open?: boolean
  /** By claim; undefined: not in the token. */
  readonly claims: Readonly<Record<string, string | undefined>>
  /** How `sub` begins, as GitHub tells; with ids or without. */
  readonly prefix: string | undefined
  /** Claims whose values only a run knows. */
  readonly hidden: ReadonlySet<string>
}

const HIDDEN = ['actor', 'actor_id', 'repository_id', 'repository_owner_id', 'enterprise', 'enterprise_id', 'run_id']

function tokenOf(form: TokenForm, name: string): Token {
  const { repository, workflow, workflowName, environment } = form.job
  const path = `${repository.owner ?? '*'}/${repository.name ?? '*'}`.toLowerCase()
  const ref = `${form.refPrefix}${form.names ? name : ''}`
  // Of GitLab's claims AWS evaluates no other.
  if (form.job.platform === 'gitlab') {
    const sub = `project_path:${path}:${form.context}${name}`
    return { name, prefix: undefined, claims: { sub }, hidden: new Set() }
  }
  return {
    name,
    prefix: repository.prefix,
    claims: {
      sub: `repo:${path}:${form.context}${form.named ? name : ''}`,
      repository: path,
      repository_owner: repository.owner?.toLowerCase() ?? '*',
      ref,
      workflow: workflowName,
      job_workflow_ref: workflow.includes('@') ? workflow : `${path}/${workflow}@${ref}`,
      environment: environment === '' ? undefined : (environment ?? '*'),
    },
    hidden: new Set(HIDDEN),
  }
}

const POSITIVE = new Set(['stringequals', 'stringequalsignorecase', 'stringlike'])
const NEGATIVE = new Set(['stringnotequals', 'stringnotequalsignorecase', 'stringnotlike'])
/** Claims that end in the name of the branch or tag. */
const NAMED = new Set(['sub', 'ref', 'job_workflow_ref'])

/** Whether a condition holds for a token. */
function holds(condition: Condition, token: Token): Tri {
  const { key, operator, values, ifExists, quantifier } = condition
  const claim = claimOf(key)?.claim
  // An issuer that only a deployment knows; the claim behind it may be written.
  if (claim === undefined || hasPlaceholder(claim)) return 'unknown'
  // Whoever asks for the token chooses its audience.
  if (claim === 'aud') return true
  if (token.hidden.has(claim) || !(claim in token.claims)) return 'unknown'
  const text = token.claims[claim]
  if (text === undefined) return ifExists || quantifier === 'forallvalues' || NEGATIVE.has(operator)
  if (operator === 'null') return values.every((value) => value.toLowerCase() === 'false')
  const open = token.open === true && NAMED.has(claim) ? `${text}*` : text
  const some = values.map((value) =>
    claim === 'sub' && !mayBegin(value, token.prefix) ? false : matches(operator, value, open, claim),
  )
  const any: Tri = some.includes(true) ? true : some.includes('unknown') ? 'unknown' : false
  const known: Tri = CLAIMS_IN_AWS.has(claim) ? true : 'unknown'
  if (POSITIVE.has(operator)) return and(any, known)
  if (!NEGATIVE.has(operator)) return 'unknown'
  return any === 'unknown' ? any : and(!any, known)
}

/** Whether a value of a condition takes a claim, of which `*` is not known. */
function matches(operator: string, value: string, text: string, claimName: string): Tri {
  const pattern = patternOf(operator, value, claimName)
  const sensitive = !operator.includes('ignorecase')
  const [glob, claim] = sensitive ? [pattern, text] : [pattern.toLowerCase(), text.toLowerCase()]
  if (hasPlaceholder(value) || claim.includes('*')) {
    if (
      !hasPlaceholder(value) &&
      [claim.replaceAll('*', ANY_NAME), claim.replaceAll('*', '8wx/y')].every((each) => globMatches(glob, each))
    )
      return true
    return globsIntersect(glob, claim) ? 'unknown' : false
  }
  return operator.endsWith('like') ? globMatches(glob, claim) : glob === claim
}

const IMMUTABLE = /^(repo:[^/@:]+)@[\d*?]+(\/[^/@:]+)@[\d*?]+(?=[:*?]|$)/
/** Names of owners and repositories: GitHub knows no letter case in them, and a remote may be written in any. */
const REPOSITORY_PART = /^(?:project_path:[^:]*|(?:repo:)?[^/:]*\/[^/:@]*)/
const NAMES_REPOSITORY = new Set(['sub', 'repository', 'job_workflow_ref'])

/**
 * A pattern by names alone. Repositories created, renamed or transferred after 15 July 2026 have ids in their subjects
 * (`repo:OWNER@1/NAME@2:…`); ids are not in files, so that a trust that names some is taken to mean this repository's. Without
 * `Like` an asterisk is an asterisk, which no token has.
 */
function patternOf(operator: string, value: string, claim: string): string {
  const filled = replacePlaceholders(value, FILLED)
  const literal = operator.endsWith('like') ? filled : filled.replace(/[*?]/g, NOBODY)
  const pattern = literal.replaceAll(FILLED, '*').replace(IMMUTABLE, '$1$2')
  if (claim === 'repository_owner') return pattern.toLowerCase()
  return NAMES_REPOSITORY.has(claim) ? pattern.replace(REPOSITORY_PART, (part) => part.toLowerCase()) : pattern
}

/** Where GitHub tells the form of subjects, a trust in the other form takes none, nor one with ids of another repository. */
function mayBegin(value: string, prefix: string | undefined): boolean {
  if (prefix === undefined || hasPlaceholder(value)) return true
  const written = IMMUTABLE.exec(value)?.[0] ?? /^repo:[^*?:]*\/[^*?:]*(?=:)/.exec(value)?.[0]
  return written === undefined || globMatches(written.toLowerCase(), prefix.toLowerCase())
}

/** What the conditions of a trust hang on beside the subject, by name. */
export function claimsBeside(trusts: readonly TokenTrust[]): string[] {
  const claims = trusts.flatMap(({ conditions, others }) => [
    ...conditions.map(({ key }) => claimOf(key)?.claim ?? key),
    ...(others ? ['conditions that are no claims'] : []),
  ])
  return [...new Set(claims)].filter((claim) => claim !== 'sub' && claim !== 'aud').sort()
}

const FILLED = '\u0001'
const NOBODY = '\u0002'

function assumptionsOf({ conditions }: TokenTrust, form: TokenForm): string[] {
  const subjects = conditions.flatMap(({ key, values }) => (claimOf(key)?.claim === 'sub' ? values : []))
  const ids = subjects.some((value) => IMMUTABLE.test(value) && /@\d/.test(value))
  return [
    ids && form.job.repository.prefix === undefined ? 'the ids in the trust are those of this repository' : '',
    form.assumption,
  ].filter((each) => each !== '')
}
