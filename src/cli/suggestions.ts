import { existsSync } from 'node:fs'
import { type Argument, type Command, InvalidArgumentError, type Option } from 'commander'
import { UsageError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { openChoice } from './options.ts'

/** Makes every option and argument with choices, of all commands, name the choice that was meant. */
export function suggestChoices(command: Command): void {
  for (const item of [...command.options, ...command.registeredArguments]) suggestChoice(item)
  for (const sub of command.commands) suggestChoices(sub)
}

function suggestChoice(item: Option | Argument): void {
  const { argChoices: choices, parseArg } = item
  if (!choices || parseArg === openChoice) return
  item.argParser((value: string, previous: unknown) => {
    // An option with an optional value, without one.
    const absent = value === '' && 'optional' in item && item.optional
    if (!absent && !choices.includes(value)) throw new InvalidArgumentError(notOneOf(value, choices))
    return parseArg ? parseArg(value, previous) : value
  })
}

/** What to say of a value that is none of a few. */
export function notOneOf(value: string, choices: readonly string[]): string {
  const near = nearest(value, choices)
  return `${near ? `Did you mean '${near}'? ` : ''}It is one of ${choices.join(', ')}.`
}

/**
 * The default command takes whatever is no command for a path. Throws UsageError for a misspelt command, and for more paths than
 * one.
 */
export function checkOperands(scan: Command): void {
  const [path, ...more] = scan.args
  if (path === undefined) return
  if (!existsSync(path) && !/[\\/]/.test(path)) {
    const names = (scan.parent?.commands ?? []).map((command) => command.name())
    const near = nearest(path, [...names, 'help'])
    if (near) throw new UsageError(`there is no command or folder '${path}', did you mean 'zt-audit ${near}'?`)
  }
  if (more.length > 0) {
    throw new UsageError(`one path at a time, '${more.join("', '")}' is too many; further repositories go to --repo`)
  }
}

/** The command that a list of names leads to. Throws UsageError for one that is not there. */
export function findCommand(program: Command, names: readonly string[]): Command {
  return names.reduce((command, name) => {
    const found = command.commands.find((each) => each.name() === name)
    if (found) return found
    const known = command.commands.map((each) => each.name())
    const near = nearest(name, known)
    throw new UsageError(`there is no command '${name}'${near ? `, did you mean '${near}'?` : ''}`)
  }, program)
}
