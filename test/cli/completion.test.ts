import { describe, expect, it } from 'vitest'
import { describeProgram } from '../../src/cli/completion/describe.ts'
import { createProgram } from '../../src/cli.ts'
import { FORMATS } from '../../src/formats.ts'
import { run } from '../support/program.ts'

const commands = describeProgram(createProgram(), 'scan')
const option = (path: string, long: string) =>
  commands.find((command) => command.path === path)?.options.find((each) => each.long === long)

describe('what is completed', () => {
  it('is every command', () => {
    const names = createProgram().commands.map((command) => command.name())
    expect(commands[0]?.subcommands.map(({ name }) => name)).toEqual(names)
    expect(commands.map(({ path }) => path)).toEqual(expect.arrayContaining([...names, 'rules list', 'rules test']))
  })
  it('at the program itself is what its default command takes', () => {
    expect(option('', '--fail-on')).toEqual(option('scan', '--fail-on'))
    expect(option('', '--version')?.short).toBe('-V')
    expect(commands[0]?.options.filter(({ long }) => long === '--help')).toHaveLength(1)
  })
  it.each([
    ['--format', 'value', { kind: 'words', words: FORMATS }],
    ['--output', 'value', { kind: 'prefixed', words: FORMATS }],
    ['--only', 'value', { kind: 'rules' }],
    ['--rules', 'value', { kind: 'folders' }],
    ['--config', 'value', { kind: 'files' }],
    ['--aws', 'optional', { kind: 'profiles' }],
    ['--k8s', 'optional', { kind: 'contexts' }],
    ['--timeout', 'value', { kind: 'nothing' }],
    ['--quiet', 'nothing', { kind: 'nothing' }],
  ])('after %s', (long, takes, values) => {
    expect(option('scan', long)).toMatchObject({ takes, values })
  })
  it('is what an argument can be', () => {
    const operand = (path: string) => commands.find((command) => command.path === path)?.operand
    expect(operand('permissions')).toEqual({ kind: 'words', words: ['aws', 'k8s', 'github'] })
    expect(operand('explain')).toEqual({ kind: 'rules' })
    expect(operand('rules test')).toEqual({ kind: 'folders' })
    expect(operand('demo')).toEqual({ kind: 'nothing' })
  })
})

describe.each(['bash', 'zsh', 'fish'])('the script for %s', (shell) => {
  it('names commands, options, rules and areas', async () => {
    const { code, stdout } = await run(['completion', shell])
    expect(code).toBe(0)
    const long = shell === 'fish' ? '-l ' : '--'
    for (const { path, options } of commands)
      for (const text of [path, ...options.map((each) => each.long.replace('--', long))]) expect(stdout).toContain(text)
    for (const text of ['iam/full-admin', 'secrets/private-key', 'secrets ']) expect(stdout).toContain(text)
  })
  it('comes with the line that installs it', async () => {
    expect((await run(['completion', '--help'])).stdout).toMatch(
      new RegExp(`^  ${shell} +zt-audit completion ${shell}`, 'm'),
    )
  })
})
