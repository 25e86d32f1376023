import { describe, expect, it } from 'vitest'
import { commandsOf } from '../../../src/scanners/pipelines/scripts.ts'

const words = (script: string) => commandsOf(script).map((command) => command.words.join(' '))

describe('commands of a script', () => {
  it('end at line ends, semicolons and operators, not within quotes', () => {
    expect(words('git add . && git commit -m "a && b; c" || true\nnpm ci; npm test &\n')).toEqual([
      'git add .',
      'git commit -m a && b; c',
      'true',
      'npm ci',
      'npm test',
    ])
  })
  it('go on behind a backslash, and stop at comments', () => {
    expect(words('gh pr \\\n  merge 1 # && rm -rf x\n# all of it\nls')).toEqual(['gh pr merge 1', 'ls'])
  })
  it('stand in substitutions, whose output is captured', () => {
    const found = commandsOf('X="$(gh api repos/a/b)" Y=`git rev-parse HEAD` make')
    expect(found.map(({ words: [name], captured }) => [name, captured])).toEqual([
      ['make', false],
      ['gh', true],
      ['git', true],
    ])
    expect(found[0]?.assignments).toHaveLength(2)
  })
  it('know where their output goes', () => {
    const [piped, login, file, error] = commandsOf('echo "$T" | docker login -p x\necho "$T" > f\necho "$T" >&2')
    expect(piped?.pipedTo).toBe('docker login -p x')
    expect(login?.pipedTo).toBeUndefined()
    expect(file?.output).toBe('f')
    expect(error?.output).toBeUndefined()
  })
  it('read here documents, which are no commands', () => {
    const found = commandsOf("cat <<-'EOF' > out.txt\n\trm -rf /\n\tEOF\nls\n")
    expect(found.map(({ words: [name] }) => name)).toEqual(['cat', 'ls'])
    expect(found[0]).toMatchObject({ output: 'out.txt', input: '\trm -rf /\n' })
  })
  it('are not what a test, an arithmetic or a pattern holds', () => {
    expect(words('if [[ $A == b && $C < d ]]; then\n  x=$((A + 1))\nfi')).toEqual(['[[ $A == b $C d', ''])
    expect(words('case "$1" in\n  a | b) make x ;;\n  *) (cd y && make z) ;;\nesac')).toEqual([
      'case $1 in',
      'make x',
      'cd y',
      'make z',
    ])
  })
  it('keep expressions in one piece', () => {
    expect(words("echo ${{ github.event_name == 'push' && 'a;b' }} done")).toEqual([
      "echo ${{ github.event_name == 'push' && 'a;b' }} done",
    ])
  })
  it('end with a script that does not', () => {
    expect(words('echo "never closed')).toEqual(['echo never closed'])
    expect(words('cat <<EOF\nx')).toEqual(['cat'])
    expect(words('$(')).toHaveLength(1)
  })
})
