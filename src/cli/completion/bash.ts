import type { CompletedCommand, CompletedOption, Values } from './describe.ts'
import { QUERIES } from './describe.ts'

/** A script for bash 3.2 (that of macOS) and later; needs no bash-completion package. */
export function bashScript(commands: readonly CompletedCommand[], rules: readonly string[]): string {
  const paths = commands.map(({ path }) => path).filter((path) => path !== '')
  return `# Completion of zt-audit for bash, made by: zt-audit completion bash

_zt_audit_rules='${rules.join(' ')}'

# Sets COMPREPLY to the words that begin like $cur; $lead is what the word has before it.
_zt_audit_words() {
  local word
  for word in $1; do [[ $word == "$cur"* ]] && COMPREPLY+=("$lead$word"); done
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}

# Lists with commas: what stands before the last one is kept.
_zt_audit_list() {
  if [[ $cur == *,* ]]; then lead+=\${cur%,*}, cur=\${cur##*,}; fi
  _zt_audit_words "$1"
}

_zt_audit_files() {
  local name
  compopt -o filenames 2>/dev/null
  while IFS= read -r name; do COMPREPLY+=("$lead$name"); done < <(compgen "$1" -- "$cur")
}

# The value of an option: $1 is command:option.
_zt_audit_value() {
  case $1 in
${commands.flatMap((command) => command.options.flatMap((option) => valueCases(command.path, option))).join('\n')}
    *) return 1 ;;
  esac
}

_zt_audit() {
  local cur prev lead='' command='' i IFS=$' \\t\\n'
  COMPREPLY=()
  cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  # Bash makes three words of --format=sarif, unless COMP_WORDBREAKS was changed.
  if [[ $cur == = ]]; then prev+== cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}=
  elif [[ $cur == -*=* ]]; then prev=\${cur%%=*}= lead=\${cur%%=*}= cur=\${cur#*=}
  elif [[ $cur == *=* ]]; then lead=\${cur%%=*}= prev=\${cur%%=*}= cur=\${cur#*=}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${command:+$command }\${COMP_WORDS[i]}" in
      ${paths.map((path) => `'${path}'`).join('|')}) command="\${command:+$command }\${COMP_WORDS[i]}" ;;
      *) break ;;
    esac
  done
  _zt_audit_value "$command:$prev" && return
  case $cur:$command in
${commands.map((command) => `    -*:'${command.path}') _zt_audit_words '${optionWords(command)}' ;;`).join('\n')}
${commands.map((command) => `    *:'${command.path}') ${operand(command)} ;;`).join('\n')}
  esac
}

complete -F _zt_audit zt-audit
`
}

function valueCases(path: string, option: CompletedOption): string[] {
  if (option.takes === 'nothing') return []
  const names = option.takes === 'value' ? [option.long, `${option.long}=`] : [`${option.long}=`]
  const line = (patterns: readonly string[], action: string) =>
    `    ${patterns.map((name) => `'${path}:${name}'`).join('|')}) ${action} ;;`
  const lines = [line(names, action(option.values))]
  // FORMAT=FILE: the word before the `=` is a format, and a file follows.
  if (option.values.kind === 'prefixed')
    lines.push(
      line(
        option.values.words.map((word) => `${word}=`),
        '_zt_audit_files -f',
      ),
    )
  return lines
}

function operand(command: CompletedCommand): string {
  const names = command.subcommands.map(({ name }) => name).join(' ')
  const here = command.operand.kind === 'nothing' ? [] : [action(command.operand)]
  const inTurn = [...(names === '' ? [] : [`_zt_audit_words '${names}'`]), ...here]
  return inTurn.join('; ') || ':'
}

function optionWords(command: CompletedCommand): string {
  return command.options.flatMap(({ long, takes }) => (takes === 'optional' ? [long, `${long}=`] : [long])).join(' ')
}

function action(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `_zt_audit_words '${values.words.join(' ')}'`
    case 'prefixed':
      return `_zt_audit_words '${values.words.map((word) => `${word}=`).join(' ')}'`
    case 'files':
      return '_zt_audit_files -f'
    case 'folders':
      return '_zt_audit_files -d'
    case 'rules':
      return '_zt_audit_list "$_zt_audit_rules"'
    case 'nothing':
      return ':'
    default:
      return `_zt_audit_words "$(${QUERIES[values.kind]})"`
  }
}
