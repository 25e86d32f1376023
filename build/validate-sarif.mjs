// Judges SARIF files with Microsoft's validator, GitHub's rules included: exit 1 on any error or warning.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Results of the validator as `level rule: message`, notes left out. */
export function validateSarif(file) {
  const folder = mkdtempSync(join(tmpdir(), 'sarif-'))
  const output = join(folder, 'out.json')
  const tool = new URL('../node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool', import.meta.url).pathname
  const env = { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', DOTNET_CLI_TELEMETRY_OPTOUT: '1' }
  const rest = ['--rule-kind', 'Sarif;Ghas', '--level', 'Error;Warning', '--output', output, '--log', 'ForceOverwrite']
  try {
    execFileSync(tool, ['validate', file, ...rest], { env, stdio: 'pipe' })
  } catch (error) {
    if (error.code === 'ENOENT') throw new Error('the SARIF validator is not installed: npm ci')
  }
  const [run] = JSON.parse(readFileSync(output, 'utf8').replace(/^\uFEFF/, '')).runs
  rmSync(folder, { recursive: true })
  const levels = new Map(
    (run.tool.driver.rules ?? []).map((rule) => [rule.id, rule.defaultConfiguration?.level ?? 'warning']),
  )
  return (run.results ?? [])
    .map((result) => ({ ...result, level: result.level ?? levels.get(result.ruleId) ?? 'warning' }))
    .filter((result) => result.level !== 'note')
    .map((result) => `${result.level} ${result.ruleId}: ${result.message.text ?? JSON.stringify(result.message)}`)
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const problems = process.argv.slice(2).flatMap((file) => validateSarif(file).map((problem) => `${file}: ${problem}`))
  for (const problem of problems) console.log(problem)
  console.log(problems.length === 0 ? 'clean' : `${problems.length} errors and warnings`)
  process.exit(problems.length === 0 ? 0 : 1)
}
