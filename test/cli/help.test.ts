import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { commandPath } from '../../src/cli/help.ts'
import { createProgram } from '../../src/cli.ts'
import { folderWith, run } from '../support/program.ts'

const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)]
const paths = all(createProgram()).map(commandPath)
const screen = { env: { COLUMNS: '80' } }

describe('help', () => {
  it('knows the commands', () => {
    expect(paths.map((path) => path.join(' '))).toEqual(expect.arrayContaining(['', 'scan', 'rules test', 'doctor']))
  })
  it.each(paths.map((path) => [['zt-audit', ...path].join(' '), path] as const))(
    '%s --help is 80 columns wide at most, with an example',
    async (name, path) => {
      const { code, stdout } = await run([...path, '--help'], screen)
      expect(code).toBe(0)
      expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([])
      expect(stdout).toMatch(new RegExp(`Examples?:\\n(?:.*\\n)*.*${name.replace(' scan', '')}`))
      expect((await run(['help', ...path], screen)).stdout).toBe(stdout)
    },
  )
  it('fits a screen of 24 lines, with a line for each command', async () => {
    const { stdout } = await run(['--help'], screen)
    expect(stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(24)
    for (const path of paths)
      if (path.length === 1 && path[0] !== 'help') expect(stdout).toMatch(new RegExp(`^  ${path[0]} `, 'm'))
  })
  it('gives nearly every option of an audit one line', async () => {
    const scan = createProgram().commands.find((command) => command.name() === 'scan')
    const { stdout } = await run(['scan', '--help'], screen)
    const body = stdout.slice(stdout.indexOf('What to look at:'), stdout.indexOf('Examples:'))
    const lines = body.split('\n').filter((line) => line.startsWith('  '))
    expect(lines.length).toBeLessThanOrEqual((scan?.options.length ?? 0) * 1.1 + 1)
  })
})

describe('did you mean', () => {
  const root = folderWith({ 'a.txt': 'x' })
  it.each([
    ['--fial-on high', '--fail-on'],
    ['--formt sarif', '--format'],
    ['--format sarf', "'sarif'"],
    ['--output sarf=x', "'sarif'"],
    ['--fail-on hgih', "'high'"],
    ['--min-confidence lwo', "'low'"],
    ['--only iam/ful-admin', "'iam/full-admin'"],
    ['--skip secret', "'secrets'"],
    ['scna', "'zt-audit scan'"],
    ['expalin iam/full-admin', "'zt-audit explain'"],
    ['rules lsit', 'list'],
    ['rules list --format jsn', "'json'"],
    ['rules test --only iam/ful-admin', "'iam/full-admin'"],
    ['rules schema --of confg', "'config'"],
    ['help rules tset', "'test'"],
    ['permissions asw', "'aws'"],
    ['completion bsh', "'bash'"],
    ['explain ful-admin', "'iam/full-admin'"],
    ['explain iam/full', "'iam/full-admin'"],
  ])('zt-audit %s: %s', async (line, meant) => {
    const { code, stderr, stdout } = await run(line.split(' '), { cwd: root })
    expect(stdout).toBe('')
    expect(stderr.toLowerCase()).toContain('did you mean')
    expect(stderr).toContain(meant)
    expect(code).toBe(2)
  })
  it('a rule that a suppression names', async () => {
    const suppression = 'suppressions: [{ rule: iam/ful-admin, path: "**", reason: it is none }]\n'
    const { stdout } = await run(['--format', 'json'], { cwd: folderWith({ 'zt-audit.yaml': suppression }) })
    expect(stdout).toContain("did you mean 'iam/full-admin'?")
  })
  it('says what too many paths are', async () => {
    const { code, stderr } = await run(['.', '..'], { cwd: root })
    expect([code, stderr]).toEqual([2, expect.stringContaining('--repo')])
  })
})
