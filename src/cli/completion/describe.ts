import type { Argument, Command, Option } from 'commander'
import { commandPath } from '../help.ts'

/** What can stand in a place. `prefixed` is `WORD=FILE`; rules, profiles, contexts and revisions are asked for by name. */
export type Values =
  | { readonly kind: 'nothing' | 'files' | 'folders' | 'rules' | 'profiles' | 'contexts' | 'revisions' }
  | { readonly kind: 'words' | 'prefixed'; readonly words: readonly string[] }

export interface CompletedOption {
  /** `--format`. */
  readonly long: string
  readonly short?: string
  readonly description: string
  /** `optional`: with `=` only, as in `--aws=PROFILE`. */
  readonly takes: 'nothing' | 'value' | 'optional'
  readonly values: Values
}
export interface CompletedCommand {
  /** `rules list`; empty for the program itself, which completes its default command, too. */
  readonly path: string
  readonly options: readonly CompletedOption[]
  readonly operand: Values
  readonly subcommands: readonly { readonly name: string; readonly description: string }[]
}

/** All that completion needs to know, read off the program: nothing is listed twice. */
export function describeProgram(program: Command, defaultCommand: string): CompletedCommand[] {
  const byDefault = program.commands.find((command) => command.name() === defaultCommand)
  return allCommands(program).map((command) => {
    const helper = command.createHelp()
    const of = command === program && byDefault ? [byDefault, command] : [command]
    const options = of.flatMap((each) => helper.visibleOptions(each))
    const long = new Set<string>()
    return {
      path: commandPath(command).join(' '),
      options: options.filter(({ long: name }) => !long.has(name ?? '') && long.add(name ?? '')).map(toOption(options)),
      operand: operandOf(of.flatMap((each) => each.registeredArguments)[0], program),
      subcommands: command.commands.map((sub) => ({
        name: sub.name(),
        description: helper.subcommandDescription(sub),
      })),
    }
  })
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)]
}

function toOption(siblings: readonly Option[]): (option: Option) => CompletedOption {
  return (option) => ({
    long: option.long ?? '',
    ...(option.short && { short: option.short }),
    description: option.description,
    takes: option.required ? 'value' : option.optional ? 'optional' : 'nothing',
    values: option.argChoices ? words(option.argChoices) : named(/[<[]([^\]>]+)/.exec(option.flags)?.[1], siblings),
  })
}

function operandOf(argument: Argument | undefined, program: Command): Values {
  if (!argument) return { kind: 'nothing' }
  if (argument.name() === 'command') return words(program.commands.map((command) => command.name()))
  return argument.argChoices ? words(argument.argChoices) : named(argument.name(), [])
}

/** By the name that the value has in help. */
function named(name: string | undefined, siblings: readonly Option[]): Values {
  switch (name) {
    case 'file':
    case 'path':
      return { kind: 'files' }
    case 'dir':
      return { kind: 'folders' }
    case 'id':
    case 'rule':
      return { kind: 'rules' }
    case 'profile':
      return { kind: 'profiles' }
    case 'context':
      return { kind: 'contexts' }
    case 'ref':
      return { kind: 'revisions' }
    case 'format=file':
      return { kind: 'prefixed', words: siblings.find(({ long }) => long === '--format')?.argChoices ?? [] }
    default:
      return { kind: 'nothing' }
  }
}

function words(choices: readonly string[]): Values {
  return { kind: 'words', words: choices }
}

/**
 * What the shells ask at completion time, since it changes from day to day. None of it talks to anybody: names stand in files of
 * the user. The same words in all shells, so that quoting is the same, too.
 */
export const QUERIES = {
  profiles: `sed -n -e 's/^\\[profile \\(.*\\)\\]$/\\1/p' -e 's/^\\[\\(default\\)\\]$/\\1/p' ~/.aws/config 2>/dev/null; sed -n 's/^\\[\\(.*\\)\\]$/\\1/p' ~/.aws/credentials 2>/dev/null`,
  contexts: 'kubectl config get-contexts -o name 2>/dev/null',
  revisions: `git for-each-ref '--format=%(refname:short)' refs/heads refs/remotes refs/tags 2>/dev/null`,
} as const
