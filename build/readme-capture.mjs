// Puts what `zt-audit demo` prints into the README, between its markers: the first findings and the summary.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const output = execFileSync(process.execPath, ['bin/zt-audit.js', 'demo'], {
  encoding: 'utf8',
  env: { ...process.env, COLUMNS: '90', NO_COLOR: '1' },
  stdio: ['ignore', 'pipe', 'ignore'],
})
const shown = ['iam/oidc-trust-without-subject', 'k8s/cluster-admin', 'secrets/connection-string-password']
const blocks = output.split(/\n(?= {2}[A-Z][^\n]*(?:\n {2}| {2})[a-z0-9]+\/[a-z-]+\n)/)
const picked = blocks.filter((block) => shown.some((rule) => block.includes(rule))).map((block) => block.trimEnd())
const summary = output
  .slice(output.indexOf('─'.repeat(20)))
  .replace(/repository \S+/, 'repository .')
  .trimEnd()
const text = ['$ zt-audit demo', '■ CRITICAL (7)', '', ...picked.map((block) => `${block}\n`), '…', '', summary].join(
  '\n',
)
const readme = readFileSync('README.md', 'utf8')
const captured = `<!-- demo -->\n\n\`\`\`text\n${text}\n\`\`\`\n\n<!-- /demo -->`
writeFileSync('README.md', readme.replace(/<!-- demo -->[\s\S]*<!-- \/demo -->/, captured))
