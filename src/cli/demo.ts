import { rm } from 'node:fs/promises'
import { devNull } from 'node:os'
import { Chalk } from 'chalk'
import { UsageError } from '../errors.ts'
import { render } from '../render.ts'
import type { Finding, Report } from '../report.ts'
import { type Layout, layout } from '../reporters/layout.ts'
import { wideText } from '../reporters/wide-text.ts'
import { exitCodeOf } from '../verdict.ts'
import { ACCOUNT_ID, LEAKING_USER } from './demo/account.ts'
import { type Replay, replay } from './demo/replay.ts'
import { keyIdOf, writeRepository } from './demo/repository.ts'
import { NOTHING_REPEATED, type ScanOptions } from './options.ts'
import { colorLevel, print, terminalWidth } from './output.ts'
import { runAudit } from './scan.ts'

const CHAIN = 'chain/leaked-admin-key-without-mfa'

/**
 * `zt-audit demo`: the story of one chain. Repository and account are made up, the audit is the real one: same scanners, same rule,
 * same report, and the second run shows that one cut ends the chain. Nothing leaves this machine.
 */
export async function demo({ keep = false }: { readonly keep?: boolean }): Promise<void> {
  const account = { id: ACCOUNT_ID, keyId: keyIdOf(ACCOUNT_ID), keyIsActive: true }
  const root = await writeRepository(account.keyId)
  const before = process.cwd()
  let server: Replay | undefined
  try {
    server = await replay(() => account).catch((error: Error) => {
      throw new UsageError(`the demo's account answers on 127.0.0.1, and no port can be opened: ${error.message}`)
    })
    hideCredentials()
    // Paths in the story are those of somebody who stands in the repository.
    process.chdir(root)
    const options = optionsOf(server.url)
    await print(`${opening(root)}\n`)
    const found = await runAudit('.', options)
    const [chain] = found.report.findings
    if (found.report.interrupted || !chain) throw stopped(found.report)
    await print(`${apart(chain)}\n${await joined(found.report)}\n`)
    account.keyIsActive = false
    const { report, verdict } = await runAudit('.', options)
    if (report.interrupted || report.findings.length > 0) throw stopped(report)
    await print(`${mended(account.keyId, exitCodeOf(report, verdict))}\n${next(keep ? root : undefined)}\n`)
  } finally {
    process.chdir(before)
    server?.stop()
    if (!keep) await rm(root, { recursive: true, force: true })
  }
}

function optionsOf(url: string): ScanOptions {
  return {
    ...NOTHING_REPEATED,
    aws: [''],
    awsEndpoint: url,
    only: [CHAIN],
    format: 'pretty',
    maxFileSize: 1 << 20,
    timeout: 60,
    color: 'auto',
    progress: true,
  }
}

/** Whatever credentials and settings of AWS there are: the demo neither uses nor sends them. */
function hideCredentials(): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'demo',
    AWS_SECRET_ACCESS_KEY: 'demo',
    AWS_REGION: 'us-east-1',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
  })
}

function stopped({ interrupted, gaps }: Report): UsageError {
  if (interrupted) return new UsageError('the demo was stopped')
  return new UsageError(`the demo did not come to its end: ${gaps[0]?.detail ?? 'another result than it is made for'}`)
}

function page(): Layout {
  return layout(Math.min(terminalWidth(), 100), wideText)
}

function chalk() {
  return new Chalk({ level: colorLevel('auto', process.stdout) })
}

function opening(root: string): string {
  const { wrap } = page()
  return [
    chalk().bold(wrap('One leaked key, followed to its end', 0)),
    '',
    wrap(
      `A made-up repository (${root}) and a made-up AWS account, whose answers this program plays back on 127.0.0.1. The audit is the real one. Nothing leaves this machine.`,
      0,
    ),
    '',
  ].join('\n')
}

/** Step 1: what stands in the facts that the rule joins, one tool each. */
function apart({ evidence }: Finding): string {
  const { wrap, item } = page()
  const field = (binding: string, name: string) => String(evidence[binding]?.[0]?.data[name] ?? '')
  const line = (tool: string, text: string) => item(chalk().dim(tool.padEnd(TOOL_WIDTH)), text, 3)
  return [
    chalk().bold('1  Three tools, each with its own line'),
    '',
    line('secret scanner', `an AWS access key in ${field('leak', 'path')}: ${field('leak', 'masked')}`),
    line('list of rights', `user ${field('user', 'name')} ${field('rights', 'because')}`),
    line('list of MFA', `user ${field('user', 'name')} has no second factor`),
    '',
    wrap(
      'One line among many in each. Whose key is it, does it still work, and what does it open? None of them knows.',
      3,
    ),
    '',
  ].join('\n')
}
const TOOL_WIDTH = 'list of rights'.length + 1

/** Step 2: the report as `zt-audit` prints it. */
async function joined(report: Report): Promise<string> {
  const { wrap } = page()
  const setting = { color: colorLevel('auto', process.stdout), width: terminalWidth() }
  return [
    chalk().bold('2  zt-audit looks at both, and joins them'),
    '',
    wrap(`$ zt-audit . --aws --only ${CHAIN}`, 3),
    '',
    await render(report, 'pretty', setting),
  ].join('\n')
}

/** Step 3: one edge is cut, and the same audit runs again. */
function mended(keyId: string, exitCode: number): string {
  const { wrap } = page()
  return [
    chalk().bold('3  Cut one link, and the chain is gone'),
    '',
    wrap(`$ aws iam update-access-key --user-name ${LEAKING_USER} \\`, 3),
    wrap(`--access-key-id ${keyId} --status Inactive`, 7),
    '',
    wrap(
      `The made-up account now says that the key is inactive, and the same audit, run again, finds nothing: exit ${exitCode}. What is left is to delete the key, to take it out of the file, and to give what deploys a role with what it uses.`,
      3,
    ),
    '',
  ].join('\n')
}

function next(kept: string | undefined): string {
  const { item, wrap } = page()
  const line = (command: string, text: string) => item(command.padEnd(COMMAND_WIDTH), chalk().dim(text), 3)
  return [
    chalk().bold('Next'),
    '',
    line('zt-audit', 'the repository you are in; offline'),
    line('zt-audit --aws', 'and your AWS account; read-only'),
    line('zt-audit init', 'config, CI, pre-commit hook, baseline'),
    wrap(`zt-audit explain ${CHAIN}`, 3),
    ...(kept ? ['', wrap(`The repository is kept in ${kept}; its account ends with this program.`, 3)] : []),
  ].join('\n')
}
const COMMAND_WIDTH = 'zt-audit --aws'.length + 1
