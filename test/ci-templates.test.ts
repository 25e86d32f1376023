import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readAction } from './support/actions-runner.ts'
import { folderWith, git } from './support/program.ts'
import { ADMIN, checkout, PROGRAM, SILENCED } from './support/pull-request.ts'

const VERSION: string = JSON.parse(readFileSync('package.json', 'utf8')).version

describe('the documentation', () => {
  const ci = readFileSync('docs/ci.md', 'utf8')
  it('has every input with its default, and every output', () => {
    const rows = [...ci.matchAll(/^\| `([\w-]+)` \| (?:`([^`]*)`)?[^|]*\|(?: [^|]+\|)?$/gm)].map(
      ([, name, value = '']) => [name, value],
    )
    const { inputs, outputs } = readAction()
    expect(rows).toEqual([
      ...Object.entries(inputs).map(([name, { default: value = '' }]) => [name, value]),
      ...Object.keys(outputs).map((name) => [name, '']),
    ])
  })
  it('names this version, in the templates, too', () => {
    const texts = [
      ci,
      ...['gitlab/zt-audit.gitlab-ci.yml', 'azure-pipelines.yml', 'Jenkinsfile'].map((file) =>
        readFileSync(`templates/${file}`, 'utf8'),
      ),
    ]
    const versions = texts.flatMap((text) =>
      [...text.matchAll(/(?:zt-audit@v?|zt-audit\/v|rev: v|ZT_AUDIT_VERSION: )(\d+\.\d+\.\d+)/g)].map((m) => m[1]),
    )
    expect(versions.length).toBeGreaterThan(5)
    expect(new Set(versions)).toEqual(new Set([VERSION]))
  })
  it('pins what is not ours', () => {
    for (const { uses } of readAction().runs.steps) if (uses) expect(uses).toMatch(/@[0-9a-f]{40}$/)
  })
})

describe('templates', () => {
  /** A folder with an `npm` that installs nothing, and zt-audit: on PATH, and where npm would put it. */
  function tools(workspace: string): string {
    const program = `#!/bin/sh\necho "$@" >>"${workspace}/../calls"\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`
    const bin = folderWith({ 'zt-audit': program, npm: '#!/bin/sh\nexit 0\n' })
    mkdirSync(join(workspace, '.zt-audit/node_modules/.bin'), { recursive: true })
    for (const file of [join(bin, 'zt-audit'), join(workspace, '.zt-audit/node_modules/.bin/zt-audit')]) {
      writeFileSync(file, program)
      chmodSync(file, 0o755)
    }
    chmodSync(join(bin, 'npm'), 0o755)
    return bin
  }
  function shell(script: string, files: ReturnType<typeof checkout>, env: Record<string, string>) {
    const path = `${tools(files.workspace)}:${process.env.PATH}`
    const all = { HOME: files.workspace, GIT_CONFIG_GLOBAL: '/dev/null', ...env, PATH: path }
    const { status, stderr } = spawnSync('sh', ['-e', '-c', script], {
      cwd: files.workspace,
      env: all,
      encoding: 'utf8',
    })
    return { code: status, stderr, call: readFileSync(join(files.workspace, '../calls'), 'utf8') }
  }
  const silencing = () => checkout({ 'a.txt': 'x' }, { 'policy.json': ADMIN, 'zt-audit.yaml': SILENCED })
  const gitlab = parse(readFileSync('templates/gitlab/zt-audit.gitlab-ci.yml', 'utf8'))['zt-audit']
  const azure = parse(readFileSync('templates/azure-pipelines.yml', 'utf8'))
  const jenkins = readFileSync('templates/Jenkinsfile', 'utf8')

  it('GitLab: judges by the target branch, and writes what it hands over', () => {
    const files = silencing()
    const { variables, script, artifacts } = gitlab
    const env = { ...variables, CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main' }
    const { code, call } = shell(script.join('\n'), files, env)
    expect([code, call]).toEqual([1, expect.stringContaining('--config-from origin/main')])
    const reports = Object.values<string>(artifacts.reports)
    expect(reports).toHaveLength(4)
    for (const file of reports) expect(existsSync(join(files.workspace, file))).toBe(true)
  })
  it('GitLab: takes further arguments, and no target branch on the default branch', () => {
    const env = { ...gitlab.variables, ZT_AUDIT_ARGS: '--skip iam' }
    const { code, call } = shell(gitlab.script.join('\n'), silencing(), env)
    expect([code, call]).toEqual([0, expect.not.stringContaining('--config-from')])
  })
  it('Azure', () => {
    const files = silencing()
    git(files.workspace, 'fetch', '-q', 'origin', '+refs/heads/main:refs/remotes/origin/main')
    const { script } = azure.steps.find((step: { script?: string }) => step.script)
    const temp = folderWith({})
    const env = {
      BUILD_ARTIFACTSTAGINGDIRECTORY: temp,
      AGENT_TEMPDIRECTORY: temp,
      SYSTEM_PULLREQUEST_TARGETBRANCH: 'refs/heads/main',
    }
    const { code, call } = shell(script, files, env)
    expect([code, call]).toEqual([1, expect.stringContaining('--config-from origin/main')])
    for (const name of ['zt-audit.sarif', 'zt-audit.xml']) expect(existsSync(join(temp, name))).toBe(true)
  })
  it('Jenkins', () => {
    const files = silencing()
    const script = /sh '''\n([\s\S]*?)'''/.exec(jenkins)?.[1] ?? ''
    const { code, call } = shell(script, files, { CHANGE_TARGET: 'main' })
    expect([code, call]).toEqual([1, expect.stringContaining('--config-from origin/main')])
    for (const [, name = ''] of jenkins.matchAll(/(?:testResults: |pattern: )'([^']+)'/g))
      expect(existsSync(join(files.workspace, name))).toBe(true)
  })
  it('pre-commit', () => {
    const hooks = parse(readFileSync('.pre-commit-hooks.yaml', 'utf8'))
    expect(hooks.map(({ id, language }: { id: string; language: string }) => [id, language])).toEqual([
      ['zt-audit', 'node'],
      ['zt-audit-system', 'system'],
    ])
    for (const hook of hooks)
      expect(hook).toMatchObject({ entry: 'zt-audit --staged', pass_filenames: false, require_serial: true })
  })
})
