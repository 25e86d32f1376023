import type { Derivation, Fact, FactKind, FileLocation, Gap, Location, ScanContext, Scanner } from './model.ts'
import { hasType } from './model.ts'
import { isRecord } from './plugin-form.ts'

/**
 * Facts of plugins are checked when they come: the engine relies on their form, and what one scanner gets wrong must neither
 * end the run nor pass for "nothing there". What can be kept of a fact is kept; the rest is a gap that names the plugin.
 */

type Kinds = ReadonlyMap<string, FactKind>
type Report = (gap: Gap) => void

/** The scanner of a plugin with everything that it says checked. */
export function checkedScanner(plugin: string, scanner: Scanner, kinds: Kinds): Scanner {
  const emits = namedIn(scanner.emits, kinds)
  let refusal: unknown
  return {
    id: `${plugin}/${scanner.id}`,
    emits,
    needs: scanner.needs,
    requested(context) {
      try {
        return scanner.requested(context) === true
      } catch (error) {
        // It is asked for as far as we know; scanning says that it failed.
        refusal = error
        return true
      }
    },
    async *scan(given) {
      if (refusal !== undefined) throw refusal
      const context: ScanContext = {
        ...given,
        gap: (gap) => given.gap(checkedGap(gap, emits, `${plugin}/${scanner.id}`)),
      }
      for await (const candidate of scanner.scan(context)) {
        const fact = checkedFact(candidate, emits, `${plugin}/${scanner.id}`, given.gap)
        if (fact) yield fact
      }
    },
  }
}

/** The derivation of a plugin. One that throws leaves a gap of all that it would have given. */
export function checkedDerivation(plugin: string, derivation: Derivation, kinds: Kinds): Derivation {
  const emits = namedIn(derivation.emits, kinds)
  const id = `${plugin}/${derivation.id}`
  return {
    id,
    from: namedIn(derivation.from, kinds),
    ...(derivation.optional && { optional: namedIn(derivation.optional, kinds) }),
    emits,
    derive(facts, gaps, settings) {
      const found: Gap[] = []
      const report = (gap: Gap) => void found.push(gap)
      try {
        const derived = derivation.derive(facts, gaps, settings)
        for (const gap of derived.gaps) report(checkedGap(gap, emits, id))
        return { facts: derived.facts.flatMap((fact) => checkedFact(fact, emits, id, report) ?? []), gaps: found }
      } catch (error) {
        const detail = `${id}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`
        const scopes = new Set(facts.map((fact) => fact.scope))
        for (const scope of scopes.size > 0 ? scopes : ['repo:.'])
          for (const kind of emits)
            report({ kind: kind.kind, scope, class: 'fault', reason: 'the derivation failed', detail })
        return { facts: [], gaps: found }
      }
    },
  }
}

/** The declared kinds by the names of those given: a plugin may hold copies. */
function namedIn(given: readonly FactKind[], kinds: Kinds): FactKind[] {
  return given.flatMap(({ kind }) => kinds.get(kind) ?? [])
}

function checkedFact(candidate: unknown, emits: readonly FactKind[], id: string, report: Report): Fact | undefined {
  const given = isRecord(candidate) ? candidate : {}
  const kind = emits.find((each) => each.kind === given.kind)
  const scope = isScope(given.scope) ? given.scope : undefined
  const fail = (message: string, fields?: readonly string[]) => {
    for (const { kind: name } of kind ? [kind] : emits)
      report({
        kind: name,
        scope: scope ?? 'repo:.',
        ...(fields && { fields }),
        class: 'fault',
        reason: 'the scanner failed',
        detail: `${id}: ${message}`,
      })
    return undefined
  }
  if (!kind) return fail(`gave a fact of the kind '${String(given.kind)}', which it does not emit`)
  if (scope === undefined) return fail(`${kind.kind}: scope is no path such as 'repo:.'`)
  const at = locationOf(given.at)
  if (!at) return fail(`${kind.kind}: at is neither a place in a file nor a resource`)
  const { data, unknown } = checkedFields(kind, given, fail)
  const lost = kind.identity.filter((field) => !Object.hasOwn(data, field))
  if (lost.length > 0)
    return fail(`${kind.kind}: without its identity (${lost.join(', ')}) a fact cannot be told from others`)
  const also = Array.isArray(given.also) ? given.also.flatMap((place) => fileLocationOf(place) ?? []) : []
  // Lines of code are cut, and secrets in them masked, by us.
  return { kind: kind.kind, scope, data: data as Fact['data'], unknown, at, ...(also.length > 0 && { also }) }
}

function checkedFields(
  kind: FactKind,
  given: Record<string, unknown>,
  fail: (message: string, fields?: readonly string[]) => void,
): { data: Record<string, unknown>; unknown: string[] } {
  const said = isRecord(given.data) ? given.data : {}
  const unknown = Array.isArray(given.unknown) ? given.unknown.filter((name) => Object.hasOwn(kind.fields, name)) : []
  const data: Record<string, unknown> = {}
  for (const [field, [type]] of Object.entries(kind.fields)) {
    if (unknown.includes(field)) continue
    if (hasType(said[field], type)) {
      data[field] = Array.isArray(said[field]) ? [...said[field]] : said[field]
      continue
    }
    unknown.push(field)
    fail(`${kind.kind}.${field} is ${said[field] === undefined ? 'missing' : `no ${type}`}`, [field])
  }
  const strange = Object.keys(said).filter((field) => !Object.hasOwn(kind.fields, field))
  if (strange.length > 0) fail(`${kind.kind} has no field ${strange.map((field) => `'${field}'`).join(', ')}`)
  return { data, unknown }
}

function checkedGap(candidate: unknown, emits: readonly FactKind[], id: string): Gap {
  const given = isRecord(candidate) ? candidate : {}
  const text = (value: unknown, fallback: string) => (typeof value === 'string' && value !== '' ? value : fallback)
  const kind = text(given.kind, emits[0]?.kind ?? '')
  const fields = Array.isArray(given.fields) ? given.fields.filter((field) => typeof field === 'string') : undefined
  return {
    kind,
    scope: isScope(given.scope) ? given.scope : 'repo:.',
    ...(fields && { fields }),
    class: given.class === 'limit' ? 'limit' : 'fault',
    reason: text(given.reason, 'not seen'),
    detail: `${id}: ${text(given.detail, 'gave no reason')}`,
  }
}

function isScope(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9-]+:./s.test(value)
}

function locationOf(value: unknown): Location | undefined {
  if (!isRecord(value)) return undefined
  if (typeof value.resource !== 'string' || value.resource === '') return fileLocationOf(value)
  const declaredAt = fileLocationOf(value.declaredAt)
  return { resource: value.resource, ...(declaredAt && { declaredAt }) }
}

function fileLocationOf(value: unknown): FileLocation | undefined {
  if (!isRecord(value) || typeof value.file !== 'string' || value.file === '') return undefined
  const places: Record<string, number> = {}
  for (const name of ['line', 'column', 'endLine', 'endColumn']) {
    const place = value[name]
    if (Number.isSafeInteger(place) && (place as number) >= 1) places[name] = place as number
  }
  const commit = typeof value.commit === 'string' && value.commit !== '' ? { commit: value.commit } : {}
  return { file: value.file.replaceAll('\\', '/'), ...places, ...commit }
}
