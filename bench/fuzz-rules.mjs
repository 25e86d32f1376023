// Worst times of each rule on 64 kB of hostile text:
//   node bench/fuzz-rules.mjs
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/** Prints the worst times; with `smoke` those of a few rules only, to show that it works. */
export async function fuzzRules(smoke = false) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  // Within the tree, so that the packages it imports are found.
  const folder = mkdtempSync(join(root, 'node_modules/.zt-fuzz-'))
  const outfile = join(folder, 'src', 'fuzz.mjs')
  try {
    await build({
      entryPoints: [join(root, 'bench/fuzz-rules.ts')],
      outfile,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      logLevel: 'warning',
      define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(root, 'src/rule-packs.ts')).href) },
    })
    process.env.FUZZ_SMOKE = smoke ? '1' : '0'
    await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await fuzzRules(process.argv.includes('--smoke'))
