import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { deliveredTo, event } from './support/cloudtrail.ts'
import { shownFiles } from './support/documents.ts'
import { addFiles, folderWith, git, run } from './support/program.ts'

/** Commands in the code blocks of a document, as words; comments and variables in front are left out. */
function commandsOf(document: string): string[][] {
  const blocks = [...readFileSync(document, 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map(([, code = '']) => code)
  return blocks
    .flatMap((code) => code.split('\n'))
    .flatMap((line) => line.split('&&'))
    .map((line) =>
      line
        .replace(/\s+#.*$/, '')
        .replace(/^\s*[A-Z_]+=\S+\s+/, '')
        .trim()
        .split(/\s+/),
    )
    .map((words) => (words[0] === 'node' && words[1] === 'bin/zt-audit.js' ? ['zt-audit', ...words.slice(2)] : words))
    .filter((words) => words[0] === 'zt-audit')
}

/** What needs a server is run in test/live. */
const LIVE = /^--(?:aws|k8s|github)(?:=|$)/
const commands = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/usage.md',
  'docs/formats.md',
  'docs/baseline.md',
  'docs/plugins.md',
  'docs/aws-usage.md',
]
  .flatMap(commandsOf)
  .filter((words) => !words.some((word) => LIVE.test(word)))

let emptyReport = ''
beforeAll(async () => {
  emptyReport = (await run([folderWith({}), '--format', 'json'])).stdout
})

describe('the commands of the documentation', () => {
  it('are found', () => {
    expect(commands.length).toBeGreaterThan(4)
  })
  it.each(commands.map((words) => [words.join(' '), words.slice(1)] as const))('%s', async (_text, args) => {
    const home = folderWith({ 'src/my-app/a.txt': 'x' })
    const cwd = join(home, 'work')
    mkdirSync(cwd)
    addFiles(cwd, { 'security/rules/own/test-policy.yaml': ownRule(), ...shownFiles('docs/plugins.md') })
    for (const file of ['objects.json', 'audit.log']) copyFileSync(`test/fixtures/k8s-case1/${file}`, join(cwd, file))
    addFiles(cwd, { 'old.json': emptyReport, 'new.json': emptyReport })
    addFiles(cwd, { [deliveredTo('a')]: gzipSync(JSON.stringify({ Records: [event('iam', 'ListUsers')] })) })
    git(cwd, 'init', '-q')
    git(cwd, 'add', '.')
    git(cwd, 'commit', '-qm', 'first')
    const { code, stderr } = await run(
      args.map((word) => word.replace(/^~/, home)),
      { cwd },
    )
    expect({ code: code <= 1, stderr: stderr.includes('zt-audit: ') && code > 1 ? stderr : '' }).toEqual({
      code: true,
      stderr: '',
    })
  })
})

/** The rule that CONTRIBUTING.md shows: the five-minute path, taken. */
function ownRule(): string {
  const yaml = /```yaml\n([\s\S]*?)```/.exec(readFileSync('CONTRIBUTING.md', 'utf8'))?.[1] ?? ''
  return yaml.replace(/^ {3}/gm, '')
}
