// Runs zt-audit once and writes every report: SARIF and JSON for the next steps, Markdown for the summary, annotations.
// Sets exit-code, findings, posture, sarif-file and report-file. The job fails in the last step, after the upload.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { annotate, isOn, printInert, readEvent, setOutput, step, writeSummary } from './workflow.mjs'

step(() => {
  const folder = join(process.env.RUNNER_TEMP, 'zt-audit')
  const files = {
    sarif: join(folder, 'zt-audit.sarif'),
    json: join(folder, 'report.json'),
    markdown: join(folder, 'summary.md'),
    pretty: join(folder, 'report.txt'),
  }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })

  const args = argumentsOf(process.env, files)
  printInert(`zt-audit ${args.join(' ')}`)
  const { status, signal, stdout, stderr, error } = spawnSync(process.execPath, [process.env.ZT_PROGRAM, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (error) throw error
  if (signal) throw new Error(`zt-audit was ended by ${signal}`)

  printReport(stdout, stderr, files)
  if (isOn('ZT_SUMMARY') && existsSync(files.markdown)) writeSummary(readFileSync(files.markdown, 'utf8'))
  setOutput('exit-code', status)
  const report = existsSync(files.json) ? JSON.parse(readFileSync(files.json, 'utf8')) : undefined
  setOutput('findings', report?.summary.findings ?? '')
  setOutput('posture', report?.posture?.overall?.least ?? '')
  setOutput('sarif-file', existsSync(files.sarif) ? files.sarif : '')
  setOutput('report-file', existsSync(files.json) ? files.json : '')
})

function argumentsOf(env, files) {
  const own = (env.ZT_ARGS ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const outputs = Object.entries(files).flatMap(([format, file]) => ['--output', `${format}=${file}`])
  return [
    'scan',
    ...(env.ZT_PATH ? [env.ZT_PATH] : []),
    '--format',
    'github',
    ...outputs,
    ...(env.ZT_FAIL_ON ? ['--fail-on', env.ZT_FAIL_ON] : []),
    ...(env.ZT_FAIL_ON_SCORE ? ['--fail-on-score', env.ZT_FAIL_ON_SCORE] : []),
    ...(isOn('ZT_ALLOW_GAPS') ? ['--allow-gaps'] : []),
    ...baseConfig(own, env),
    ...own,
  ]
}

/** A pull request must not say how it is judged: its base branch does, unless the workflow names a config itself. */
function baseConfig(own, env) {
  const { baseBranch } = readEvent(env)
  if (baseBranch === undefined || own.some((argument) => /^--config(?:-from)?(?:=|$)/.test(argument))) return []
  const git = (...args) => spawnSync('git', ['-C', env.ZT_PATH || '.', ...args], { encoding: 'utf8' })
  const ref = `refs/remotes/origin/${baseBranch}`
  if (git('rev-parse', '--verify', '--quiet', `${ref}^{commit}`).status !== 0) {
    // The usual checkout is shallow and has the pull request only.
    const fetched = git('fetch', '--quiet', '--no-tags', '--depth=1', 'origin', `+refs/heads/${baseBranch}:${ref}`)
    if (fetched.status !== 0) {
      printInert(fetched.stderr ?? String(fetched.error))
      throw new Error(
        `cannot fetch the base branch ${baseBranch}, whose config and baseline count; use fetch-depth: 0, or leave the checkout its credentials`,
      )
    }
  }
  return ['--config-from', `origin/${baseBranch}`]
}

/** Annotations are commands to the runner; everything else is text, whatever it looks like. */
function printReport(stdout, stderr, files) {
  const isAnnotation = (line) => /^::(?:error|warning|notice)[ :]/.test(line)
  const lines = stdout.split('\n')
  if (existsSync(files.pretty)) printInert(readFileSync(files.pretty, 'utf8'))
  printInert(lines.filter((line) => !isAnnotation(line)).join('\n'))
  printInert(stderr)
  if (!isOn('ZT_ANNOTATIONS')) return
  for (const line of lines.filter(isAnnotation)) console.log(line)
  // Exit codes 2 and 4 leave no report: what went wrong is on stderr.
  if (!existsSync(files.json)) annotate('error', stderr.trim() || 'zt-audit wrote no report')
}
