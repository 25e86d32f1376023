import { type Command, Help, type HelpConfiguration, type Option } from 'commander'

/**
 * Help that fits a screen of 80 × 24: a line for each command, a line for each option where that can be. What the commands are is
 * told by the program itself; only the examples stand here.
 */
export const helpSettings: HelpConfiguration = {
  sortSubcommands: false,
  showGlobalOptions: false,
  formatHelp(command, helper) {
    const text = command.parent
      ? Help.prototype.formatHelp.call(helper, command, helper)
      : formatProgram(command, helper)
    return `${text.trimEnd()}\n${closing(command)}`
  },
  visibleCommands(command) {
    return command.commands.filter((each) => each.name() !== 'help' && !isHidden(each))
  },
  subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(argumentTerm)].join(' '),
  subcommandDescription: (command) => command.summary() || command.description(),
  optionDescription: describeOption,
  argumentDescription: ({ description, argChoices, defaultValue }) =>
    describeValue(description, argChoices, defaultValue as unknown),
}

/** Examples by command; `%` stands for the command with its parents. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  'zt-audit': [
    'zt-audit                                 audit the repository you are in',
    'zt-audit . --aws --k8s --github acme     and what is behind it, read-only',
    'zt-audit . --output sarif=out.sarif      write SARIF for code scanning, too',
    'zt-audit explain iam/full-admin          why it matters, and how to fix it',
  ],
  scan: [
    'zt-audit ~/src/shop --history --fail-on high',
    'zt-audit . --aws=audit --only iam,mfa --format json',
    'zt-audit . --k8s=prod --audit-log audit.log --output sarif=out.sarif',
  ],
  demo: ['zt-audit demo', 'zt-audit demo --keep'],
  init: ['zt-audit init', 'zt-audit init --ci github --pre-commit --baseline', 'zt-audit init --yes --dry-run'],
  doctor: ['zt-audit doctor', 'zt-audit doctor --online --format json'],
  explain: ['zt-audit explain secrets/private-key'],
  baseline: ['zt-audit baseline create', 'zt-audit baseline prune'],
  'baseline create': ['zt-audit baseline create && git add zt-audit.baseline.json'],
  'baseline update': ['zt-audit baseline update . --aws --k8s=prod'],
  'baseline prune': ['zt-audit baseline prune'],
  diff: ['zt-audit diff monday.json friday.json', 'zt-audit diff *.json --format markdown'],
  rules: ['zt-audit rules list', 'zt-audit help rules test'],
  'rules list': ['zt-audit rules list --format json'],
  'rules test': ['zt-audit rules test security/rules --only own'],
  'rules schema': ['zt-audit rules schema --of config > zt-audit.schema.json'],
  permissions: ['zt-audit permissions aws > policy.json', 'zt-audit permissions k8s | kubectl apply -f -'],
  suggest: ['zt-audit suggest aws . --cloudtrail ./AWSLogs', 'zt-audit suggest k8s . --audit-log audit.log'],
  'suggest aws': [
    'zt-audit suggest aws . --cloudtrail ./AWSLogs',
    'zt-audit suggest aws --aws=audit --cloudtrail ./AWSLogs --principal app',
  ],
  inventory: [
    'zt-audit inventory --k8s=prod --audit-log audit.log',
    'zt-audit inventory . --format csv > accounts.csv',
  ],
  'suggest k8s': [
    'zt-audit suggest k8s . --audit-log audit.log --format diff | git apply',
    'zt-audit suggest k8s --k8s=prod --audit-log audit.log --account shop/web',
  ],
  help: ['zt-audit help rules test'],
  completion: ['zt-audit completion bash > ~/.zt-audit.bash'],
}

/** The commands after the program's name: `rules list`; empty for the program. */
export function commandPath(command: Command): string[] {
  return command.parent ? [...commandPath(command.parent), command.name()] : []
}

function formatProgram(program: Command, helper: Help): string {
  const commands = helper.visibleCommands(program)
  const width = Math.max(...commands.map((command) => helper.subcommandTerm(command).length))
  const lines = commands.map(
    (command) => `  ${helper.subcommandTerm(command).padEnd(width)}  ${helper.subcommandDescription(command)}`,
  )
  return [`Usage: ${program.name()} [command] [options]`, program.description(), '', 'Commands:', ...lines].join('\n')
}

/** What stands below the options. */
function closing(command: Command): string {
  const path = commandPath(command)
  const examples = EXAMPLES[path.join(' ') || command.name()] ?? []
  const heading = examples.length === 1 ? 'Example:' : 'Examples:'
  const shown = examples.length > 0 ? `\n${[heading, ...examples.map((example) => `  ${example}`)].join('\n')}\n` : ''
  if (path.length === 0)
    return `${shown}${EXIT_CODES}\nOptions of a command: zt-audit help COMMAND (of an audit: help scan)\n`
  return path.join() === 'scan' ? `${shown}\n${EXIT_CODES}\nLists: repeat the option, or use commas.\n` : shown
}

const EXIT_CODES = 'Exit: 0 clean · 1 findings · 2 usage error · 3 incomplete · 4 nothing scanned'

function describeOption({ description, argChoices, defaultValue, defaultValueDescription }: Option): string {
  return describeValue(description, argChoices, defaultValueDescription ?? (defaultValue as unknown))
}

/** `text: a, b (default), c`. Commander's own form repeats itself, in quotes. */
function describeValue(text: string, choices: readonly string[] | undefined, byDefault: unknown): string {
  const fallback = typeof byDefault === 'string' || typeof byDefault === 'number' ? String(byDefault) : undefined
  if (choices) {
    const marked = choices.map((choice) => (choice === fallback ? `${choice} (default)` : choice))
    return `${text}: ${marked.join(', ')}`
  }
  return fallback === undefined ? text : `${text} (default ${fallback})`
}

function argumentTerm(argument: { name(): string; required: boolean }): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`
}

function isHidden(command: Command): boolean {
  return (command as Command & { readonly _hidden?: boolean })._hidden === true
}
