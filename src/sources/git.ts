import type { Buffer } from 'node:buffer'
import { execFile, spawn } from 'node:child_process'
import { Readable } from 'node:stream'

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

/** git maps whole packs into memory if it is let: of a large repository that is more than everything else takes. */
const SMALL_WINDOWS = ['-c', 'core.packedGitWindowSize=32m', '-c', 'core.packedGitLimit=128m']

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

/** Pieces of git's output below this many bytes are waited out, so that the next one is larger. */
const SMALL_PIECE = 32 << 10
/** Milliseconds in which git fills less than its end of the pipe holds. */
const PAUSE = 4

/** What a streamed command may be given. */
export interface GitStreamOptions {
  readonly signal: AbortSignal
  /** Written to git's standard input. */
  readonly input?: Iterable<string>
}

/**
 * Runs a git command and hands over its output piece by piece while it runs; `--no-textconv --no-ext-diff` belong into `args`
 * of whatever shows a diff. Gives undefined if all went well, else the reason, which is git's last line on stderr. Throws what
 * `take` throws, after git was stopped.
 */
export function gitStream(
  root: string,
  args: readonly string[],
  take: (piece: Buffer) => void,
  { signal, input }: GitStreamOptions,
): Promise<string | undefined> {
  const child = spawn('git', [...HARDENED, ...SMALL_WINDOWS, '-C', root, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // git would hand over each commit by itself.
    env: { ...environment(), GIT_FLUSH: '0' },
    signal,
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4096)
  })
  // git that ends early closes the pipe; why it ended is told below.
  child.stdin.on('error', () => undefined)
  Readable.from(input ?? []).pipe(child.stdin)
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (piece: Buffer) => {
      try {
        take(piece)
      } catch (error) {
        child.kill()
        reject(error)
      }
      if (piece.length >= SMALL_PIECE) return
      // Many small reads cost more than what is done with them.
      child.stdout.pause()
      setTimeout(() => child.stdout.resume(), PAUSE)
    })
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code) =>
      resolve(code === 0 ? undefined : stderr.trim().split('\n').at(-1) || `git ended with ${code}`),
    )
  })
}
