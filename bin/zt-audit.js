#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import module from 'node:module'

// Scripts ask for the version often: it is answered before anything is loaded.
const [first, ...rest] = process.argv.slice(2)
if ((first === '--version' || first === '-V') && rest.length === 0) {
  console.log(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version)
} else {
  module.enableCompileCache?.()
  const { main } = await import('../dist/cli.js').catch((error) => {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('dist')) throw error
    console.error('zt-audit is not built yet: run `npm ci` (or `npm run build`) in its folder first.')
    process.exit(2)
  })
  await main(process.argv)
}
