// Runs a benchmark that calls this project's own parts, as the build bundles them.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Builds a TypeScript file of this folder and runs it in a process of its own, its output here. Throws if it fails. */
export async function runBundled(name, args, env = {}) {
  // Within the tree, so that the packages it imports are found; the data that the built program reads lie beside it.
  const folder = mkdtempSync(join(ROOT, 'node_modules/.zt-iam-'))
  try {
    for (const data of readdirSync(join(ROOT, 'dist')).filter((each) => each.endsWith('.jsonl')))
      copyFileSync(join(ROOT, 'dist', data), join(folder, data))
    const outfile = join(folder, 'bench.mjs')
    await build({
      entryPoints: [join(ROOT, 'bench/iam', name)],
      outfile,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      logLevel: 'warning',
      define: { __BUNDLED__: 'true' },
    })
    const settings = { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } }
    const { status } = spawnSync(process.execPath, [outfile, ...args], settings)
    if (status !== 0) throw new Error(`${name} ended with ${status}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
