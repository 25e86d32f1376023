// The scanners that are compared: how each is called on a folder, and where its report names places.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram, measureBeside } from '../measure.mjs'

/**
 * Each with the settings that it has out of the box, less what calls out: no verification over the network, no check for
 * updates. All see the same folder, which is no git repository.
 */
const TOOLS = {
  'zt-audit': ours('medium'),
  // With what is probably made up, too: CredData's labels count it.
  'zt-audit low': ours('low'),
  gitleaks: {
    command: (folder, report, program) => [
      program,
      ...['dir', folder, '--no-banner', '--log-level', 'error', '--exit-code', '0'],
      ...['--report-format', 'json', '--report-path', report],
    ],
    places: (found) => (found ?? []).map((f) => place(f.File, f.StartLine, f.EndLine, f.RuleID)),
  },
  kingfisher: {
    command: (folder, report, program) => [
      program,
      ...['scan', folder, '--no-update-check', '--no-validate', '--git-history', 'none', '--no-dedup'],
      ...['--format', 'json', '--output', report],
    ],
    // 200: there are findings.
    codes: [0, 200, 205],
    places: ({ findings }) =>
      findings.map(({ rule, finding }) => place(finding.path, finding.line, finding.line, rule.id)),
  },
  'detect-secrets': {
    // It has no option for a file, so the shell redirects its output.
    command: (folder, report, program) => [
      ...['sh', '-c', '"$0" -C "$1" scan --all-files --no-verify > "$2"'],
      ...[program, folder, report],
    ],
    places: ({ results }) =>
      Object.entries(results).flatMap(([file, found]) =>
        found.map((f) => place(file, f.line_number, f.line_number, f.type)),
      ),
  },
  credsweeper: {
    command: (folder, report, program) => [
      program,
      ...['--path', folder, '--save-json', report, '--no-stdout', '--log', 'error'],
    ],
    places: (found) =>
      found.flatMap(({ rule, line_data_list }) =>
        line_data_list.map((l) => place(l.path, l.line_num, l.line_num, rule)),
      ),
  },
}

export const OURS = 'zt-audit'

export const isOurs = (name) => name.startsWith(OURS)

/** Rules about a setting or an aspect of a secret name no secret of their own. */
const ASIDE = ['secrets/tls-disabled-connection', 'secrets/credential-without-expiry']

function ours(confidence) {
  return {
    command: (folder, report) => [
      process.execPath,
      fileURLToPath(new URL('../../bin/zt-audit.js', import.meta.url)),
      folder,
      ...['--only', 'secrets', '--min-confidence', confidence],
      ...ASIDE.flatMap((rule) => ['--skip', rule]),
      ...['--format', 'json', '--output', `json=${report}`, '--exit-zero'],
    ],
    // 3: something was left out; the report names it.
    codes: [0, 3],
    places: ({ findings }) =>
      findings.flatMap(({ ruleId, location, otherLocations = [] }) =>
        [location, ...otherLocations].map((at) => place(at.file, at.line, at.endLine, ruleId)),
      ),
  }
}

/** Names of the tools that are installed (this project first), or those that were asked for; others are said to be absent. */
export function installed(wanted) {
  return Object.keys(TOOLS)
    .filter((name) => wanted === undefined || wanted.includes(name))
    .filter((name) => {
      const there = isOurs(name) || findProgram(name) !== undefined
      if (!there) console.log(`${name} is not installed (on PATH, or in a folder of BENCH_TOOLS): left out`)
      return there
    })
}

/** What runs a tool on a folder so that it writes its report, and the exit codes that mean that it did. */
export function commandOf(name, folder, report) {
  const { command, codes = [0] } = TOOLS[name]
  return { command: command(folder, report, isOurs(name) ? undefined : findProgram(name)), codes }
}

/**
 * Runs a tool on a folder: CPU seconds, peak MB, and the places it names, as [path, line, endLine, rule] with paths relative
 * to the folder. Values are not kept. Throws if the tool fails.
 */
export async function scan(name, folder, report) {
  const { command, codes } = commandOf(name, folder, report)
  const { cpu, rss } = await measureBeside(command, { codes })
  const places = TOOLS[name].places(JSON.parse(readFileSync(report, 'utf8') || 'null')).map(([path, ...rest]) => {
    const full = resolve(folder, path)
    return [full.startsWith(join(folder, '/')) ? full.slice(join(folder, '/').length) : path, ...rest]
  })
  return { cpu, rss, places }
}

function place(path, line, endLine, rule) {
  return [path, line, endLine ?? line, rule]
}
