#!/usr/bin/env node
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Scripts ask for the version often: it is answered before anything is loaded.
const [first, ...rest] = process.argv.slice(2)
if ((first === '--version' || first === '-V') && rest.length === 0) {
  console.log(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version)
} else {
  cacheCompiledCode()
  const { main } = await import('../dist/cli.js').catch((error) => {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('dist')) throw error
    console.error('zt-audit is not built yet: run `npm ci` (or `npm run build`) in its folder first.')
    process.exit(2)
  })
  await main(process.argv)
}

/**
 * Lets Node 22 and newer keep what it compiled, in a folder that only the operator can write to: what lies there is run, and Node's own
 * default is in the temporary folder of everybody. Where there is none (a read-only home, one that belongs to somebody else, in CI),
 * the code is compiled each time. NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE work as for every program.
 */
function cacheCompiledCode() {
  if (!module.enableCompileCache || process.env.NODE_COMPILE_CACHE || process.env.CI) return
  try {
    const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env
    const base = process.platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME || join(homedir(), '.cache')
    if (!base) return
    const folder = join(base, 'zt-audit', 'compiled')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const { uid, mode } = statSync(folder)
    if (process.getuid && (uid !== process.getuid() || (mode & 0o022) !== 0)) return
    module.enableCompileCache(folder)
  } catch {
    // It is slower without, and nothing else.
  }
}
