import { describe, expect, it } from 'vitest'
import { awsKeyId, awsSecret, folderWith, git, randomText, run } from '../support/program.ts'

interface Answer {
  readonly ready: boolean
  readonly checks: { readonly area: string; readonly state: string; readonly text: string }[]
}

async function ask(root: string, env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await run(['doctor', root, '--format', 'json'], {
    env: { HOME: folderWith({}), ...env },
  })
  const answer = JSON.parse(stdout) as Answer
  return { code, stderr, stdout, ready: answer.ready, texts: answer.checks.map(({ text }) => text).join('\n') }
}

describe('zt-audit doctor', () => {
  it('tells of a shallow repository', async () => {
    const origin = folderWith({ 'a.txt': '1' })
    git(origin, 'init', '-q')
    for (const name of ['first', 'second']) {
      git(origin, 'add', '.')
      git(origin, 'commit', '-q', '--allow-empty', '-m', name)
    }
    const { code, texts } = await ask(origin)
    expect([code, texts]).toEqual([0, expect.stringContaining('a git repository, 2 commits\n')])
    const folder = folderWith({})
    git(folder, 'clone', '-q', '--depth', '1', `file://${origin}`, 'clone')
    expect((await ask(`${folder}/clone`)).texts).toContain('1 commit (shallow)')
  })
  it('names credentials by kind and never their value', async () => {
    const secrets = [awsKeyId(), awsSecret(), randomText(30), `ghp_${randomText(36)}`, randomText(12), randomText(40)]
    const [id = '', key = '', session = '', token = '', password = '', cluster = ''] = secrets
    const home = folderWith({
      '.aws/config': `[profile audit]\naws_access_key_id = ${id}\naws_secret_access_key = ${key}\n`,
      '.aws/sso/cache/a.json': JSON.stringify({ accessToken: session, expiresAt: '2999-01-01T00:00:00Z' }),
      '.kube/config': `current-context: prod\ncontexts: [{ name: prod }]\nusers: [{ name: u, user: { token: ${cluster} } }]\n`,
    })
    const env = {
      HOME: home,
      AWS_ACCESS_KEY_ID: id,
      AWS_SECRET_ACCESS_KEY: key,
      AWS_SESSION_TOKEN: session,
      GITHUB_TOKEN: token,
      HTTPS_PROXY: `http://me:${password}@proxy.internal:3128`,
    }
    const { code, texts, stdout, stderr } = await ask(folderWith({ 'a.txt': 'x' }), env)
    expect(code).toBe(0)
    for (const text of [
      'access key in the environment, of a session',
      'profiles audit (access key)',
      '1 of 1 Identity Center sign-ins not expired',
      'contexts prod (current)',
      'a token in GITHUB_TOKEN, kind: classic',
      'HTTPS_PROXY (proxy.internal:3128)',
    ])
      expect(texts).toContain(text)
    const pretty = await run(['doctor', home], { env })
    for (const secret of secrets)
      for (let i = 0; i + 6 <= secret.length; i += 3)
        expect(stdout + stderr + pretty.stdout + pretty.stderr).not.toContain(secret.slice(i, i + 6))
  })
  it('quotes nothing of a broken kubeconfig', async () => {
    const token = randomText(20)
    const { texts, stderr } = await ask(folderWith({}), {
      HOME: folderWith({ '.kube/config': `users: [{ token: ${token}\n` }),
    })
    expect(texts).toContain('is no kubeconfig that can be read')
    expect(texts + stderr).not.toContain(token)
  })
  it('does not take a kubeconfig from the audited tree', async () => {
    const root = folderWith({ kubeconfig: 'current-context: evil\ncontexts: [{ name: evil }]\n' })
    const { texts } = await ask(root, { KUBECONFIG: `${root}/kubeconfig` })
    expect(texts).toContain('lies in the audited tree and is not used')
    expect(texts).not.toContain('contexts evil')
  })
  it('fails where an audit would: a config or baseline that does not load', async () => {
    expect(await ask(folderWith({ 'zt-audit.yaml': 'exlude: [a]\n' }))).toMatchObject({
      code: 1,
      ready: false,
      texts: expect.stringContaining("zt-audit.yaml:1:1: unknown key 'exlude', did you mean 'exclude'?"),
    })
    expect((await ask(folderWith({ 'zt-audit.baseline.json': '{' }))).code).toBe(1)
    const { code, stdout } = await run(['doctor', '.'], { cwd: folderWith({ 'zt-audit.yaml': 'exlude: [a]\n' }) })
    expect([code, stdout]).toEqual([1, expect.stringContaining('cannot be audited yet')])
  })
  it('is a usage error for a path that is not there', async () => {
    expect(await run(['doctor', '/nowhere/at/all'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('/nowhere'),
    })
  })
  it('fits 80 columns, and says that nothing was sent', async () => {
    const { stdout } = await run(['doctor'], { cwd: folderWith({}), env: { COLUMNS: '80', AWS_ACCESS_KEY_ID: 'x' } })
    expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([])
    expect(stdout).toContain('Nothing was sent')
  })
})
