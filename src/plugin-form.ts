import { secretMatch, sourceSuppression } from './facts/secret.ts'
import { isFormat } from './formats.ts'
import { type Derivation, type FactKind, hasType } from './model.ts'
import { nearest } from './nearest.ts'
import { planRun } from './plan.ts'
import type { Installed } from './plugin.ts'

/** The version of the interface that this zt-audit speaks. */
export const PLUGIN_API = 1

const KEYS = ['name', 'apiVersion', 'factKinds', 'scanners', 'derivations', 'rules', 'reporters']
const FIELD_TYPES = ['string', 'int', 'bool', 'list<string>']
const RESERVED = ['kind', 'scope', 'at', 'unknown']
/** Their values live in the memory of the secrets scanner, without which they mean nothing. */
const OURS_ALONE: readonly string[] = [secretMatch.kind, sourceSuppression.kind]

/** Everything that is wrong with what a module exports; empty if it is a plugin that fits to what is there. */
export function checkPlugin(given: unknown, installed: Installed): string[] {
  if (!isRecord(given)) return ['its default export is no object; see docs/plugins.md']
  const { apiVersion, name } = given
  if (apiVersion !== PLUGIN_API) {
    const what = apiVersion === undefined ? 'no apiVersion' : `apiVersion ${show(apiVersion)}`
    return [`it has ${what}; this zt-audit takes apiVersion ${PLUGIN_API}`]
  }
  const defects: string[] = []
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9._-]*$/.test(name))
    defects.push(`name ${show(name)} is no lower-case word`)
  for (const key of Object.keys(given)) {
    const near = nearest(key, KEYS)
    if (!KEYS.includes(key)) defects.push(`unknown key '${key}'${near ? `, did you mean '${near}'?` : ''}`)
  }
  const kinds = new Map(installed.catalogue)
  for (const kind of listOf(given, 'factKinds', defects)) checkKind(kind, kinds, defects)
  checkSources(kinds, defects)
  const ids = new Set(installed.scanners.map((scanner) => scanner.id))
  for (const scanner of listOf(given, 'scanners', defects)) checkScanner(scanner, kinds, ids, defects)
  const derivations = [...installed.derivations]
  for (const each of listOf(given, 'derivations', defects)) checkDerivation(each, kinds, derivations, defects)
  if (given.rules !== undefined && typeof given.rules !== 'string' && !(given.rules instanceof URL))
    defects.push('rules is neither a path nor a URL of a folder')
  checkReporters(given.reporters, installed, defects)
  return defects
}

function checkKind(given: unknown, kinds: Map<string, FactKind>, defects: string[]): void {
  if (!isRecord(given) || typeof given.kind !== 'string') {
    defects.push('factKinds holds something that has no kind')
    return
  }
  const { kind, fields, identity, hidden = [], derivedFrom = [] } = given
  const fail = (message: string) => defects.push(`fact kind ${kind}: ${message}`)
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(kind)) fail("a kind is named like 'vault.policy'")
  if (kinds.has(kind)) fail('there is a kind of this name already')
  if (typeof given.meaning !== 'string' || given.meaning === '') fail('meaning is missing')
  if (!isRecord(fields)) return void fail('fields is no object')
  for (const [field, declared] of Object.entries(fields)) {
    const [type, meaning, sample] = Array.isArray(declared) ? declared : []
    if (!/^[a-z][A-Za-z0-9]*$/.test(field) || RESERVED.includes(field))
      fail(`'${field}' is no name of a field (a lower-case word, not one of ${RESERVED.join(', ')})`)
    if (!FIELD_TYPES.includes(type)) fail(`field ${field}: its type is one of ${FIELD_TYPES.join(', ')}`)
    else if (!hasType(sample, type)) fail(`field ${field}: its sample is no ${type}`)
    if (typeof meaning !== 'string' || meaning === '') fail(`field ${field}: its meaning is missing`)
  }
  const named = (what: string, list: unknown) => {
    if (!isTexts(list)) return void fail(`${what} is no list of names`)
    for (const field of list) if (!Object.hasOwn(fields, field)) fail(`${what} names '${field}', which is no field`)
  }
  named('identity', identity)
  named('hidden', hidden)
  if (Array.isArray(identity) && identity.length === 0) fail('identity names no field')
  if (!isTexts(derivedFrom)) fail('derivedFrom is no list of kinds')
  if (!kinds.has(kind)) kinds.set(kind, given as unknown as FactKind)
}

/** Kinds may be derived from kinds that stand below them. */
function checkSources(kinds: ReadonlyMap<string, FactKind>, defects: string[]): void {
  for (const { kind, derivedFrom } of kinds.values()) {
    for (const source of isTexts(derivedFrom) ? derivedFrom : [])
      if (!kinds.has(source)) defects.push(`fact kind ${kind}: derivedFrom: ${unknownKind(source, kinds)}`)
  }
}

function checkScanner(given: unknown, kinds: Kinds, ids: Set<string>, defects: string[]): void {
  const id = isRecord(given) ? given.id : undefined
  if (!isRecord(given) || typeof id !== 'string' || !/^[a-z0-9]+([-/.][a-z0-9]+)*$/.test(id)) {
    defects.push(`a scanner has the id ${show(id)}, which is no lower-case word`)
    return
  }
  const fail = (message: string) => defects.push(`scanner ${id}: ${message}`)
  if (ids.has(id)) fail('there is a scanner of this id already')
  ids.add(id)
  checkEmits(given.emits, kinds, fail)
  if (!isTexts(given.needs)) fail('needs is no list of permissions (it may be empty)')
  for (const method of ['requested', 'scan']) if (typeof given[method] !== 'function') fail(`${method} is no function`)
}

function checkDerivation(given: unknown, kinds: Kinds, known: Derivation[], defects: string[]): void {
  const id = isRecord(given) ? given.id : undefined
  if (!isRecord(given) || typeof id !== 'string' || id === '') {
    defects.push('a derivation has no id')
    return
  }
  const fail = (message: string) => defects.push(`derivation ${id}: ${message}`)
  if (known.some((derivation) => derivation.id === id)) fail('there is a derivation of this id already')
  const before = defects.length
  checkEmits(given.emits, kinds, fail)
  for (const part of ['from', 'optional']) {
    const list = given[part] ?? (part === 'optional' ? [] : undefined)
    if (!Array.isArray(list)) fail(`${part} is no list of kinds`)
    else for (const kind of list) checkKnown(part, kind, kinds, fail)
  }
  if (typeof given.derive !== 'function') fail('derive is no function')
  if (defects.length > before) return
  known.push(given as unknown as Derivation)
  try {
    planRun([], [], [], known, { trees: [], targets: NO_TARGETS })
  } catch (error) {
    known.pop()
    fail((error as Error).message)
  }
}

const NO_TARGETS = {
  history: false,
  aws: [],
  kubernetes: [],
  kubernetesDumps: [],
  auditLogs: [],
  cloudtrail: [],
  github: [],
}

type Kinds = ReadonlyMap<string, FactKind>

function checkEmits(emits: unknown, kinds: Kinds, fail: (message: string) => void): void {
  if (!Array.isArray(emits) || emits.length === 0) {
    fail('emits names no kind of fact')
    return
  }
  for (const kind of emits) {
    checkKnown('emits', kind, kinds, fail)
    if (OURS_ALONE.includes(kindName(kind))) fail(`emits: ${kindName(kind)} is of the secrets scanner alone`)
  }
}

function checkKnown(where: string, kind: unknown, kinds: Kinds, fail: (message: string) => void): void {
  const name = kindName(kind)
  if (!kinds.has(name)) fail(`${where}: ${unknownKind(name, kinds)}`)
}

function kindName(kind: unknown): string {
  return isRecord(kind) && typeof kind.kind === 'string' ? kind.kind : show(kind)
}

function unknownKind(name: string, kinds: Kinds): string {
  const near = nearest(name, [...kinds.keys()])
  return `there is no kind of fact '${name}'${near ? `, did you mean '${near}'?` : '; declare it in factKinds'}`
}

function checkReporters(given: unknown, installed: Installed, defects: string[]): void {
  if (given === undefined) return
  if (!isRecord(given)) return void defects.push('reporters is no object')
  for (const [id, reporter] of Object.entries(given)) {
    if (!/^[a-z][a-z0-9-]*$/.test(id)) defects.push(`reporter '${id}': its id is no lower-case word`)
    if (isFormat(id) || installed.reporters.has(id))
      defects.push(`reporter '${id}': there is a format of this name already`)
    if (typeof reporter !== 'function') defects.push(`reporter '${id}' is no function`)
  }
}

function listOf(given: Record<string, unknown>, key: string, defects: string[]): readonly unknown[] {
  const list = given[key] ?? []
  if (Array.isArray(list)) return list
  defects.push(`${key} is no list`)
  return []
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/** A value in a few words: it may be anything. */
function show(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? `'${String(value).slice(0, 60)}'` : typeof value
}
