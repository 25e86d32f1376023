import type { AwsFound, KubernetesFound, Surroundings } from './surroundings.ts'

/** One line of what can be audited from here. */
export interface Check {
  readonly area: 'repository' | 'AWS' | 'Kubernetes' | 'GitHub' | 'environment'
  /** `problem`: an audit of the repository would not run; `warning`: part of it would be missing; `absent`: not there. */
  readonly state: 'ok' | 'warning' | 'problem' | 'absent'
  readonly text: string
  /** What to do about it. */
  readonly help?: string
}

/** Judges what was found. Pure: the same surroundings give the same checks. */
export function judgeSurroundings(found: Surroundings): Check[] {
  return [
    ...repository(found),
    ...aws(found.aws),
    ...kubernetes(found.kubernetes),
    ...github(found),
    ...tools(found),
    ...network(found),
    terminal(found),
  ]
}

/** Whether `zt-audit PATH` would run. */
export function canAudit(checks: readonly Check[]): boolean {
  return checks.every((check) => check.state !== 'problem')
}

function repository({ repository: found, config, baseline }: Surroundings): Check[] {
  const checks: Check[] = []
  const add = (state: Check['state'], text: string, help?: string) =>
    checks.push({ area: 'repository', state, text, ...(help && { help }) })
  if (found.problem !== undefined) {
    add(
      'warning',
      `${found.path} is read as a plain folder: ${found.problem}`,
      '--history, --staged and --since need git',
    )
  } else {
    const commits = `${found.commits} commit${found.commits === 1 ? '' : 's'}`
    add('ok', `${found.path} is a git repository, ${commits}${found.shallow ? ' (shallow)' : ''}`)
    if (found.shallow)
      add(
        'warning',
        'the history is cut off: --history sees only what is here',
        'git fetch --unshallow (in CI: fetch-depth: 0)',
      )
    if (found.partial)
      add(
        'warning',
        'a partial clone: objects that are missing are not fetched',
        'git fetch --refetch, with no filter set',
      )
  }
  if (!config) add('absent', 'no zt-audit.yaml: defaults are used', 'zt-audit init writes one')
  else if (config.problem !== undefined) add('problem', `the config does not load: ${config.problem}`)
  else if (config.ignoredKeys.length > 0)
    add(
      'warning',
      `${config.file} is valid, but ${config.ignoredKeys.join(', ')} count only with --trust-target or --config`,
    )
  else add('ok', `${config.file} is valid`)
  if (!baseline) add('absent', 'no zt-audit.baseline.json: every finding counts')
  else if (baseline.problem !== undefined) add('problem', `${baseline.file} does not load: ${baseline.problem}`)
  else add('ok', `${baseline.file} is there`)
  return checks
}

function aws({ variables, profile, profiles, sessions }: AwsFound): Check[] {
  const has = (name: string) => variables.includes(name)
  const found: string[] = []
  const warnings: string[] = []
  if (has('AWS_ACCESS_KEY_ID') && has('AWS_SECRET_ACCESS_KEY'))
    found.push(`access key in the environment${has('AWS_SESSION_TOKEN') ? ', of a session' : ''}`)
  else if (has('AWS_ACCESS_KEY_ID') || has('AWS_SECRET_ACCESS_KEY'))
    warnings.push('only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set')
  if (has('AWS_WEB_IDENTITY_TOKEN_FILE') && has('AWS_ROLE_ARN')) found.push('web identity token and role')
  if (has('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI') || has('AWS_CONTAINER_CREDENTIALS_FULL_URI'))
    found.push('credentials of the container (not asked)')
  if (profiles.length > 0) found.push(`profiles ${profiles.map(({ name, kind }) => `${name} (${kind})`).join(', ')}`)
  if (sessions.all > 0) found.push(`${sessions.valid} of ${sessions.all} Identity Center sign-ins not expired`)
  if (profile !== undefined && !profiles.some(({ name }) => name === profile))
    warnings.push(`AWS_PROFILE names '${profile}', which no file has`)
  const checks: Check[] = found.map((text) => ({ area: 'AWS', state: 'ok', text }))
  checks.push(...warnings.map((text): Check => ({ area: 'AWS', state: 'warning', text })))
  if (has('AWS_ENDPOINT_URL')) checks.push({ area: 'AWS', state: 'ok', text: 'calls go to AWS_ENDPOINT_URL' })
  if (found.length > 0) return checks
  const text = 'no credentials (those of an instance are not looked for here)'
  return [...checks, { area: 'AWS', state: 'absent', text, help: 'sign in, or set AWS_PROFILE; then zt-audit --aws' }]
}

function kubernetes({ problem, contexts, current, inTree, inCluster }: KubernetesFound): Check[] {
  const area = 'Kubernetes'
  const checks: Check[] = []
  if (problem !== undefined) checks.push({ area, state: 'warning', text: problem })
  if (inTree !== undefined) {
    const text = `${inTree} lies in the audited tree and is not used`
    checks.push({ area, state: 'warning', text, help: 'name it by --kubeconfig if you trust it' })
  }
  if (contexts.length > 0) {
    const list = contexts.map((name) => (name === current ? `${name} (current)` : name)).join(', ')
    checks.push({ area, state: 'ok', text: `contexts ${list}` })
    if (current === undefined || !contexts.includes(current))
      checks.push({ area, state: 'warning', text: 'no current context', help: 'name one: --k8s=CONTEXT' })
  }
  if (inCluster) checks.push({ area, state: 'ok', text: "the pod's own service account" })
  if (checks.some(({ state }) => state === 'ok')) return checks
  const help = 'set KUBECONFIG; then zt-audit --k8s. Or audit a dump: --k8s-dump'
  return [...checks, { area, state: 'absent', text: 'no kubeconfig', help }]
}

function github({ github: token, githubApp: app }: Surroundings): Check[] {
  const area = 'GitHub'
  if (app?.problem !== undefined) return [{ area, state: 'warning', text: app.problem }]
  if (app) {
    const text = `the GitHub App ${app.id}, its key from ${app.key}${token ? `; ${token.variable} is not used` : ''}`
    return [{ area, state: 'ok', text }]
  }
  if (!token) {
    const help = 'set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY_FILE; then zt-audit --github OWNER'
    return [{ area, state: 'absent', text: 'no token', help }]
  }
  const text = `a token in ${token.variable}, kind: ${token.kind}`
  if (token.kind !== 'app installation') return [{ area, state: 'ok', text }]
  const help = 'an owner’s token is needed for who has no second factor (zt-audit permissions github)'
  return [{ area, state: 'warning', text: `${text}, such as that of a workflow`, help }]
}

const USES: Readonly<Record<string, string>> = {
  git: 'which files are committed, history',
  kubectl: 'for Kustomize folders (--render) and for making dumps (--k8s-dump)',
  helm: 'for Helm charts (--render)',
}

function tools({ node, tools: found }: Surroundings): Check[] {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  const supported = major > 20 || (major === 20 && minor >= 19)
  const area = 'environment'
  return [
    supported
      ? { area, state: 'ok', text: `Node ${node}` }
      : { area, state: 'problem', text: `Node ${node} is too old`, help: 'install Node 20.19 or newer' },
    ...found.map(({ name, version }): Check => {
      if (version !== undefined) return { area, state: 'ok', text: `${name} ${version}: ${USES[name] ?? ''}` }
      return { area, state: name === 'git' ? 'warning' : 'absent', text: `${name} is not there: ${USES[name] ?? ''}` }
    }),
  ]
}

function network({ proxies, extraCertificates }: Surroundings): Check[] {
  const area = 'environment'
  const checks: Check[] = []
  if (proxies.length === 0) checks.push({ area, state: 'ok', text: 'no proxy is set' })
  for (const { variable, host } of proxies) {
    const text = `${variable} (${host}) is used for Kubernetes, not for AWS and GitHub`
    checks.push({ area, state: 'warning', text, help: 'AWS and GitHub must be reached directly' })
  }
  if (extraCertificates) {
    const { file, exists } = extraCertificates
    checks.push(
      exists
        ? { area, state: 'ok', text: `certificates of ${file} are trusted (NODE_EXTRA_CA_CERTS)` }
        : { area, state: 'warning', text: `NODE_EXTRA_CA_CERTS names ${file}, which is not there` },
    )
  }
  return checks
}

function terminal({ terminal: { isTerminal, columns, colors } }: Surroundings): Check {
  const where = isTerminal ? `a terminal of ${columns} columns` : 'no terminal'
  return { area: 'environment', state: 'ok', text: `output goes to ${where}, ${colors ? 'with' : 'without'} colours` }
}
