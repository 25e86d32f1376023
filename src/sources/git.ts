import { type ChildProcess, execFile, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

/**
 * Runs git so that nothing of the audited repository is executed: its config may name programs (fsmonitor, hooks, pager,
 * textconv, external diff, credential helpers, ssh commands); each is switched off or overridden here, on the command line,
 * which wins over the repository's config.
 */
const HARDENED = [
  // A checkout of another owner (the usual case in a CI container) is read all the same: nothing of it is executed.
  '-c',
  'safe.directory=*',
  '--no-pager',
  '--no-optional-locks',
  '--no-replace-objects',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.pager=cat',
  '-c',
  'core.sshCommand=false',
  '-c',
  'core.gitProxy=',
  '-c',
  'core.askPass=',
  '-c',
  'core.editor=false',
  '-c',
  'core.alternateRefsCommand=',
  '-c',
  'core.untrackedCache=false',
  '-c',
  'core.quotePath=true',
  '-c',
  'credential.helper=',
  '-c',
  'diff.external=',
  '-c',
  'gpg.program=false',
  '-c',
  'log.showSignature=false',
  '-c',
  'protocol.allow=never',
  '-c',
  'submodule.recurse=false',
  '-c',
  'uploadpack.packObjectsHook=',
]

/** The environment of the child: no variable that makes git run a program, look elsewhere or ask a question. */
function environment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {}
  for (const [name, value] of Object.entries(process.env)) if (!name.startsWith('GIT_')) env[name] = value
  return {
    ...env,
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ATTR_NOSYSTEM: '1',
    // Partial clones would fetch missing objects through a transport of the repository's choice.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    LC_ALL: 'C',
  }
}

/** What git answered, or why it could not. */
export type GitResult =
  | { readonly ok: true; readonly stdout: Buffer; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly reason: string; readonly code?: number }

/** Runs a git command to its end, with an input if there is one. The reason of a failure is git's last line on stderr. */
export function git(
  root: string,
  args: readonly string[],
  signal?: AbortSignal,
  input?: string | Buffer,
): Promise<GitResult> {
  return run(root, args, signal, input, environment())
}

/**
 * A git command that may compare files of the working tree with what is stored: git would run them through the filters that
 * the repository's config names (`filter.NAME.clean`), which are switched off here, one by one.
 */
export async function gitWithoutFilters(
  root: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<GitResult> {
  const known = await git(root, ['config', '-z', '--name-only', '--get-regexp', '^filter\\.'], signal)
  // 1: there are none.
  if (!known.ok && known.code !== 1) return known
  const keys = known.ok ? known.stdout.toString('utf8').split('\0') : []
  const names = new Set(keys.flatMap((key) => /^filter\.([\s\S]*)\.[^.]*$/.exec(key)?.[1] ?? []))
  const settings = [...names].flatMap((name) => [
    [`filter.${name}.clean`, ''],
    [`filter.${name}.smudge`, ''],
    [`filter.${name}.process`, ''],
    [`filter.${name}.required`, 'false'],
  ])
  const env = environment()
  env.GIT_CONFIG_COUNT = String(settings.length)
  for (const [i, [key, value]] of settings.entries()) {
    env[`GIT_CONFIG_KEY_${i}`] = key
    env[`GIT_CONFIG_VALUE_${i}`] = value
  }
  return run(root, args, signal, undefined, env)
}

function run(
  root: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
  input: string | Buffer | undefined,
  env: NodeJS.ProcessEnv,
): Promise<GitResult> {
  return new Promise((resolve) => {
    const child = execFile(
      'git',
      [...HARDENED, '-C', root, ...args],
      { encoding: 'buffer', maxBuffer: 1 << 30, env, ...(signal && { signal }) },
      (error, stdout, stderr) => {
        const lines = stderr.toString('utf8').split('\n')
        if (!error) return resolve({ ok: true, stdout, warnings: lines.filter((line) => line.startsWith('warning: ')) })
        const last = stderr.toString('utf8').trim().split('\n').at(-1)
        resolve({
          ok: false,
          reason: 'code' in error && error.code === 'ENOENT' ? 'git is not installed' : last || error.message,
          ...(typeof error.code === 'number' && { code: error.code }),
        })
      },
    )
    if (input === undefined) return
    // git that ends early closes the pipe; why it ended is told above.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

/** A git command whose output is read while it runs. */
export interface GitStream {
  readonly stdout: Readable
  /** Resolves when git has ended: undefined if all went well, else the reason. */
  readonly ended: Promise<string | undefined>
  stop(): void
}

/** Starts a git command; `--no-textconv --no-ext-diff` belong into `args` of whatever shows a diff. */
export function gitStream(root: string, args: readonly string[], signal: AbortSignal): GitStream {
  const child: ChildProcess & { stdout: Readable; stderr: Readable } = spawn(
    'git',
    [...HARDENED, '-C', root, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'], env: environment(), signal },
  )
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-4096)
  })
  const ended = new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code) =>
      resolve(code === 0 ? undefined : stderr.trim().split('\n').at(-1) || `git ended with ${code}`),
    )
  })
  return { stdout: child.stdout, ended, stop: () => void child.kill() }
}
