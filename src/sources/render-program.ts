import { execFile } from 'node:child_process'
import { accessSync, constants, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import { isBelow } from '../paths.ts'
import { failureOf } from './render-failure.ts'

/**
 * Runs `helm template` and `kubectl kustomize`: the only place where a program reads audited content by its own rules, and only
 * with --render. Both are kept from the network, from plugins, from the operator's credentials and from other programs.
 */
export interface RenderPrograms {
  /** Real paths of what is there; nothing that lies in an audited tree. */
  readonly helm: string | undefined
  readonly kustomize: { readonly file: string; readonly args: readonly string[] } | undefined
  /** An empty folder of this run, as a real path. */
  readonly scratch: string
  /** Standard output, or why there is none: one line, without values that templates were given. */
  run(file: string, args: readonly string[], signal: AbortSignal): Promise<RenderResult>
  /** Whether helm can leave out schemas of values, which it would fetch from where they say (since 3.16). */
  skipsSchemas(signal: AbortSignal): Promise<boolean>
  /** Removes the scratch folder. */
  close(): void
}

export type RenderResult =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly reason: string }

/** Charts take a tenth of a second; megabytes of custom resources through Kustomize many, on a busy machine a minute. */
const TIMEOUT_MS = 120_000
/** The largest public charts render to 5 MB. */
const MOST_OUTPUT = 64 << 20

/** Looks for the programs on PATH. `roots` are the audited trees. */
export function findRenderPrograms(roots: readonly string[]): RenderPrograms {
  const folders = safeFolders(process.env.PATH ?? '', roots)
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'zt-audit-render-')))
  const env = environment(folders, scratch)
  const kustomize = find('kustomize', folders, roots)
  const kubectl = kustomize ? undefined : find('kubectl', folders, roots)
  const helm = find('helm', folders, roots)
  const options = { env, cwd: scratch }
  let skips: Promise<boolean> | undefined
  return {
    helm,
    kustomize: kustomize
      ? { file: kustomize, args: ['build'] }
      : kubectl === undefined
        ? undefined
        : { file: kubectl, args: ['kustomize'] },
    scratch,
    run: (file, args, signal) => run(file, args, { ...options, signal }),
    skipsSchemas: (signal) => {
      skips ??=
        helm === undefined
          ? Promise.resolve(false)
          : helpNames(helm, '--skip-schema-validation', { ...options, signal })
      return skips
    },
    close: () => rmSync(scratch, { recursive: true, force: true }),
  }
}

/** Absolute folders of PATH outside the audited trees: a program that came with a tree must not run. */
function safeFolders(path: string, roots: readonly string[]): string[] {
  return path.split(delimiter).filter((folder) => isAbsolute(folder) && !liesIn(folder, roots))
}

function liesIn(path: string, roots: readonly string[]): boolean {
  try {
    const real = realpathSync(path)
    return roots.some((root) => isBelow(real, root))
  } catch {
    // What does not exist is found nowhere.
    return true
  }
}

function find(name: string, folders: readonly string[], roots: readonly string[]): string | undefined {
  const file = process.platform === 'win32' ? `${name}.exe` : name
  return folders.map((folder) => join(folder, file)).find((path) => isExecutable(path) && !liesIn(path, roots))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Nobody listens on the port of discard. */
const NOWHERE = 'http://127.0.0.1:9'

/** What a program needs to start, and what keeps it from the network, from plugins and from credentials. */
function environment(folders: readonly string[], scratch: string): NodeJS.ProcessEnv {
  const home = join(scratch, 'home')
  const plugins = join(scratch, 'plugins')
  for (const folder of [home, plugins]) mkdirSync(folder)
  const { SystemRoot, ComSpec } = process.env
  return {
    ...(SystemRoot && { SystemRoot }),
    ...(ComSpec && { ComSpec }),
    PATH: folders.join(delimiter),
    HOME: home,
    USERPROFILE: home,
    TMPDIR: scratch,
    TEMP: scratch,
    TMP: scratch,
    LC_ALL: 'C',
    KUBECONFIG: devNull,
    HELM_CACHE_HOME: join(home, 'cache'),
    HELM_CONFIG_HOME: join(home, 'config'),
    HELM_DATA_HOME: join(home, 'data'),
    HELM_PLUGINS: plugins,
    HELM_NO_PLUGINS: '1',
    KUSTOMIZE_PLUGIN_HOME: plugins,
    // Remote parts are refused before anything runs; should one be overlooked, it cannot be reached.
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_TERMINAL_PROMPT: '0',
    HTTP_PROXY: NOWHERE,
    HTTPS_PROXY: NOWHERE,
    NO_PROXY: '',
  }
}

async function helpNames(helm: string, option: string, options: RunOptions): Promise<boolean> {
  const help = await run(helm, ['template', '--help'], options)
  return help.ok && help.output.includes(option)
}

interface RunOptions {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly signal: AbortSignal
}

function run(file: string, args: readonly string[], { env, cwd, signal }: RunOptions): Promise<RenderResult> {
  return new Promise((resolve) => {
    const options = { env, cwd, signal, timeout: TIMEOUT_MS, maxBuffer: MOST_OUTPUT, killSignal: 'SIGKILL' } as const
    const child = execFile(file, args, { ...options, encoding: 'utf8', windowsHide: true }, (error, output, stderr) => {
      if (!error) resolve({ ok: true, output })
      else if (error.killed) resolve({ ok: false, reason: `not done after ${TIMEOUT_MS / 1000} s` })
      else if (String(error.code) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
        resolve({ ok: false, reason: `more than ${MOST_OUTPUT >> 20} MiB of output` })
      else resolve({ ok: false, reason: failureOf(stderr) || `ended with ${error.code ?? error.signal}` })
    })
    child.stdin?.end()
  })
}
