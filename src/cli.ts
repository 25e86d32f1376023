import { Command, CommanderError, Option } from 'commander'
import { addScanOptions, NOTHING_REPEATED } from './cli/options.ts'
import { RuleError, UsageError } from './errors.ts'
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

function createProgram(): Command {
  const program = new Command('zt-audit')
    .description(
      'Audits zero-trust posture: what is trusted that should not be, in a repository and in the AWS account, Kubernetes cluster and GitHub organisation behind it.',
    )
    .version(VERSION)
    .exitOverride()
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'zt-audit: ')) })
    .showSuggestionAfterError(true)
    .addHelpText('after', EXIT_CODES)
  addScanOptions(
    program
      .command('scan', { isDefault: true })
      .description('Audit a repository (default: the working directory) and the live targets named'),
  ).action(async (path, options) => (await import('./cli/scan.ts')).scan(path, { ...NOTHING_REPEATED, ...options }))
  program
    .command('demo')
    .description('Write a small leaky repository into a temporary folder and audit it')
    .option('--keep', 'keep the folder and print its path')
    .action(async (options) => (await import('./cli/demo.ts')).demo(options))
  program
    .command('init')
    .description('Write a commented zt-audit.yaml')
    .argument('[path]', 'folder', '.')
    .action(async (path) => (await import('./cli/init.ts')).init(path))
  program
    .command('explain')
    .description('What a rule looks for, why, and how to fix what it finds')
    .argument('<rule>', 'rule id, such as iam/full-admin')
    .option('--rules <dir>', 'folder with further rules', collect, [])
    .addOption(pluginOption())
    .action(async (rule, options) => (await import('./cli/explain.ts')).explain(rule, options))
  const rules = program.command('rules').description('List, test and write rules')
  rules
    .command('list')
    .description('List the rules')
    .option('--format <format>', 'pretty or json', 'pretty')
    .option('--rules <dir>', 'folder with further rules', collect, [])
    .addOption(pluginOption())
    .action(async (options) => (await import('./cli/rules.ts')).listRules(options))
  rules
    .command('test')
    .description('Run the tests inside rule files: the built-in ones, or those of a folder of your own')
    .argument('[dir]', 'folder with rules')
    .option('--only <id>', 'rule or area', collect, [])
    .addOption(pluginOption())
    .action(async (dir, options) => (await import('./cli/rules.ts')).testRules(dir, options))
  rules
    .command('schema')
    .description('JSON Schema of rule files, of zt-audit.yaml or of the JSON report, for editors')
    .option('--of <what>', 'rule, config or report', 'rule')
    .action(async (options) => (await import('./cli/rules.ts')).printSchema(options))
  program
    .command('permissions')
    .description('The least that zt-audit itself needs to read: as an IAM policy, a ClusterRole, or token scopes')
    .argument('<target>', 'aws, k8s or github')
    .action(async (target) => (await import('./cli/permissions.ts')).permissions(target))
  return program
}

const EXIT_CODES = `
zt-audit scan --help shows the options of an audit; "scan" itself may be left out.

Exit codes: 0 clean · 1 findings at or above --fail-on · 2 usage, config or rule error · 3 incomplete · 4 nothing was scanned`

function pluginOption(): Option {
  return new Option('--plugin <name>', 'package or module with further kinds of facts and rules')
    .argParser((value: string, previous: readonly string[]) => [...previous, value])
    .default([])
}

export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, ...value.split(',').filter((item) => item !== '')]
}

/** `--aws .` must leave the path alone: options with an optional value take it with `=` only. */
function withExplicitValues(argv: readonly string[]): string[] {
  return argv.map((argument) => (argument === '--aws' || argument === '--k8s' ? `${argument}=` : argument))
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
