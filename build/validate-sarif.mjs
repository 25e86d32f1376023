// Judges SARIF files with Microsoft's validator, GitHub's rules included: exit 1 on any error or warning.
// --strict: also GitHub's rules that are off by default, and on any note.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** It wants ids like ABC1001; ours are words. */
const NOTES_THAT_MAY_BE = new Set(['SARIF2009'])

/** What the validator says of any run of a file, as `level rule at place: message`; notes only if strict. */
export function validateSarif(file, { strict = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sarif-'))
  const output = join(folder, 'out.json')
  // The program itself: npm's wrapper starts a shell, which splits at the semicolon.
  const tool = fileURLToPath(
    new URL('../node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool', import.meta.url),
  )
  const settings = fileURLToPath(new URL('./validate-sarif.strict.xml', import.meta.url))
  const env = { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', DOTNET_CLI_TELEMETRY_OPTOUT: '1' }
  const args = ['validate', file, ...(strict ? ['-c', settings] : []), '--rule-kind', 'Sarif;Ghas']
  const levels = strict ? 'Error;Warning;Note' : 'Error;Warning'
  try {
    execFileSync(
      tool,
      [...args, '--max-file-size-in-kb', '1000000', '--level', levels, '--output', output, '--log', 'ForceOverwrite'],
      {
        env,
        stdio: 'pipe',
      },
    )
  } catch (error) {
    if (error.code === 'ENOENT') throw new Error('the SARIF validator is not installed: npm ci')
  }
  try {
    const { runs } = JSON.parse(readFileSync(output, 'utf8').replace(/^\uFEFF/, ''))
    // Without a run nothing was judged, which is no pass.
    if (runs.length === 0) throw new Error(`the SARIF validator said nothing of ${file}`)
    return runs
      .flatMap(problemsOf)
      .filter(({ level, rule }) => level !== 'note' || (strict && !NOTES_THAT_MAY_BE.has(rule)))
      .map(({ text }) => text)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A result without a level has that of its rule, else it is a warning. */
function problemsOf(run) {
  const levels = new Map(
    (run.tool.driver.rules ?? []).map((rule) => [rule.id, rule.defaultConfiguration?.level ?? 'warning']),
  )
  const results = (run.results ?? []).map((result) => {
    const level = result.level ?? levels.get(result.ruleId) ?? 'warning'
    const line = result.locations?.[0]?.physicalLocation?.region?.startLine
    const message = result.message.text ?? JSON.stringify(result.message)
    return { level, rule: result.ruleId, text: `${level} ${result.ruleId} at line ${line ?? '?'}: ${message}` }
  })
  // The validator itself failed: whatever it did not judge must not pass.
  const failures = (run.invocations ?? []).flatMap((invocation) =>
    [...(invocation.toolExecutionNotifications ?? []), ...(invocation.toolConfigurationNotifications ?? [])]
      .filter(({ level }) => level === 'error')
      .map(({ message }) => ({ level: 'error', rule: '', text: `error of the validator: ${message?.text}` })),
  )
  return [...results, ...failures]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = process.argv.slice(2).filter((arg) => arg !== '--strict')
  const strict = process.argv.includes('--strict')
  const problems = files.flatMap((file) => validateSarif(file, { strict }).map((problem) => `${file}: ${problem}`))
  for (const problem of problems) console.log(problem)
  console.log(problems.length === 0 ? 'clean' : `${problems.length} problems`)
  process.exit(problems.length === 0 && files.length > 0 ? 0 : 1)
}
