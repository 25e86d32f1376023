import type { CompletedCommand, CompletedOption, Values } from './describe.ts'
import { QUERIES } from './describe.ts'

/** A script for zsh 5: as a file `_zt-audit` in `fpath`, or sourced after `compinit`. */
export function zshScript(commands: readonly CompletedCommand[], rules: readonly string[]): string {
  const nested = commands.filter(({ path, subcommands }) => path !== '' && subcommands.length > 0)
  return `#compdef zt-audit
# Completion of zt-audit for zsh, made by: zt-audit completion zsh

_zt-audit_rules() {
  local -a rules
  rules=(${rules.join(' ')})
  _sequence compadd - $rules
}
${(['profiles', 'contexts', 'revisions'] as const).map(query).join('\n')}
${commands
  .filter(({ subcommands }) => subcommands.length > 0)
  .map(listCommands)
  .join('\n')}

_zt-audit() {
  local command=''
  local -a known
  known=(${topLevel(commands)})
  # Its first words may name a command; the others are options and what it works on.
  if ((CURRENT > 2 && $known[(Ie)$words[2]])); then
    command=$words[2]
    shift words
    ((CURRENT--))
  fi
${nested
  .map(({ path, subcommands }) =>
    descend(
      path,
      subcommands.map(({ name }) => name),
    ),
  )
  .join('')}  case $command in
${commands.map(commandCase).join('\n')}
  esac
}

if [[ $funcstack[1] == _zt-audit ]]; then _zt-audit "$@"; else compdef _zt-audit zt-audit; fi
`
}

function query(kind: keyof typeof QUERIES): string {
  return `_zt-audit_${kind}() {
  local -a found
  found=(\${(f)"$(${QUERIES[kind]})"})
  compadd -a found
}`
}

/** Sub-commands with what they do; where a path can stand as well, it is offered, too. */
function listCommands({ path, subcommands, operand }: CompletedCommand): string {
  const items = subcommands.map(
    ({ name, description }) => `    ${quote(`${name}:${description.replace(/:/g, '\\:')}`)}`,
  )
  return `${listName(path)}() {
  local -a commands
  commands=(
${items.join('\n')}
  )
  _describe command commands${operand.kind === 'nothing' ? '' : `\n  ${action(operand)}`}
}`
}

function descend(path: string, names: readonly string[]): string {
  return `  known=(${names.join(' ')})
  if [[ $command == '${path}' ]] && ((CURRENT > 2 && $known[(Ie)$words[2]])); then
    command+=" $words[2]"
    shift words
    ((CURRENT--))
  fi
`
}

function commandCase(command: CompletedCommand): string {
  const specs = command.options.map(optionSpec)
  if (command.subcommands.length > 0) specs.push(`'1: :${listName(command.path)}'`)
  else if (command.operand.kind !== 'nothing') specs.push(quote(`1: :${action(command.operand)}`))
  return `    '${command.path}') _arguments -S ${specs.join(' \\\n      ')} ;;`
}

function optionSpec({ long, short, description, takes, values }: CompletedOption): string {
  const text = `[${description.replace(/[[\]]/g, '\\$&')}]`
  if (takes === 'nothing') {
    return short ? `'(${short} ${long})'{${short},${long}}${quote(text)}` : quote(`${long}${text}`)
  }
  const form = takes === 'optional' ? '=-' : '='
  const colons = takes === 'optional' ? '::' : ':'
  return quote(`*${long}${form}${text}${colons}value:${action(values)}`)
}

function action(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `(${values.words.join(' ')})`
    case 'prefixed':
      return `{ compset -P "*=" && _files || compadd -S = -- ${values.words.join(' ')} }`
    case 'files':
      return '_files'
    case 'folders':
      return '_files -/'
    case 'nothing':
      return ' '
    default:
      return `_zt-audit_${values.kind}`
  }
}

function listName(path: string): string {
  return `_zt-audit_commands${path === '' ? '' : `_${path.replace(/ /g, '_')}`}`
}

function topLevel(commands: readonly CompletedCommand[]): string {
  return commands
    .filter(({ path }) => path !== '' && !path.includes(' '))
    .map(({ path }) => path)
    .join(' ')
}

function quote(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`
}
