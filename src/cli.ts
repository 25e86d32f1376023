import { Argument, Command, CommanderError, Option } from 'commander'
import { helpSettings } from './cli/help.ts'
import {
  addInventoryOptions,
  addScanOptions,
  addSuggestKubernetesOptions,
  addSuggestOptions,
  NOTHING_REPEATED,
} from './cli/options.ts'
import { checkOperands, findCommand, suggestChoices } from './cli/suggestions.ts'
import { RuleError, UsageError } from './errors.ts'
import { SEVERITIES } from './model.ts'
import { VERSION } from './version.ts'

/**
 * The command line: argv → options → a command. Only `src/cli*` touches stdout, stderr, exit codes and the terminal. The
 * commands themselves are loaded when they are called.
 */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', onBrokenOutput)
  const program = createProgram()
  try {
    await program.parseAsync(withExplicitValues(argv))
  } catch (error) {
    process.exitCode = report(error)
  }
}

/** The commands with their options: what help, suggestions and shell completion are made of. */
export function createProgram(): Command {
  const program = new Command('zt-audit')
    .description('Audits zero-trust posture: a repository, and AWS, Kubernetes, GitHub behind it.')
    .version(VERSION)
    .exitOverride()
    .configureHelp(helpSettings)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'zt-audit: ')) })
    .showSuggestionAfterError(true)
  addScanOptions(
    program
      .command(DEFAULT_COMMAND, { isDefault: true })
      .summary('audit a repository and live targets ("scan" is implied)')
      .description('Audit a repository (default: the working directory) and the live targets named')
      .allowExcessArguments(),
  ).action(async (path, options, command) => {
    checkOperands(command)
    await (await import('./cli/scan.ts')).scan(path, { ...NOTHING_REPEATED, ...options })
  })
  program
    .command('demo')
    .summary('follow one leaked key to its end; offline')
    .description(
      'The story of one chain, from a key in a file to an administrator without MFA: a made-up repository and a made-up account, and the real audit of both. Nothing leaves this machine.',
    )
    .option('--keep', 'keep the repository and print its path')
    .action(async (options) => (await import('./cli/demo.ts')).demo(options))
  program
    .command('init')
    .summary('write config, CI file, pre-commit hook, baseline')
    .description(
      'Write a commented zt-audit.yaml and, if wanted, a CI file, a pre-commit hook and a baseline. On a terminal it asks; what is there is never replaced.',
    )
    .argument('[path]', 'folder', '.')
    .addOption(new Option('--ci <system>', 'a file for CI').choices(['github', 'gitlab', 'none']))
    .option('--pre-commit', 'a hook for pre-commit')
    .option('--no-pre-commit', 'no hook')
    .option('--baseline', 'accept what is there today')
    .option('--no-baseline', 'no baseline')
    .option('--yes', 'ask nothing, and take what fits')
    .option('--dry-run', 'show what would be written')
    .action(async (path, options) => (await import('./cli/init.ts')).init(path, options))
  program
    .command('explain')
    .summary('what a rule looks for, why, and how to fix it')
    .description('What a rule looks for, why, and how to fix what it finds')
    .argument('<rule>', 'rule id, such as iam/full-admin or full-admin; or an area, such as iam')
    .addOption(
      new Option('--format <format>', 'what is printed').choices(['pretty', 'json', 'markdown']).default('pretty'),
    )
    .option('--rules <dir>', 'folder with further rules', collect, [])
    .addOption(pluginOption())
    .action(async (rule, options) => (await import('./cli/explain.ts')).explain(rule, options))
  const baseline = program
    .command('baseline')
    .summary('accept what is known: baseline create|update|prune')
    .description('Accept what is there today, and fail on what is new')
  for (const [action, description] of [
    ['create', 'Write the findings of today into zt-audit.baseline.json'],
    ['update', 'Accept what is new as well, and drop what is gone'],
    ['prune', 'Drop what is gone; accept nothing new'],
  ] as const) {
    addScanOptions(baseline.command(action).summary(description.toLowerCase()).description(description)).action(
      async (path, options) =>
        (await import('./cli/baseline.ts')).baseline(action, path, { ...NOTHING_REPEATED, ...options }),
    )
  }
  program
    .command('diff')
    .summary('new, fixed and reopened between JSON reports')
    .description('Compare JSON reports: what is new, fixed, reopened')
    .argument('<old>', 'JSON report of an earlier run')
    .argument('<new...>', 'the later ones in their order; the last is compared with the one before')
    .addOption(
      new Option('--format <format>', 'what is printed').choices(['pretty', 'json', 'markdown']).default('pretty'),
    )
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 on new or reopened findings from this severity on')
        .choices([...SEVERITIES, 'never'])
        .default('medium'),
    )
    .action(async (older, newer, options) => (await import('./cli/diff.ts')).diff([older, ...newer], options))
  const rules = program
    .command('rules')
    .summary('list, test and write rules: rules list|test|schema')
    .description('List, test and write rules')
  rules
    .command('list')
    .summary('list the rules')
    .description('List the rules')
    .addOption(new Option('--format <format>', 'what is printed').choices(['pretty', 'json']).default('pretty'))
    .option('--rules <dir>', 'folder with further rules', collect, [])
    .addOption(pluginOption())
    .action(async (options) => (await import('./cli/rules.ts')).listRules(options))
  rules
    .command('test')
    .summary('run the tests inside rule files')
    .description('Run the tests inside rule files: the built-in ones, or those of a folder of your own')
    .argument('[dir]', 'folder with rules')
    .option('--only <id>', 'rule or area', collect, [])
    .addOption(pluginOption())
    .action(async (dir, options) => (await import('./cli/rules.ts')).testRules(dir, options))
  rules
    .command('schema')
    .summary('JSON Schema of rules, config or report')
    .description('JSON Schema of rule files, of zt-audit.yaml or of the JSON report, for editors')
    .addOption(
      new Option('--of <what>', 'of what')
        .choices(['rule', 'config', 'report', 'baseline', 'inventory'])
        .default('rule'),
    )
    .action(async (options) => (await import('./cli/rules.ts')).printSchema(options))
  program
    .command('permissions')
    .summary('the least that zt-audit itself needs, as a policy')
    .description('The least that zt-audit itself needs to read: as an IAM policy, a ClusterRole, or token scopes')
    .addArgument(new Argument('<target>', 'where it reads').choices(['aws', 'k8s', 'github']))
    .action(async (target) => (await import('./cli/permissions.ts')).permissions(target))
  const suggest = program
    .command('suggest')
    .summary('least privilege from what was used: suggest aws|k8s')
    .description('The smallest policies, or roles, that cover what was used; changes nothing')
  addSuggestOptions(suggest.command('aws')).action(async (path, options) =>
    (await import('./cli/suggest.ts')).suggestAws(path, { aws: [], cloudtrail: [], principal: [], ...options }),
  )
  addSuggestKubernetesOptions(suggest.command('k8s')).action(async (path, options) =>
    (await import('./cli/suggest/kubernetes.ts')).suggestKubernetes(path, {
      k8s: [],
      k8sDump: [],
      auditLog: [],
      account: [],
      ...options,
    }),
  )
  addInventoryOptions(program.command('inventory')).action(async (path, options) =>
    (await import('./cli/inventory.ts')).inventory(path, { ...NOTHING_REPEATED, account: [], ...options }),
  )
  program
    .command('doctor')
    .summary('what can be audited from here; sends nothing')
    .description(
      'What can be audited from here: repository, credentials by kind, tools. Sends nothing unless --online is given; no secret value is printed.',
    )
    .argument('[path]', 'repository or folder', '.')
    .option(
      '--online',
      'ask AWS, Kubernetes and GitHub whether the credentials found may do what an audit needs; read-only',
    )
    .option('--github-url <url>', 'REST API of a GitHub Enterprise Server')
    .addOption(new Option('--format <format>', 'what is printed').choices(['pretty', 'json']).default('pretty'))
    .action(async (path, options) => (await import('./cli/doctor.ts')).doctor(path, options))
  program
    .command('completion')
    .summary('completion script for bash, zsh or fish')
    .description(INSTALL_COMPLETION)
    .addArgument(new Argument('<shell>', 'your shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell) => (await import('./cli/completion.ts')).printCompletion(shell, program, DEFAULT_COMMAND))
  program
    .helpCommand(false)
    .command('help')
    .description('Help on a command')
    .argument('[command...]', 'command, and its sub-command')
    .action((names: string[]) => findCommand(program, names).outputHelp())
  suggestChoices(program)
  return program
}

const DEFAULT_COMMAND = 'scan'
const INSTALL_COMPLETION = `Print a completion script: commands, options, their values, rule ids. Run once:

  bash  zt-audit completion bash > ~/.zt-audit.bash
        echo '. ~/.zt-audit.bash' >> ~/.bashrc
  zsh   zt-audit completion zsh > "\${fpath[1]}/_zt-audit"
  fish  zt-audit completion fish > ~/.config/fish/completions/zt-audit.fish

Again after an update. Or in ~/.bashrc or ~/.zshrc, always up to date:
  source <(zt-audit completion bash)      source <(zt-audit completion zsh)`

function pluginOption(): Option {
  return new Option('--plugin <name>', 'package or module with further kinds of facts and rules')
    .argParser((value: string, previous: readonly string[]) => [...previous, value])
    .default([])
}

export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, ...value.split(',').filter((item) => item !== '')]
}

const OPTIONAL_VALUE = new Set(['--aws', '--k8s', '--history'])

/** `--aws .` must leave the path alone: options with an optional value take it with `=` only. */
function withExplicitValues(argv: readonly string[]): string[] {
  return argv.map((argument) => (OPTIONAL_VALUE.has(argument) ? `${argument}=` : argument))
}

/** Known errors print one line and their reason; anything else is a bug and keeps its stack. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof RuleError) {
    process.stderr.write(
      `${error.message}\nzt-audit: ${error.defects.length} defect${error.defects.length === 1 ? '' : 's'}; nothing was run\n`,
    )
    return 2
  }
  if (error instanceof UsageError) {
    process.stderr.write(`zt-audit: ${error.message}\n`)
    return 2
  }
  process.stderr.write(
    `zt-audit: this is a bug, please report it with the lines below\n${(error as Error)?.stack ?? String(error)}\n`,
  )
  return 2
}

/** `zt-audit | head` closes the pipe early; that is no error of ours. A full disk is one that people must see. */
function onBrokenOutput(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit()
  process.stderr.write(`zt-audit: cannot write the report: ${error.message}\n`)
  process.exit(process.exitCode === 1 ? 1 : 3)
}
