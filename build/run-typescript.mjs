import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/** Bundles a TypeScript program of the build into a folder and runs it: Node 20 cannot run TypeScript by itself. */
export async function runTypeScript(entry, folder) {
  const outfile = join(folder, `.${entry.replaceAll('/', '-')}.mjs`)
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
  })
  try {
    await import(pathToFileURL(outfile).href)
  } finally {
    await rm(outfile)
  }
}
