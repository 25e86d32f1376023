import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { folderWith, git, run } from '../support/program.ts'
import { liveOrSkip } from './servers/installed.ts'

// Each shell itself is asked what it would complete.

type Complete = (line: string) => string[]

const home = folderWith({
  '.aws/config': '[default]\nregion = eu-central-1\n[profile audit]\n[sso-session corp]\n',
  '.aws/credentials': '[legacy]\n',
  'work/report.sarif': '',
  'work/src/a.ts': '',
})
const cwd = join(home, 'work')
// Names of contexts come from kubectl; the one here tells of two.
const bin = folderWith({
  kubectl: '#!/bin/sh\n[ "$*" = "config get-contexts -o name" ] && printf "prod\\nstaging\\n"\n',
})
chmodSync(join(bin, 'kubectl'), 0o755)
git(cwd, 'init', '-q')
git(cwd, 'add', '.')
git(cwd, 'commit', '-qm', 'first')
git(cwd, 'tag', 'v1.0')

const options = {
  cwd,
  encoding: 'utf8' as const,
  env: { PATH: `${bin}:${process.env.PATH}`, HOME: home, TERM: 'xterm', LC_ALL: 'C.UTF-8' },
  stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'],
}
const lines = (text: string) => [...new Set(text.split(/\r?\n/).filter((line) => line !== ''))].sort()

/** Shells differ in whether they show a slash, and hidden ones. */
const folders = (names: string[]) =>
  names.map((name) => name.replace(/\/$/, '')).filter((name) => !name.startsWith('.'))

/** The script of a shell, in a file. */
async function scriptFor(shell: string): Promise<string> {
  const { stdout } = await run(['completion', shell])
  const file = join(home, `_zt-audit.${shell}`)
  writeFileSync(file, stdout)
  return file
}

/** What must hold in every shell. `options` of an empty word are left to the shells' own habits. */
function completes(
  complete: Complete,
  { afterEquals }: { afterEquals: (option: string, values: string[]) => string[] },
) {
  it('commands and sub-commands', () => {
    expect(complete('zt-audit ex')).toEqual(['explain'])
    expect(complete('zt-audit rules ')).toEqual(['list', 'schema', 'test'])
    expect(complete('zt-audit help perm')).toEqual(['permissions'])
    expect(complete('zt-audit permissions ')).toEqual(['aws', 'github', 'k8s'])
  })
  it('options, of the default command, too', () => {
    expect(complete('zt-audit --fail')).toEqual(['--fail-on', '--fail-on-score'])
    expect(complete('zt-audit scan --fail')).toEqual(['--fail-on', '--fail-on-score'])
    expect(complete('zt-audit rules schema --o')).toEqual(['--of'])
    expect(complete('zt-audit . --format json --fail')).toEqual(['--fail-on', '--fail-on-score'])
  })
  it('values', () => {
    expect(complete('zt-audit --format ')).toEqual(expect.arrayContaining(['json', 'pretty', 'sarif']))
    expect(complete('zt-audit --format=sar')).toEqual(afterEquals('--format', ['sarif']))
    expect(complete('zt-audit --quiet --fail-on hi')).toEqual(['high'])
    expect(complete('zt-audit rules schema --of ')).toEqual(['baseline', 'config', 'inventory', 'report', 'rule'])
  })
  it('rules and areas, in lists, too', () => {
    expect(complete('zt-audit explain iam/full')).toEqual(['iam/full-admin'])
    expect(complete('zt-audit --only cha')).toEqual(expect.arrayContaining(['chain']))
    expect(complete('zt-audit --skip=iam/full-ad')).toEqual(afterEquals('--skip', ['iam/full-admin']))
  })
  it('profiles, contexts and revisions, without asking anybody', () => {
    expect(complete('zt-audit --aws=')).toEqual(afterEquals('--aws', ['audit', 'default', 'legacy']))
    expect(complete('zt-audit --k8s=pr')).toEqual(afterEquals('--k8s', ['prod']))
  })
  it('files and folders', () => {
    expect(complete('zt-audit --config rep')).toEqual(['report.sarif'])
    expect(folders(complete('zt-audit --rules '))).toEqual(['src'])
    expect(folders(complete('zt-audit sr'))).toEqual(['src'])
    // An optional value stands behind `=` only: what follows is the path.
    expect(folders(complete('zt-audit --aws sr'))).toEqual(['src'])
    expect(complete('zt-audit --timeout ')).toEqual([])
  })
}

liveOrSkip('completion in bash', ['bash'], () => {
  let script = ''
  beforeAll(async () => {
    script = await scriptFor('bash')
  })
  const ask = (line: string, wordBreaks: string) => {
    // What readline does before it calls the function: words end at blanks, and at COMP_WORDBREAKS, which are words themselves.
    const words = line.split(' ').flatMap((word) => (wordBreaks.includes('=') ? word.split(/(=)/) : [word]))
    if (words.at(-1) === '' && words.at(-2) === '=') words.pop()
    const quoted = words.map((word) => `'${word}'`).join(' ')
    const code = `set -u; . '${script}'; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _zt_audit; printf '%s\\n' "\${COMPREPLY[@]+"\${COMPREPLY[@]}"}"`
    return lines(execFileSync('bash', ['--norc', '-c', code], options))
  }
  describe('as it comes', () => {
    completes((line) => ask(line, '='), { afterEquals: (_option, values) => values })
  })
  describe('without = in COMP_WORDBREAKS', () => {
    completes((line) => ask(line, ''), { afterEquals: (option, values) => values.map((value) => `${option}=${value}`) })
  })
  it('formats with their file', () => {
    expect(ask('zt-audit --output sar', '=')).toEqual(['sarif='])
    expect(ask('zt-audit --output sarif=rep', '=')).toEqual(['report.sarif'])
    expect(ask('zt-audit --output sarif=rep', '')).toEqual(['sarif=report.sarif'])
  })
  it('lists', () => {
    expect(ask('zt-audit --only k8s,iam/full-ad', '=')).toEqual(['k8s,iam/full-admin'])
  })
  it('at a terminal', () => {
    const typed = `PS1=; . '${script}'; zt() { echo "got:$*"; }; alias zt-audit=zt\nzt-audit --form\tsari\t --only=iam/full-ad\t .\nexit\n`
    const shown = execFileSync('script', ['-qec', 'bash --norc --noprofile -i', '/dev/null'], {
      ...options,
      stdio: ['pipe', 'pipe', 'pipe'],
      input: typed,
    })
    expect(shown).toMatch(/got:--format sarif +--only=iam\/full-admin +\./)
  })
})

liveOrSkip('completion in fish', ['fish'], () => {
  let script = ''
  beforeAll(async () => {
    script = await scriptFor('fish')
  })
  const ask = (line: string) =>
    lines(execFileSync('fish', ['--no-config', '-c', `source '${script}'; complete -C '${line}'`], options)).map(
      (each) => each.split('\t')[0] ?? '',
    )
  completes(ask, { afterEquals: (option, values) => values.map((value) => `${option}=${value}`) })
  it('formats with their file, and lists', () => {
    expect(ask('zt-audit --output sar')).toEqual(['sarif='])
    expect(ask('zt-audit --only k8s,iam/full-ad')).toEqual(['k8s,iam/full-admin'])
  })
})

liveOrSkip('completion in zsh', ['zsh'], () => {
  let script = ''
  beforeAll(async () => {
    script = await scriptFor('zsh')
  })
  /** Completion works in an interactive zsh only, so one is run at a terminal of its own; its `compadd` writes down what it adds. */
  const ask = (line: string) => {
    const answer = join(home, 'answer')
    writeFileSync(answer, '')
    const setup = join(home, 'setup.zsh')
    writeFileSync(
      setup,
      `PS1=; autoload -Uz compinit; compinit -u -D; . '${script}'
compadd() {
  local -a hits
  if [[ " $* " == *' -'[OAD]' '* ]]; then builtin compadd "$@"; return; fi
  builtin compadd -O hits "$@"
  print -rl -- "\${hits[@]}" >>'${answer}'
  builtin compadd "$@"
}
whole() { zle complete-word; print -r -- done >>'${answer}.done'; exit }
zle -N whole; bindkey '^I' whole
`,
    )
    const code = `zmodload zsh/zpty; zpty z "zsh -f -i"; zpty -w z ". '${setup}'"; sleep 0.3; zpty -w -n z $'${line}\\t'; zpty -r z >/dev/null 2>&1; for i in {1..100}; do [[ -e '${answer}.done' ]] && break; sleep 0.05; done; zpty -d z`
    execFileSync('zsh', ['-f', '-c', `rm -f '${answer}.done'; ${code}`], options)
    return lines(execFileSync('cat', [answer], options))
  }
  completes(ask, { afterEquals: (_option, values) => values })
})
