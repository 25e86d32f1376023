import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Chalk } from 'chalk'
import { type Check, canAudit, judgeSurroundings } from '../doctor/checks.ts'
import { lookAround } from '../doctor/look.ts'
import type { Surroundings } from '../doctor/surroundings.ts'
import { UsageError } from '../errors.ts'
import { layout } from '../reporters/layout.ts'
import { printable } from '../reporters/printable.ts'
import { wideText } from '../reporters/wide-text.ts'
import { githubApp } from '../targets.ts'
import { colorLevel, terminalWidth } from './output.ts'
import { githubManifest } from './permissions/github.ts'
import { awsNeeds, githubNeeds, kubernetesNeeds } from './permissions.ts'

export interface DoctorOptions {
  readonly online?: boolean
  readonly githubUrl?: string
  readonly format: 'pretty' | 'json'
}

/** `zt-audit doctor [PATH]`: exit 0 if an audit of the repository would run, else 1. */
export async function doctor(path: string, options: DoctorOptions): Promise<void> {
  const status = path === '' ? undefined : statSync(path, { throwIfNoEntry: false })
  if (!status) throw new UsageError(`there is no file or folder '${path}'`)
  const folder = status.isDirectory() ? path : dirname(path)
  const terminal = {
    isTerminal: process.stdout.isTTY ?? false,
    columns: terminalWidth(),
    colors: colorLevel('auto', process.stdout) > 0,
  }
  const found: Surroundings = { ...(await lookAround(folder, process.env)), terminal }
  const checks = judgeSurroundings(found)
  if (options.online) checks.push(...(await askProviders(folder, found, options)))
  const ready = canAudit(checks)
  process.exitCode = ready ? 0 : 1
  const text = options.format === 'json' ? toJson(checks, ready, options) : toText(printable(checks), ready, options)
  process.stdout.write(text)
}

/** Only where credentials were found: nobody is asked in the name of nobody. */
async function askProviders(path: string, found: Surroundings, options: DoctorOptions): Promise<Check[]> {
  const { askAws, askGithub, askKubernetes } = await import('../doctor/online.ts')
  const signal = AbortSignal.timeout(60_000)
  const { AWS_ENDPOINT_URL: endpoint, GITHUB_TOKEN, GH_TOKEN } = process.env
  const { variables, profiles, sessions } = found.aws
  const hasAws = variables.some((name) => name !== 'AWS_ENDPOINT_URL') || profiles.length > 0 || sessions.valid > 0
  const hasKubernetes = found.kubernetes.contexts.length > 0 || found.kubernetes.inCluster
  const token = GITHUB_TOKEN || GH_TOKEN
  const app = found.githubApp?.problem === undefined ? githubApp(process.env) : undefined
  const github = {
    owner: '',
    ...(app ? { app } : token && { token }),
    ...(options.githubUrl && { url: options.githubUrl }),
  }
  const asked = await Promise.all([
    hasAws ? askAws(endpoint ? { endpoint } : {}, awsNeeds(), signal) : [],
    hasKubernetes ? askKubernetes(resolve(path), kubernetesNeeds(), signal) : [],
    app || token ? askGithub(github, githubManifest(githubNeeds()).default_permissions, signal) : [],
  ])
  return asked.flat()
}

function toJson(checks: readonly Check[], ready: boolean, { online = false }: DoctorOptions): string {
  return `${JSON.stringify({ schemaVersion: 1, ready, online, checks }, null, 2)}\n`
}

const MARKS = { ok: '✓', warning: '!', problem: '✗', absent: '·' } as const

function toText(checks: readonly Check[], ready: boolean, { online = false }: DoctorOptions): string {
  const chalk = new Chalk({ level: colorLevel('auto', process.stdout) })
  const page = layout(terminalWidth(), wideText)
  const paint = { ok: chalk.green, warning: chalk.yellow, problem: chalk.red, absent: chalk.dim } as const
  const areas = [...new Set(checks.map(({ area }) => area))]
  const lines = areas.flatMap((area) => [
    chalk.bold(area),
    ...checks
      .filter((check) => check.area === area)
      .flatMap(({ state, text, help }) => [
        page.item(paint[state](MARKS[state]), text),
        ...(help ? [chalk.dim(page.item('→', help, 4))] : []),
      ]),
  ])
  const verdict = ready ? 'The repository can be audited.' : 'The repository cannot be audited yet: see ✗.'
  const sent = online ? '' : ' Nothing was sent; --online asks the providers.'
  return `${[...lines, '', `${verdict}${sent}`].join('\n')}\n`
}
