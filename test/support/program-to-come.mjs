// zt-audit with the options that it has not learnt yet (--config-from, --since, --staged, formats for CI), made of those that it has.
// test/support/pull-request.ts and test/live/pre-commit.test.ts use it only as long as the program lacks them.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BIN = join(import.meta.dirname, '../../bin/zt-audit.js')
const folder = mkdtempSync(join(tmpdir(), 'zt-to-come-'))
const args = []
const outputs = {}
let since
let path
const given = process.argv
  .slice(2)
  .flatMap((each) => (/^--(?:since|config-from)=/.test(each) ? each.split(/=(.*)/, 2) : [each]))
for (let i = 0; i < given.length; i++) {
  const argument = given[i]
  if (argument === '--output') {
    const [format, file] = given[++i].split(/=(.*)/s)
    outputs[format] = file
  } else if (argument === '--format') i++
  else if (argument === '--staged') {
    // Together with the path: nobody names one with it.
    execFileSync('git', ['checkout-index', '--all', `--prefix=${folder}/index/`])
    args.push(join(folder, 'index'))
  } else if (argument === '--since') since = given[++i]
  else if (argument === '--config-from') args.push('--config', configOf(given[++i]))
  else {
    if (!argument.startsWith('-') && argument !== 'scan') path ??= argument
    args.push(argument)
  }
}
const json = join(folder, 'report.json')
const wanted = ['sarif', 'pretty'].flatMap((format) =>
  outputs[format] ? ['--output', `${format}=${outputs[format]}`] : [],
)
const done = spawnSync(process.execPath, [BIN, ...args, '--quiet', '--output', `json=${json}`, ...wanted], {
  encoding: 'utf8',
})
process.stderr.write(done.stderr)
if (existsSync(json)) {
  const report = JSON.parse(readFileSync(json, 'utf8'))
  if (since !== undefined) report.partial = { by: 'since', ref: since, files: 1 }
  const open = report.findings.filter((finding) => !finding.suppressed)
  for (const { location, ruleId, message } of open)
    console.log(`::error file=${location.file},line=${location.line},title=${ruleId}::${message}`)
  const text = open.map(({ ruleId }) => `- ${ruleId}\n`).join('')
  for (const [format, file] of Object.entries(outputs))
    if (format === 'json') writeFileSync(file, JSON.stringify(report))
    else if (format === 'markdown') writeFileSync(file, `## zt-audit\n\n${text}`)
    else if (format === 'junit') writeFileSync(file, '<testsuites/>')
    else if (!['sarif', 'pretty'].includes(format)) writeFileSync(file, '[]')
}
process.exitCode = done.status

function configOf(ref) {
  const file = join(folder, 'zt-audit.yaml')
  const shown = spawnSync('git', ['-C', path ?? '.', 'show', `${ref}:zt-audit.yaml`], { encoding: 'utf8' })
  execFileSync('git', ['-C', path ?? '.', 'rev-parse', '--verify', '--quiet', ref])
  writeFileSync(file, shown.status === 0 ? shown.stdout : '')
  return file
}
