import { execFileSync } from 'node:child_process'
import { readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { addFiles, folderWith, randomText, run } from './support/program.ts'

// The examples of the guides, taken as they stand, with the package as it is built.

const blocksOf = (document: string, language: string): string[] =>
  [...readFileSync(document, 'utf8').matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, code = '']) => code,
  )
const ADMIN = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] })

/** A project that has zt-audit installed. */
function projectWith(files: Record<string, string>): string {
  const root = folderWith({ 'package.json': '{"type":"module"}', 'node_modules/.keep': '', ...files })
  symlinkSync(resolve('.'), join(root, 'node_modules/zt-audit'))
  return root
}

describe('docs/library.md', () => {
  it('has an example that runs', () => {
    const [example = ''] = blocksOf('docs/library.md', 'js')
    const root = projectWith({ 'example.mjs': example })
    const secret = randomText(14)
    const target = folderWith({
      'p.json': ADMIN,
      'a.py': `DB = "mysql://app:${secret}@db.internal/x"\n`,
      'x.json': '{"Statement": [',
    })
    let failed = { status: 0, stdout: '' }
    try {
      execFileSync(process.execPath, ['example.mjs', target], { cwd: root, encoding: 'utf8', stdio: 'pipe' })
    } catch (error) {
      failed = error as typeof failed
    }
    expect(failed.status).toBe(1)
    expect(failed.stdout).toContain('critical iam/full-admin')
    expect(failed.stdout).toContain('critical secrets/connection-string-password')
    expect(failed.stdout).not.toContain(secret)
    expect(JSON.parse(readFileSync(join(root, 'zt-audit.sarif'), 'utf8')).runs[0].results).toHaveLength(2)
  })
  it('names only what there is', async () => {
    const library = (await import('../src/index.ts')) as Record<string, unknown>
    for (const name of ['audit', 'render', 'exitCodeOf', 'isOpen', 'UsageError', 'RuleError', 'PluginError'])
      expect(library[name]).toBeTypeOf('function')
  })
  it('tells the errors', async () => {
    const { audit, render, RuleError, UsageError } = await import('../src/index.ts')
    await expect(audit({ paths: '' })).rejects.toThrow(UsageError)
    const root = folderWith({ 'zt-audit.yaml': 'exclud: [a]\n' })
    await expect(audit({ paths: root })).rejects.toThrow(RuleError)
    const report = await audit({ paths: root, config: false })
    await expect(render(report, 'no-such-format')).rejects.toThrow(RangeError)
  })
})

describe('docs/plugins.md', () => {
  let project = ''
  const policy = 'path "*" {\n  capabilities = ["read", "update"]\n}\n'
  beforeAll(() => {
    const [plugin = ''] = blocksOf('docs/plugins.md', 'js')
    const [rule = ''] = blocksOf('docs/plugins.md', 'yaml')
    project = projectWith({ 'vault-plugin.mjs': plugin, 'rules/vault/root-path.yaml': rule })
  })
  const zt = (...args: string[]) => run(args, { cwd: project })

  it('has a rule pack whose tests pass', async () => {
    expect(await zt('rules', 'test', '--plugin', './vault-plugin.mjs')).toMatchObject({
      code: 0,
      stdout: '1 rules: 2 tests passed, 0 failed\n',
    })
  })
  it('has a scanner that finds, in each format', async () => {
    addFiles(project, { 'ops.vault.hcl': `# ops\n${policy}` })
    const { code, stdout } = await zt('.', '--plugin', './vault-plugin.mjs', '--only', 'vault', '--format', 'json')
    expect(code).toBe(1)
    const { findings } = JSON.parse(stdout)
    expect(findings).toMatchObject([{ ruleId: 'vault/root-path', location: { file: 'ops.vault.hcl', line: 2 } }])
    expect(findings[0].message).toContain('read, update')
    const sarif = await zt('.', '--plugin', './vault-plugin.mjs', '--only', 'vault', '--format', 'sarif')
    expect(JSON.parse(sarif.stdout).runs[0].results).toHaveLength(1)
    expect((await zt('explain', 'vault/root-path', '--plugin', './vault-plugin.mjs')).stdout).toContain(
      'WHY IT MATTERS',
    )
  })
  it('has a reporter that prints', async () => {
    const { stdout, code } = await zt(
      '.',
      '--plugin',
      './vault-plugin.mjs',
      '--only',
      'vault',
      '--format',
      'vault-list',
    )
    expect([code, stdout]).toEqual([1, 'vault/root-path\tops.vault.hcl allows read, update on every path\n'])
  })
  it('says what it could not see: a file without a policy, a policy without capabilities', async () => {
    addFiles(project, { 'ops.vault.hcl': '# nothing\n' })
    expect((await zt('.', '--plugin', './vault-plugin.mjs', '--only', 'vault')).code).toBe(3)
    addFiles(project, { 'ops.vault.hcl': 'path "*" { }\n' })
    const { stdout } = await zt('.', '--plugin', './vault-plugin.mjs', '--only', 'vault', '--format', 'json')
    expect(JSON.parse(stdout).undetermined).toMatchObject([{ rule: 'vault/root-path' }])
  })
  it.each([
    ['no object', 'export default 1', 'no object'],
    ['another version', "export default { name: 'x', apiVersion: 9 }", 'this zt-audit takes apiVersion 1'],
    ['a misspelt key', "export default { name: 'x', apiVersion: 1, scaners: [] }", "did you mean 'scanners'"],
    ['a format that is taken', "export default { name: 'x', apiVersion: 1, reporters: { sarif: () => '' } }", 'sarif'],
    ['an error on import', "throw new Error('broken at birth')", 'broken at birth'],
  ])('with %s is refused before anything is scanned', async (_, code, message) => {
    addFiles(project, { 'bad.mjs': code })
    // A module is imported once: another name for each.
    const name = `./bad-${randomText(6)}.mjs`
    addFiles(project, { [name]: code })
    expect(await zt('.', '--plugin', name)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
  })
  it('is not loaded from the audited tree', async () => {
    addFiles(project, { 'zt-audit.yaml': 'plugins: [./vault-plugin.mjs]\n' })
    const { stdout } = await zt('.', '--format', 'json')
    expect(JSON.parse(stdout).notices.join()).toContain('plugins ignored')
    expect((await zt('.', '--trust-target', '--only', 'vault')).code).not.toBe(2)
  })
})
