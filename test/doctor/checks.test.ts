import { describe, expect, it } from 'vitest'
import { canAudit, judgeSurroundings } from '../../src/doctor/checks.ts'
import { parseProfiles, proxyHost, type Surroundings, tokenKind } from '../../src/doctor/surroundings.ts'
import { randomText } from '../support/program.ts'

const NOTHING: Surroundings = {
  node: '20.19.0',
  repository: { path: '.', commits: 1, shallow: false, partial: false },
  aws: { variables: [], profiles: [], sessions: { all: 0, valid: 0 } },
  kubernetes: { files: [], contexts: [], inCluster: false },
  tools: [{ name: 'git', version: '2.40.0' }, { name: 'helm' }],
  proxies: [],
  terminal: { isTerminal: true, columns: 80, colors: true },
}
const judge = (found: Partial<Surroundings>) => judgeSurroundings({ ...NOTHING, ...found })
const said = (found: Partial<Surroundings>, area: string) =>
  judge(found)
    .filter((check) => check.area === area)
    .map(({ state, text }) => `${state}: ${text}`)

describe('the repository', () => {
  it('can be audited with nothing else at hand', () => {
    expect(canAudit(judge({}))).toBe(true)
    expect(said({}, 'repository')[0]).toBe('ok: . is a git repository, 1 commit')
  })
  it('may be cut off, partial, or none', () => {
    const checks = judge({ repository: { path: '.', commits: 3, shallow: true, partial: true } })
    expect(checks.filter(({ state }) => state === 'warning').map(({ help }) => help)).toEqual([
      expect.stringContaining('fetch-depth: 0'),
      expect.stringContaining('refetch'),
    ])
    const none = { repository: { path: 'x', problem: 'no git', commits: 0, shallow: false, partial: false } }
    expect(said(none, 'repository')[0]).toBe('warning: x is read as a plain folder: no git')
    expect(canAudit(judge(none))).toBe(true)
  })
  it('cannot be audited with a config or baseline that does not load, or an old Node', () => {
    const broken = { file: 'x', problem: 'no YAML' }
    expect(canAudit(judge({ config: { ...broken, ignoredKeys: [] } }))).toBe(false)
    expect(canAudit(judge({ baseline: broken }))).toBe(false)
    expect(canAudit(judge({ node: '20.18.3' }))).toBe(false)
    expect(canAudit(judge({ node: '18.20.0' }))).toBe(false)
    expect(canAudit(judge({ node: '24.1.0' }))).toBe(true)
  })
  it('names the keys of its config that do not count', () => {
    expect(said({ config: { file: 'c', ignoredKeys: ['skip'] } }, 'repository')[1]).toMatch(
      /^warning: .*skip.*--trust-target/,
    )
  })
})

describe('credentials', () => {
  const aws = (found: Partial<Surroundings['aws']>) => said({ aws: { ...NOTHING.aws, ...found } }, 'AWS')
  it('of AWS by kind', () => {
    expect(aws({})).toEqual([expect.stringMatching(/^absent: no credentials/)])
    const keys = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
    expect(aws({ variables: keys })).toEqual(['ok: access key in the environment'])
    expect(aws({ variables: [...keys, 'AWS_SESSION_TOKEN'] })).toEqual([
      'ok: access key in the environment, of a session',
    ])
    expect(aws({ variables: keys.slice(1) })[0]).toMatch(/^warning: only one of/)
    expect(aws({ variables: ['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN'] })).toEqual([
      'ok: web identity token and role',
    ])
    expect(aws({ profiles: [{ name: 'a', kind: 'role' }], profile: 'b' })).toEqual([
      'ok: profiles a (role)',
      "warning: AWS_PROFILE names 'b', which no file has",
    ])
    expect(aws({ sessions: { all: 2, valid: 1 } })).toEqual(['ok: 1 of 2 Identity Center sign-ins not expired'])
  })
  it('of Kubernetes', () => {
    const kubernetes = (found: Partial<Surroundings['kubernetes']>) =>
      said({ kubernetes: { ...NOTHING.kubernetes, ...found } }, 'Kubernetes')
    expect(kubernetes({})).toEqual(['absent: no kubeconfig'])
    expect(kubernetes({ contexts: ['a', 'b'], current: 'b' })).toEqual(['ok: contexts a, b (current)'])
    expect(kubernetes({ contexts: ['a'] })).toEqual(['ok: contexts a', 'warning: no current context'])
    expect(kubernetes({ inTree: './kubeconfig' })[0]).toMatch(/^warning: .*not used/)
    expect(kubernetes({ inCluster: true })).toEqual(["ok: the pod's own service account"])
  })
  it('of GitHub, the kind by how the token begins', () => {
    expect(tokenKind(`ghp_${randomText(36)}`)).toBe('classic')
    expect(tokenKind(randomText(40, '0123456789abcdef').toLowerCase().replace(/[xq]/g, '0'))).toBe('classic')
    expect(tokenKind(`github_pat_${randomText(82)}`)).toBe('fine-grained')
    expect(tokenKind(`ghs_${randomText(36)}`)).toBe('app installation')
    expect(tokenKind(randomText(30))).toBe('unknown')
    expect(said({ github: { variable: 'GH_TOKEN', kind: 'classic' } }, 'GitHub')).toEqual([
      'ok: a token in GH_TOKEN, kind: classic',
    ])
    expect(said({ github: { variable: 'GITHUB_TOKEN', kind: 'app installation' } }, 'GitHub')[0]).toMatch(/^warning: /)
    const app = { id: '7', key: 'GITHUB_APP_PRIVATE_KEY_FILE' }
    expect(said({ githubApp: app, github: { variable: 'GH_TOKEN', kind: 'classic' } }, 'GitHub')).toEqual([
      'ok: the GitHub App 7, its key from GITHUB_APP_PRIVATE_KEY_FILE; GH_TOKEN is not used',
    ])
    expect(said({ githubApp: { ...app, problem: 'no key' } }, 'GitHub')).toEqual(['warning: no key'])
  })
})

describe('what is read', () => {
  it('of profiles is names and kinds', () => {
    const config =
      '[default]\nregion=x\n[profile sso]\nsso_session = corp\n[sso-session corp]\nsso_start_url = https://x\n[profile deploy]\nrole_arn=arn\nsource_profile=sso\n'
    expect(parseProfiles(config, '[default]\naws_access_key_id = x\n[old]\naws_secret_access_key=x\r\n')).toEqual([
      { name: 'default', kind: 'access key' },
      { name: 'sso', kind: 'Identity Center' },
      { name: 'deploy', kind: 'role' },
      { name: 'old', kind: 'access key' },
    ])
    expect(parseProfiles('', 'no = section\n[]\n[ unclosed')).toEqual([])
  })
  it('of a proxy is its host', () => {
    expect(proxyHost(`http://me:${randomText(12)}@proxy.internal:3128/`)).toBe('proxy.internal:3128')
    expect(proxyHost('proxy')).toBe('no address that can be read')
  })
  it('tells for which providers a proxy is used', () => {
    const checks = said({ proxies: [{ variable: 'HTTPS_PROXY', host: 'proxy:1' }] }, 'environment')
    expect(checks).toContain('warning: HTTPS_PROXY (proxy:1) is used for Kubernetes, not for AWS and GitHub')
  })
})
