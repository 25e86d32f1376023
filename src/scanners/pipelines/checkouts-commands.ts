/** Which commands of a shell run what lies in the folder. Read line by line: no shell is run, and what is not understood is left out. */

/** Builds that take their steps from files of the folder, whatever their arguments. */
const BUILDS = new Set(
  (
    'make gmake cmake ninja meson bazel bazelisk buck2 ant sbt mvn mvnw gradle gradlew just task earthly tox nox pytest hatch pdm rake ' +
    'phpunit pre-commit prek npx tsx ts-node mocha jest vitest eslint webpack vite rollup nx turbo lerna msbuild xcodebuild fastlane ' +
    'terragrunt pulumi ansible-playbook cibuildwheel maturin melos mage scons rebar3 wrangler sphinx-build mkdocs jekyll'
  ).split(' '),
)
/** Tools that run files of the folder with these subcommands only; `*` stands for none or any but those behind a minus. */
const SUBCOMMANDS: Readonly<Record<string, readonly string[]>> = {
  npm: [
    'ci',
    'install',
    'i',
    'run',
    'run-script',
    'test',
    't',
    'start',
    'build',
    'exec',
    'publish',
    'pack',
    'rebuild',
    'version',
  ],
  pnpm: ['*', '-config', '-store', '-dlx', '-view'],
  yarn: ['*', '-config', '-cache', '-dlx', '-info'],
  bun: ['install', 'i', 'run', 'test', 'build', 'x'],
  deno: ['run', 'task', 'test', 'install'],
  cargo: [
    'build',
    'b',
    'check',
    'c',
    'test',
    't',
    'run',
    'r',
    'clippy',
    'doc',
    'bench',
    'publish',
    'package',
    'nextest',
    'xtask',
    'make',
  ],
  go: ['generate', 'run', 'test', 'tool'],
  dotnet: ['build', 'test', 'run', 'restore', 'publish', 'pack', 'tool', 'msbuild'],
  poetry: ['install', 'run', 'build', 'publish'],
  uv: ['sync', 'run', 'build', 'pip'],
  pipenv: ['install', 'run', 'sync'],
  bundle: ['install', 'exec', 'check'],
  composer: ['install', 'update', 'run', 'run-script', 'exec', 'test'],
  docker: ['build', 'buildx', 'compose'],
  'docker-compose': ['build', 'up', 'run'],
  podman: ['build'],
  buildah: ['bud', 'build'],
  terraform: ['init', 'plan', 'apply'],
  tofu: ['init', 'plan', 'apply'],
  swift: ['build', 'test', 'run'],
  pod: ['install', 'update'],
  flutter: ['build', 'test', 'pub', 'run'],
  dart: ['run', 'test', 'pub'],
  mix: ['*'],
  stack: ['*'],
  cabal: ['*'],
  zig: ['build'],
  nix: ['build', 'develop', 'run', 'shell', 'flake'],
}
const INTERPRETERS =
  /^(?:python[\d.]*|node|ruby|perl|php|bash|sh|zsh|pwsh|powershell|Rscript|julia|lua|groovy|source|\.)$/
/** `python -m` modules that run what the folder says. */
const MODULES = new Set(['pytest', 'build', 'tox', 'nox', 'unittest', 'sphinx', 'mkdocs', 'pre_commit', 'poetry'])
/** What may stand before a command. */
const BEFORE =
  /^(?:sudo|time|env|exec|command|nohup|xvfb-run|then|do|else|if|!|while|corepack|-[\w-]+|[A-Za-z_]\w*=\S*|\{|\()$/

/** The simple commands of a script, comments and continuation lines resolved. Quotes keep `;` and `|` together. */
export function commandsOf(script: string): string[] {
  const commands: string[] = []
  for (const line of script.replace(/\\\n/g, ' ').split('\n')) {
    const trimmed = line.trim()
    if (trimmed.startsWith('#')) continue
    for (const part of splitLine(trimmed)) if (part.trim() !== '') commands.push(part.trim())
  }
  return commands
}

function splitLine(line: string): string[] {
  const parts: string[] = []
  let quote = ''
  let from = 0
  for (let i = 0; i < line.length; i++) {
    const c = line[i] ?? ''
    if (quote !== '') {
      if (c === quote && line[i - 1] !== '\\') quote = ''
    } else if (c === '"' || c === "'") quote = c
    else if (c === ';' || c === '|' || (c === '&' && line[i + 1] === '&')) {
      parts.push(line.slice(from, i))
      if (line[i + 1] === c) i++
      from = i + 1
    } else if (c === '$' && line[i + 1] === '(' && line[i + 2] !== '(') {
      // What a substitution runs is a command, too.
      parts.push(line.slice(from, i))
      from = i + 2
    }
  }
  return [...parts, line.slice(from)]
}

/** What a command runs from the folder, in few words; undefined if nothing. */
export function runsWhat(command: string): string | undefined {
  const words = command.split(/\s+/).map((word) => word.slice(0, 300).replace(/^["'`]+|["'`)]+$/g, ''))
  while (words[0] !== undefined && BEFORE.test(words[0])) words.shift()
  const [first = '', second = ''] = words
  const told = (second.startsWith('-') ? first : `${first} ${second}`).trim().slice(0, 60)
  if (/^\.{1,2}[/\\][\w.]/.test(first)) return first.slice(0, 60)
  if (INTERPRETERS.test(first)) return interpreted(words)
  if (first === 'pip' || first === 'pip3') return installsFolder(words) ? told : undefined
  const name = first.toLowerCase()
  if (BUILDS.has(name)) return /^--?v(?:ersion)?$/.test(second) ? undefined : told
  const subcommands = SUBCOMMANDS[name]
  if (!subcommands) return undefined
  // Options may stand before the subcommand.
  const sub = words.slice(1).find((word) => !word.startsWith('-') && !word.startsWith('$')) ?? ''
  if (isElsewhere(name, words)) return undefined
  if (subcommands.includes('*')) return subcommands.includes(`-${sub}`) || second === '--version' ? undefined : told
  return subcommands.includes(sub) ? `${first} ${sub}` : undefined
}

/** Tools that are installed by name for the machine are not of the folder. */
function isElsewhere(name: string, words: readonly string[]): boolean {
  const global = words.some((word) => word === '-g' || word === '--global' || word === '--location=global')
  if (global && ['npm', 'pnpm', 'yarn', 'bun'].includes(name)) return true
  if (name === 'yarn' && words[1] === 'global') return true
  if (name === 'dotnet' && words[1] === 'tool') return words.includes('-g') || words.includes('--global')
  if (name === 'uv' && words[1] === 'pip') return !installsFolder(words.slice(1))
  return false
}

function interpreted(words: readonly string[]): string | undefined {
  const [first = ''] = words
  const rest = words.slice(1)
  const module = rest[0] === '-m' ? (rest[1] ?? '') : ''
  if (module === 'pip') return installsFolder(rest.slice(1)) ? `${first} -m pip install` : undefined
  if (module !== '')
    return MODULES.has(module) || !/^(?:venv|ensurepip|json|http)/.test(module) ? `${first} -m ${module}` : undefined
  if (rest.some((word) => /^-(?:c|e|[lex]*c)$/.test(word))) return undefined
  const file = rest.find((word) => !word.startsWith('-'))
  // An absolute path, a variable or standard input is not the folder’s.
  if (file === undefined || /^(?:[/~$<]|-$)/.test(file) || !/[./]/.test(file)) return undefined
  return `${first} ${file}`.slice(0, 60)
}

/** `pip install` of the folder or of what a file of it lists. */
function installsFolder(words: readonly string[]): boolean {
  const at = words.indexOf('install')
  if (at < 0) return false
  return words.slice(at + 1).some((word) => /^(?:\.|-e|--editable|-r|--requirement)/.test(word) || /^\.\//.test(word))
}
