import type { CompletedCommand, CompletedOption, Values } from './describe.ts'
import { QUERIES } from './describe.ts'

/** A script for fish 3 and later. */
export function fishScript(commands: readonly CompletedCommand[], rules: readonly string[]): string {
  const paths = commands.map(({ path }) => path).filter((path) => path !== '')
  return `# Completion of zt-audit for fish, made by: zt-audit completion fish

set -g __zt_audit_rules ${rules.join(' ')}

# Whether the words before the cursor begin with just this command.
function __zt_audit_at
  set -l path
  set -l words (commandline -opc)
  for word in $words[2..-1]
    contains -- (string join ' ' $path $word) ${paths.map((path) => `'${path}'`).join(' ')}; or break
    set -a path $word
  end
  test "$path" = "$argv[1]"
end

# The value of an option like --aws= is no operand.
function __zt_audit_operand
  not string match -q -- '-*' (commandline -ct); and __zt_audit_at $argv
end

# Lists with commas: what stands before the last one is kept.
function __zt_audit_list
  set -l before (string match -r '.*,' -- (string replace -r '^--[^=]*=' '' -- (commandline -ct)))
  printf '%s\\n' "$before"$argv
end

complete -c zt-audit -f
${commands.flatMap(linesOf).join('\n')}
`
}

function linesOf(command: CompletedCommand): string[] {
  const at = `complete -c zt-audit -n ${quote(`__zt_audit_at '${command.path}'`)}`
  return [
    ...command.subcommands.map(({ name, description }) => `${at} -a ${name} -d ${quote(description)}`),
    ...(command.operand.kind === 'nothing'
      ? []
      : [`complete -c zt-audit -n ${quote(`__zt_audit_operand '${command.path}'`)} ${operand(command.operand)}`]),
    ...command.options.map((option) => `${at} ${optionFlags(option)}`),
  ]
}

function optionFlags({ long, short, description, takes, values }: CompletedOption): string {
  const name = `${short ? `-s ${short.slice(1)} ` : ''}-l ${long.slice(2)} -d ${quote(description)}`
  if (takes === 'nothing') return name
  return `${name} ${takes === 'value' ? '-r ' : ''}${operand(values)}`
}

function operand(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `-f -a ${quote(values.words.join(' '))}`
    case 'prefixed':
      return `-f -a ${quote(`${values.words.map((word) => `${word}=`).join(' ')} (__fish_complete_suffix '')`)}`
    case 'files':
      return '-F'
    case 'folders':
      return `-f -a '(__fish_complete_directories)'`
    case 'rules':
      return `-f -a '(__zt_audit_list $__zt_audit_rules)'`
    case 'nothing':
      return '-f'
    default:
      return `-f -a ${quote(`(${QUERIES[values.kind]})`)}`
  }
}

/** Within single quotes fish knows the escapes \\\\ and \\' only. */
function quote(text: string): string {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`
}
