import { Buffer } from 'node:buffer'
import { nameOf, type Structure } from '../file-kind.ts'
import type { Pair, Syntax } from '../pair.ts'
import { readDockerfile } from './dockerfile.ts'
import { readDotenv } from './dotenv.ts'
import { type Container, type Entry, pathOf } from './entry.ts'
import { readJson } from './json.ts'
import { readYaml } from './yaml.ts'

const READERS: Readonly<Record<Structure, (text: string) => Entry[]>> = {
  dotenv: readDotenv,
  dockerfile: readDockerfile,
  json: readJson,
  yaml: readYaml,
}

/** The pairs of a structured file, each with the syntax that its place in the file gives it. */
export function readPairs(path: string, structure: Structure, text: string): Pair[] {
  const entries = READERS[structure](text)
  if (structure === 'dotenv' || structure === 'dockerfile') return entries.map((entry) => toPair(entry, structure))
  const objects = describeObjects(entries)
  const file = fileSyntax(path, structure)
  return entries.flatMap((entry) => interpret(entry, file, objects))
}

function fileSyntax(path: string, structure: 'yaml' | 'json'): Syntax {
  const name = nameOf(path)
  if (/\.tfstate(?:\.backup)?$/.test(name)) return 'terraform-state'
  if (/\.tfvars\.json$/.test(name)) return 'terraform-variables'
  if (/^(?:docker-)?compose(?:[.-].*)?\.ya?ml$/.test(name)) return 'compose'
  if (/(?:^|\/)\.(?:github|gitea|forgejo)\/(?:workflows|actions)\//.test(path) || /^\.gitlab-ci.*\.ya?ml$/.test(name))
    return 'workflow'
  return structure
}

/** What is known of mappings from their own entries. */
interface Objects {
  /** Value of `kind`. */
  readonly kinds: ReadonlyMap<Container, string>
  /** Value of `name` or `key` in mappings that also have a `value`. */
  readonly names: ReadonlyMap<Container, string>
}

function describeObjects(entries: readonly Entry[]): Objects {
  const kinds = new Map<Container, string>()
  const names = new Map<Container, string>()
  for (const { key, value, container } of entries) {
    if (key === 'kind') kinds.set(container, value)
    else if (/^(?:name|key|Name|Key)$/.test(key)) names.set(container, value)
  }
  return { kinds, names }
}

function interpret(entry: Entry, file: Syntax, { kinds, names }: Objects): Pair[] {
  const { container, key } = entry
  const parentKind = container.parent && kinds.get(container.parent)
  if (parentKind === 'Secret' && (container.key === 'data' || container.key === 'stringData'))
    return [kubernetesPair(entry)]
  const name = /^[vV]alue$/.test(key) ? names.get(container) : undefined
  if (name !== undefined)
    return [toPair({ ...entry, key: name }, file === 'compose' || file === 'workflow' ? 'yaml' : file)]
  if (rootKind(container, kinds) === 'Config' && /^users\.\*\.user(?:\.|$)/.test(pathOf(container)))
    return [toPair(entry, 'kubeconfig')]
  if (file === 'compose') {
    if (!/^services\.[^.]+\.(?:environment|build\.args)$/.test(pathOf(container))) return [toPair(entry, 'yaml')]
    return key === '' ? splitItem(entry) : [toPair(entry, 'compose')]
  }
  if (file === 'workflow') return [toPair(entry, /^(?:env|with|variables)$/.test(container.key) ? 'workflow' : 'yaml')]
  return key === '' ? [] : [toPair(entry, file)]
}

function rootKind(container: Container, kinds: Objects['kinds']): string | undefined {
  let root = container
  while (root.parent) root = root.parent
  return kinds.get(root)
}

/** `- KEY=value` of a compose file's environment list. */
function splitItem(entry: Entry): Pair[] {
  const equals = entry.value.indexOf('=')
  if (equals <= 0) return []
  const value = entry.value.slice(equals + 1)
  const start = entry.start + equals + 1
  return [{ ...toPair(entry, 'compose'), key: entry.value.slice(0, equals), value, start }]
}

/** Values under `data` are base64 of anything, under `stringData` plain text. */
function kubernetesPair(entry: Entry): Pair {
  const pair = toPair(entry, 'kubernetes-secret')
  const compact = entry.value.replace(/\s/g, '')
  if (entry.container.key !== 'data' || !/^[A-Za-z0-9+/]{2,}={0,2}$/.test(compact)) return pair
  return { ...pair, value: Buffer.from(compact, 'base64').toString('latin1'), encoding: 'base64' }
}

function toPair({ key, keyStart, value, start, end, quoted }: Entry, syntax: Syntax): Pair {
  return { key, keyStart, value, start, end, quoted, syntax, form: 'assignment' }
}
