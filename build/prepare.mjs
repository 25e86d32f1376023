// Runs when the package is installed from its repository, or packed: builds dist/.
// `npm install --global` of a git repository (as pre-commit does it, too) calls this without the tools of the build, since npm
// hands --global on to the install that should have fetched them. They are fetched here then.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
if (!existsSync('node_modules/esbuild')) {
  const inherited = /^npm_config_(?:global|location|omit)$/i
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !inherited.test(name)))
  const npm = process.env.npm_execpath
  const args = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund']
  execFileSync(npm ? process.execPath : 'npm', npm ? [npm, ...args] : args, { env, stdio: ['ignore', 2, 2] })
}
await import('./build.mjs')
