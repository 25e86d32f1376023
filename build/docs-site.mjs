// Builds the documentation as a site: site/dist. What that needs is installed in site/ when it is missing or has changed.
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const installed = 'site/node_modules/.package-lock.json'
const npm = (...args) => execFileSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' })

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync('site/package-lock.json').mtimeMs)
  npm('ci', '--prefix', 'site', '--no-audit', '--no-fund')
rmSync('site/dist', { recursive: true, force: true })
npm('run', '--silent', '--prefix', 'site', 'build')
