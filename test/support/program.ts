import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const BIN = resolve('bin/zt-audit.js')

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built program as a user would, with an environment that holds no credentials of the machine. */
export function run(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; signalAfterMs?: number } = {},
): Promise<Outcome> {
  return new Promise((done) => {
    const env = { PATH: process.env.PATH ?? '', HOME: tmpdir(), AWS_EC2_METADATA_DISABLED: 'true', ...options.env }
    const child = execFile(
      process.execPath,
      [BIN, ...args],
      { cwd: options.cwd, env, maxBuffer: 1 << 28 },
      (error, stdout, stderr) => {
        const code = error ? Number((error as { code?: unknown }).code ?? 1) : 0
        done({ code, stdout, stderr })
      },
    )
    if (options.signalAfterMs !== undefined) setTimeout(() => child.kill('SIGINT'), options.signalAfterMs)
  })
}

/** Writes files into a fresh folder and gives its path. */
export function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const root = mkdtempSync(join(tmpdir(), 'zt-test-'))
  addFiles(root, files)
  return root
}

export function addFiles(root: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
}

/** Runs git with a fixed author and date, so that commits are the same in each run. */
export function git(root: string, ...args: string[]): string {
  const env = {
    ...process.env,
    GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
    GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
  }
  const fixed = [
    '-c',
    'user.name=Test',
    '-c',
    'user.email=test@example.com',
    '-c',
    'init.defaultBranch=main',
    '-c',
    'commit.gpgsign=false',
  ]
  return execFileSync('git', [...fixed, ...args], {
    cwd: root,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** A random value, composed at run time, so that no file holds one; with a digit and both cases, so that chance makes no word. */
export function randomText(length: number, alphabet = LETTERS_AND_DIGITS): string {
  const start = alphabet === LETTERS_AND_DIGITS ? 'x7Q' : ''
  const rest = Array.from(
    { length: length - start.length },
    () => alphabet[Math.floor(Math.random() * alphabet.length)],
  )
  return start + rest.join('')
}
/** Behind an R, the account number in it is always a possible one. */
export const awsKeyId = (): string => `AKIAR${randomText(15, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`
export const awsSecret = (): string => randomText(40)
