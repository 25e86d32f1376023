import { describe, expect, it } from 'vitest'
import { shareSecrets } from '../../src/derive/shared-secrets.ts'
import { secretMatch, secretShared } from '../../src/facts/secret.ts'
import { type Fact, fact, isFact } from '../../src/model.ts'
import { servicesOf } from '../../src/scanners/services/index.ts'

type Data = Partial<Fact<typeof secretMatch>['data']>

function secret(files: readonly string[], more: Data = {}, scope = 'repo:.'): Fact {
  const [path = ''] = files
  const samples = Object.fromEntries(Object.entries(secretMatch.fields).map(([name, [, , sample]]) => [name, sample]))
  const data = { ...samples, rule: 'secrets/hardcoded-password', digest: 'd1', path, files, ...more }
  const built = fact(
    secretMatch,
    scope,
    { file: path, line: 1 },
    data as Parameters<typeof fact<typeof secretMatch>>[3],
  )
  return { ...built, also: files.slice(1).map((file) => ({ file, line: 1 })) }
}

const MANIFESTS = [
  'package.json',
  'services/pay/package.json',
  'services/shop/go.mod',
  'services/shop/web/package.json',
]

function shared(...facts: Fact[]) {
  const { facts: derived } = shareSecrets.derive([...facts, ...servicesOf(MANIFESTS, 'repo:.')], [], {
    trustedAccounts: [],
    breakGlassRoles: [],
  })
  return derived.flatMap((each) => (isFact(secretShared, each) ? each.data.services?.join(' ') : []))
}

describe('services', () => {
  it('are the outermost folders with a manifest, without the root and what others wrote', () => {
    const paths = [
      ...MANIFESTS,
      'node_modules/x/package.json',
      'examples/a/package.json',
      'a/b/App.csproj',
      'README.md',
    ]
    expect(servicesOf(paths, 'repo:.').map((each) => (each.data as { path?: string }).path)).toEqual([
      'a/b',
      'services/pay',
      'services/shop',
    ])
  })
})

describe('a secret', () => {
  it('of two services is shared', () => {
    expect(shared(secret(['services/pay/.env', 'services/shop/web/.env']))).toEqual(['services/pay services/shop'])
  })
  it('of one service in two files is not', () => {
    expect(shared(secret(['services/pay/.env', 'services/pay/src/a.js']))).toEqual([])
  })
  it('of one service and the configuration of the whole is not', () => {
    expect(shared(secret(['docker-compose.yml', 'services/pay/.env']))).toEqual([])
  })
  it('of two repositories is shared, with or without services', () => {
    expect(shared(secret(['.env']), secret(['.env'], {}, 'repo:../other'))).toEqual(['. ../other'])
    expect(shared(secret(['services/pay/.env']), secret(['.env'], {}, 'repo:../other'))).toEqual([
      '../other services/pay',
    ])
  })
  it('is compared by its digest alone', () => {
    expect(shared(secret(['services/pay/.env']), secret(['services/shop/.env'], { digest: 'd2' }))).toEqual([])
  })
  it.each([
    ['the id of a key', { publicId: 'AKIA0000000000SAMPLE' }],
    ['only in history', { inTree: false }],
    ['probably none', { confidence: 'low' }],
    ['only in tests', { pathClass: 'test' }],
    ['an aspect of another', { rule: 'secrets/credential-without-expiry' }],
  ] as const)('that is %s does not count', (_, more) => {
    const files = ['services/pay/.env', 'services/shop/.env']
    expect(shared(secret(files, more))).toEqual([])
  })
  it('in tests whose form is proven counts', () => {
    const files = ['services/pay/test/a.js', 'services/shop/test/a.js']
    expect(shared(secret(files, { pathClass: 'test', validated: true }))).toEqual(['services/pay services/shop'])
  })
})
