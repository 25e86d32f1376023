import { describe, expect, it } from 'vitest'
import { addExcerpts } from '../src/excerpts.ts'
import type { TargetSummary } from '../src/report.ts'
import { readRevision } from '../src/sources/revision.ts'
import { summariseTargets } from '../src/target-summary.ts'
import { NO_TARGETS } from './support/context.ts'
import { builtInDetectors } from './support/detection.ts'
import { folderWith, randomText, run } from './support/program.ts'
import { ACCOUNT, accountFinding, REPOSITORY, testFact } from './support/reports.ts'
import { Folder } from './support/repository.ts'

const CONFIG = 'targets:\n  aws:\n    - profile: prod\n  github:\n    - { owner: acme, url: "http://127.0.0.1:9" }\n'
const declaredAt = { file: 'zt-audit.yaml', line: 3, column: 7 }

describe('a finding without a file', () => {
  const anchored = async (folder: Folder, targets: readonly TargetSummary[]) => {
    const [finding] = await addExcerpts([accountFinding(1)], [await folder.open()], builtInDetectors, targets)
    return finding
  }
  it('is anchored at the line that names its target, with the lines around it', async () => {
    const finding = await anchored(new Folder({ 'zt-audit.yaml': CONFIG }), [REPOSITORY, { ...ACCOUNT, declaredAt }])
    expect(finding?.anchor).toEqual({
      place: declaredAt,
      excerpt: { startLine: 2, lines: ['  aws:', '    - profile: prod', '  github:'] },
    })
    // It is not in that file: people who read the report must not be told so.
    expect(finding).not.toHaveProperty('excerpt')
    expect(finding).not.toHaveProperty('lineHash')
  })
  it('shows no secret of the file that it is anchored in', async () => {
    const password = randomText(16)
    const text = `# mysql://app:${password}@db.internal/x\n${CONFIG}`
    const finding = await anchored(new Folder({ 'zt-audit.yaml': text }), [REPOSITORY])
    expect(finding?.anchor?.place).toEqual({ file: 'zt-audit.yaml', line: 1 })
    expect(finding?.anchor?.excerpt?.lines[0]).toContain('mysql://app:****')
    expect(JSON.stringify(finding)).not.toContain(password)
  })
  it('is anchored at the first line of the config though there is none', async () => {
    const finding = await anchored(new Folder({ 'a.txt': 'x' }), [REPOSITORY, ACCOUNT])
    expect(finding?.anchor).toEqual({ place: { file: 'zt-audit.yaml', line: 1 } })
  })
})

describe('a target', () => {
  const live = (names: readonly string[], scopes: readonly string[]) =>
    summariseTargets({
      opened: [],
      targets: {
        ...NO_TARGETS,
        github: names.map((owner, i) => ({ owner, declaredAt: { ...declaredAt, line: i + 1 } })),
      },
      gaps: [],
      facts: scopes.map((scope) => testFact(scope, { resource: scope })),
      interrupted: false,
    })
      .filter((target) => target.kind === 'github')
      .map(({ name, declaredAt }) => [name, declaredAt?.line])
  it('knows the line that names it', () => {
    expect(live(['a', 'b'], ['github:a', 'github:b/x'])).toEqual([
      ['a', 1],
      ['b', 2],
    ])
    // One of them gave no facts: which one is told by the name.
    expect(live(['a', 'b'], ['github:b'])).toEqual([['b', 2]])
  })
  it('has its line from a config in the audited tree, and from no other', async () => {
    const root = folderWith({ 'zt-audit.yaml': CONFIG.replace('  aws:\n    - profile: prod\n', '') })
    const targetsOf = async (...args: string[]) => {
      const { stdout } = await run([...args, '--only', 'mfa', '--format', 'json'])
      const { targets } = JSON.parse(stdout) as { targets: TargetSummary[] }
      return targets.find((target) => target.kind === 'github')
    }
    expect((await targetsOf(root, '--trust-target'))?.declaredAt).toEqual({ file: 'zt-audit.yaml', line: 3, column: 7 })
    expect(await targetsOf(folderWith({ 'a.txt': 'x' }), '--config', `${root}/zt-audit.yaml`)).toMatchObject({
      audited: false,
      name: 'acme',
    })
    expect((await targetsOf(folderWith({}), '--config', `${root}/zt-audit.yaml`))?.declaredAt).toBeUndefined()
    expect((await targetsOf(root))?.asked).toBe(false)
  })
})

describe('a revision', () => {
  it('tells where the audited folder is in its repository', async () => {
    const folder = new Folder({ 'services/shop/a.txt': 'x' })
    folder.git('init', '-q')
    const commit = folder.commit()
    const { signal } = new AbortController()
    expect(await readRevision(folder.path, signal)).toEqual({ commit, branch: 'main' })
    expect(await readRevision(`${folder.path}/services/shop`, signal)).toEqual({
      commit,
      branch: 'main',
      folder: 'services/shop/',
    })
  })
})
