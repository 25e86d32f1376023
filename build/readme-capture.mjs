// Puts what `zt-audit demo` prints into the README, between its markers. What changes from run to run (folder, port) is left out.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const output = execFileSync(process.execPath, ['bin/zt-audit.js', 'demo'], {
  encoding: 'utf8',
  env: { ...process.env, COLUMNS: '90', NO_COLOR: '1', TMPDIR: '/tmp' },
  stdio: ['ignore', 'pipe', 'ignore'],
})
const text = output
  .replace(/zt-audit-demo-\w+/g, (name) => 'zt-audit-demo-shop'.padEnd(name.length, 's').slice(0, name.length))
  .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:40000')
  .trimEnd()
const readme = readFileSync('README.md', 'utf8')
const captured = `<!-- demo -->\n\n\`\`\`text\n$ zt-audit demo\n${text}\n\`\`\`\n\n<!-- /demo -->`
// A function, since text may hold `$`.
writeFileSync(
  'README.md',
  readme.replace(/<!-- demo -->[\s\S]*<!-- \/demo -->/, () => captured),
)
