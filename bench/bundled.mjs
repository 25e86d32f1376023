// Benchmarks that call this project's own parts, as the build bundles them.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Builds a TypeScript file and runs it in a process of its own, its output here. Throws if it fails. */
export async function runBundled(path, args, env = {}) {
  await bundled(path, (file) => {
    const settings = { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } }
    const { status } = spawnSync(process.execPath, [file, ...args], settings)
    if (status !== 0) throw new Error(`${path} ended with ${status}`)
  })
}

/** Builds a TypeScript file and imports it: Node 20 reads none. */
export async function importBundled(path) {
  return bundled(path, (file) => import(pathToFileURL(file).href))
}

/** `path` from the root of the repository. */
async function bundled(path, use) {
  // Within the tree, so that the packages it imports are found, and three folders below its root, as deep as what test/live/servers
  // looks up from; the data that the built program reads lie beside it.
  const folder = mkdtempSync(join(ROOT, 'node_modules/.zt-bench-'))
  try {
    const beside = join(folder, 'bundle')
    mkdirSync(beside)
    for (const data of readdirSync(join(ROOT, 'dist')).filter((each) => each.endsWith('.jsonl')))
      copyFileSync(join(ROOT, 'dist', data), join(beside, data))
    const outfile = join(beside, 'bench.mjs')
    await build({
      entryPoints: [join(ROOT, path)],
      outfile,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      logLevel: 'warning',
      define: { __BUNDLED__: 'true' },
    })
    return await use(outfile)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
