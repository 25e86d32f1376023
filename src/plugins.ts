import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import nodePath from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { UsageError } from './errors.ts'
import type { Installed, Plugin } from './plugin.ts'
import { checkedDerivation, checkedScanner } from './plugin-facts.ts'
import { checkPlugin, isRecord } from './plugin-form.ts'
import { builtIn } from './registry.ts'

/**
 * The only dynamic import of foreign code: plugins that the operator named. Nothing of them is run before that, and none is ever
 * looked for.
 */

/** Loads plugins in their order, each checked against what is there before it. Throws UsageError, which names the plugin. */
export async function loadPlugins(names: readonly string[], from: string): Promise<Installed> {
  let installed = builtIn
  const loaded = new Set<string>()
  for (const name of names) {
    const file = locatePlugin(name, from)
    if (loaded.has(file)) continue
    loaded.add(file)
    installed = add(await importPlugin(name, file, installed), name, file, installed)
  }
  return installed
}

/** Whether a name is meant as a path: `./x.mjs`, `/x.mjs`, `C:\x.mjs`, `x.mjs`; a package is `name` or `@scope/name`. */
export function isModulePath(name: string, path: Pick<typeof nodePath, 'isAbsolute'> = nodePath): boolean {
  return /^\.{1,2}([\\/]|$)/.test(name) || path.isAbsolute(name) || /\.[cm]?js$/.test(name)
}

const PACKAGE_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/

function locatePlugin(name: string, from: string): string {
  if (isModulePath(name)) {
    const file = nodePath.resolve(from, name)
    if (!existsSync(file) || !statSync(file).isFile()) throw new UsageError(`plugin ${name}: there is no file ${file}`)
    return realpathSync(file)
  }
  if (!PACKAGE_NAME.test(name)) {
    throw new UsageError(`plugin ${name} is neither the name of a package nor the path of a module (./plugin.mjs)`)
  }
  const file = locatePackage(name, from)
  if (file === undefined) {
    throw new UsageError(`plugin ${name} is not installed where ${from} finds it; try npm install --save-dev ${name}`)
  }
  return file
}

/** What `import` would find: Node 20 cannot resolve an import for another place than its own. */
function locatePackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = nodePath.dirname(folder)) {
    const found = nodePath.join(folder, 'node_modules', name)
    const manifest = nodePath.join(found, 'package.json')
    if (existsSync(manifest)) {
      const { exports }: { exports?: unknown } = JSON.parse(readFileSync(manifest, 'utf8'))
      const entry = exports === undefined ? undefined : entryOf(exports)
      const file = entry ? nodePath.join(found, entry) : createRequire(manifest).resolve(found)
      return existsSync(file) ? realpathSync(file) : undefined
    }
    if (nodePath.dirname(folder) === folder) return undefined
  }
}

/** The entry among a package's `exports`, of the conditions that hold here the first. */
function entryOf(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports
  if (!isRecord(exports)) return undefined
  if ('.' in exports) return entryOf(exports['.'])
  for (const [condition, target] of Object.entries(exports)) {
    if (!['node', 'import', 'module-sync', 'default'].includes(condition)) continue
    const entry = entryOf(target)
    if (entry !== undefined) return entry
  }
  return undefined
}

async function importPlugin(name: string, file: string, installed: Installed): Promise<Plugin> {
  let module: { default?: unknown }
  try {
    module = await import(pathToFileURL(file).href)
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    throw new UsageError(`plugin ${name} (${file}) cannot be loaded: ${reason}`, { cause: error })
  }
  const defects = checkPlugin(module.default, installed)
  if (defects.length > 0) throw new UsageError(`plugin ${name} (${file}):\n${defects.map((d) => `  ${d}`).join('\n')}`)
  return module.default as Plugin
}

function add(plugin: Plugin, name: string, file: string, installed: Installed): Installed {
  const catalogue = new Map(installed.catalogue)
  for (const kind of plugin.factKinds ?? []) catalogue.set(kind.kind, kind)
  const folder = plugin.rules === undefined ? undefined : rulesFolder(plugin.rules, name, file)
  return {
    catalogue,
    scanners: [
      ...installed.scanners,
      ...(plugin.scanners ?? []).map((scanner) => checkedScanner(plugin.name, scanner, catalogue)),
    ],
    derivations: [
      ...installed.derivations,
      ...(plugin.derivations ?? []).map((derivation) => checkedDerivation(plugin.name, derivation, catalogue)),
    ],
    ruleFolders: [...installed.ruleFolders, ...(folder === undefined ? [] : [folder])],
    reporters: new Map([...installed.reporters, ...Object.entries(plugin.reporters ?? {})]),
  }
}

function rulesFolder(rules: string | URL, name: string, file: string): string {
  const url = rules instanceof URL || rules.startsWith('file:') ? new URL(rules) : undefined
  if (url && url.protocol !== 'file:')
    throw new UsageError(`plugin ${name}: rules is no file: URL, but ${url.protocol}`)
  const folder = url ? fileURLToPath(url) : nodePath.resolve(nodePath.dirname(file), String(rules))
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new UsageError(`plugin ${name}: there is no folder ${folder} with its rules`)
  }
  return folder
}
