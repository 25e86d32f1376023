// Joins over many facts: seconds for a four-way join and an anti-join, built with esbuild by bench/run.mjs.
import { type CompiledRule, compileRule } from '../src/engine/compile.ts'
import { evaluate } from '../src/engine/evaluate.ts'
import { FactStore } from '../src/engine/fact-store.ts'
import type { RuleSource } from '../src/engine/rule-schema.ts'
import { type Fact, factKind } from '../src/model.ts'

const N = Number(process.env.BENCH_FACTS ?? 50_000)
const field = (name: string) => ['string', name, ''] as const
const leak = factKind({
  kind: 'b.leak',
  meaning: '',
  identity: ['id'],
  fields: { id: field('id'), path: field('path') },
})
const key = factKind({
  kind: 'b.key',
  meaning: '',
  identity: ['id'],
  fields: { id: field('id'), user: field('user'), status: field('status') },
})
const user = factKind({
  kind: 'b.user',
  meaning: '',
  identity: ['arn'],
  fields: { arn: field('arn'), mfa: field('mfa') },
})
const grant = factKind({
  kind: 'b.grant',
  meaning: '',
  identity: ['user'],
  fields: { user: field('user'), admin: ['bool', 'admin', false] },
})
const catalogue = new Map([leak, key, user, grant].map((kind) => [kind.kind, kind]))

function rule(match: RuleSource['match'], unless?: RuleSource['unless']): CompiledRule {
  const source = {
    title: 't',
    severity: 'low',
    confidence: 'high',
    pillar: 'Data',
    description: 'd',
    remediation: 'r',
    references: [],
    tests: [],
    match,
    message: 'm',
    ...(unless && { unless }),
  } satisfies RuleSource
  return compileRule('b/rule', source, { catalogue, file: '', defects: [] })
}
function make(kind: { kind: string }, data: Record<string, unknown>): Fact {
  return { kind: kind.kind, scope: 'aws:1', data: data as Fact['data'], unknown: [], at: { resource: '' } }
}
const facts: Fact[] = []
for (let i = 0; i < N; i++) {
  facts.push(
    make(leak, { id: `k${i}`, path: `p${i}` }),
    make(key, { id: `k${i}`, user: `u${i % (N * 0.4)}`, status: 'Active' }),
  )
}
for (let i = 0; i < N * 0.4; i++) {
  facts.push(
    make(user, { arn: `u${i}`, mfa: i % 3 ? 'enabled' : 'disabled' }),
    make(grant, { user: `u${i}`, admin: i % 2 === 0 }),
  )
}
const store = new FactStore(catalogue, facts, [], new Set(catalogue.keys()), [])
const chain = rule({
  leak: { fact: 'b.leak' },
  key: { fact: 'b.key', on: { id: 'leak.id' }, where: 'key.status == "Active"' },
  user: { fact: 'b.user', on: { arn: 'key.user' }, where: 'user.mfa == "disabled"' },
  grant: { fact: 'b.grant', on: { user: 'user.arn' }, where: 'grant.admin' },
})
const orphan = rule(
  { key: { fact: 'b.key' } },
  { user: { fact: 'b.user', on: { arn: 'key.user' }, where: 'user.mfa == "enabled"' } },
)
for (const [name, compiled] of [
  ['four-way join', chain],
  ['anti-join', orphan],
] as const) {
  const start = process.cpuUsage()
  const { rows } = evaluate(compiled, store)
  const { user: us, system } = process.cpuUsage(start)
  console.log(`${name} over ${facts.length} facts: ${rows.length} rows, ${((us + system) / 1e6).toFixed(2)} CPU s`)
}
