// node bench/secrets/training.mjs --inputs DIR [--split dev|test] [--out FILE]: see training-rows.ts, which it builds and runs.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

const { values: options } = parseArgs({
  options: { inputs: { type: 'string' }, split: { type: 'string', default: '' }, out: { type: 'string' } },
})
if (!options.inputs) {
  console.error('name the folder of inputs: --inputs DIR (docs/benchmarks.md)')
  process.exit(2)
}
const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'zt-training-'))
try {
  const outfile = join(scratch, 'training-rows.mjs')
  await build({
    entryPoints: [here('training-rows.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
  })
  const out = options.out === undefined ? here('training.csv.gz') : resolve(options.out)
  const parameters = [outfile, resolve(options.inputs), out, options.split]
  execFileSync(process.execPath, parameters, { stdio: 'inherit' })
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
