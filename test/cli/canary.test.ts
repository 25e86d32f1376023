import { Buffer } from 'node:buffer'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { FORMATS } from '../../src/formats.ts'
import { addFiles, awsKeyId, awsSecret, folderWith, git, randomText, run } from '../support/program.ts'

/** Secrets by where they are planted. */
const canaries = {
  token: slackToken(),
  encoded: slackToken(),
  hexadecimal: slackToken(),
  split: slackToken(),
  secret: awsSecret(),
  address: `${randomText(14)}x7`,
  percent: `${randomText(14)}x8`,
  password: `${randomText(16)}q9`,
  kubernetes: `${randomText(16)}k7`,
  besideBroken: slackToken(),
  inHistory: slackToken(),
  inMessage: slackToken(),
  key: (
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  ).trim(),
}

function slackToken(): string {
  const digits = () => Array.from({ length: 12 }, () => 1 + Math.floor(Math.random() * 9)).join('')
  return `xoxb-${digits()}-${digits()}-${randomText(24)}`
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
const hex = (text: string) => Buffer.from(text).toString('hex')

function planted(): string {
  const root = folderWith({ 'old.py': `call("${canaries.inHistory}")\n` })
  git(root, 'init', '-q')
  git(root, 'add', '-A')
  git(root, 'commit', '-qm', `one\n\n${canaries.inMessage}`)
  const { split, key } = canaries
  addFiles(root, {
    'old.py': 'call(1)\n',
    'src/app.py': `call("${canaries.token}")\ncall("${base64(canaries.encoded)}")\ncall("${hex(canaries.hexadecimal)}")\n`,
    'src/split.js': `call("${split.slice(0, 25)}" +\n  "${split.slice(25)}")\n`,
    'src/db.py': `URL = "postgres://app:${canaries.address}@db.example.org/app"\n`,
    'access.log': `GET /?next=${encodeURIComponent(`postgres://app:${canaries.percent}@db.example.org/app`)}\n`,
    '.env': `AWS_ACCESS_KEY_ID=${awsKeyId()}\nAWS_SECRET_ACCESS_KEY=${canaries.secret}\nDB_PASSWORD=${canaries.password}\n`,
    'certs/server.txt': `${key}\n`,
    'certs/inline.js': `call("${key.replaceAll('\n', '\\n')}")\n`,
    'certs/encoded.txt': `${base64(key).replace(/.{64}/g, '$&\n')}\n`,
    'deploy/secret.yaml': `apiVersion: v1\nkind: Secret\nmetadata: { name: shop }\ndata:\n  password: ${base64(canaries.kubernetes)}\n`,
    'deploy/broken.yaml': `apiVersion: v1\nkind: Role\nmetadata: { name: [ "${canaries.besideBroken}"\n  : : }\nrules: {{ x\n`,
    'infra/broken.json': `{ "Statement": [ "${canaries.besideBroken}" `,
  })
  git(root, 'add', '-A')
  git(root, 'commit', '-qm', 'two')
  return root
}

/** What must not be printed: the value, each line of a long one, and both in the usual encodings. */
function formsOf(secret: string): string[] {
  const parts = [secret, ...secret.split('\n').filter((line) => line.length >= 20 && !line.startsWith('-----'))]
  return parts.flatMap((part) => [
    part,
    JSON.stringify(part).slice(1, -1),
    base64(part).replace(/=+$/, '').slice(0, -1),
    Buffer.from(part).toString('base64url').slice(0, -1),
    hex(part),
    hex(part).toUpperCase(),
    hex(part).replace(/../g, '%$&'),
    encodeURIComponent(part),
  ])
}

/** The canaries that a text holds in some form. */
function leaked(text: string): string[] {
  return Object.entries(canaries)
    .filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
    .map(([name]) => name)
}

interface Place {
  readonly file: string
}

describe('planted secrets', () => {
  const outputs: Record<string, string> = {}
  let report: { findings: { location: Place; otherLocations?: Place[] }[] }

  beforeAll(async () => {
    const root = planted()
    const out = folderWith({})
    const files = FORMATS.flatMap((format) => ['--output', `${format}=${join(out, format)}`])
    const scan = await run([root, '--history', '--verbose', '--min-confidence', 'low', ...files])
    outputs.stdout = scan.stdout
    outputs.stderr = scan.stderr
    for (const format of FORMATS) outputs[format] = readFileSync(join(out, format), 'utf8')
    report = JSON.parse(outputs.json ?? '')
    const baseline = join(out, 'baseline.json')
    const created = await run(['baseline', 'create', root, '--baseline', baseline])
    outputs['baseline create'] = created.stdout + created.stderr
    outputs.baseline = readFileSync(baseline, 'utf8')
    const wrong = await run([root, '--only', 'secrets', '--baseline', join(root, '.env')])
    outputs['an error'] = wrong.stdout + wrong.stderr
    const broken = await run([root, '--config', join(root, 'deploy/broken.yaml')])
    outputs['a broken config'] = broken.stdout + broken.stderr
  }, 120_000)

  it('would be seen if one were shown', () => {
    for (const [name, secret] of Object.entries(canaries)) {
      for (const form of formsOf(secret)) expect(leaked(`… ${form} …`)).toContain(name)
    }
    expect(leaked('nothing')).toEqual([])
  })

  it.each([
    'src/app.py',
    'src/split.js',
    'src/db.py',
    'access.log',
    '.env',
    'certs/server.txt',
    'certs/inline.js',
    'certs/encoded.txt',
    'deploy/secret.yaml',
    'deploy/broken.yaml',
    'old.py',
  ])('are found in %s', (file) => {
    const places = report.findings.flatMap(({ location, otherLocations }) => [location, ...(otherLocations ?? [])])
    expect(places.map((place) => place.file)).toContain(file)
  })

  it('are found in every form', () => {
    const text = JSON.stringify(report.findings)
    for (const encoding of ['base64', 'hex', 'percent', 'literals']) expect(text).toContain(`"encoding":"${encoding}"`)
  })

  it.each(['stdout', 'stderr', ...FORMATS, 'baseline create', 'baseline', 'an error', 'a broken config'])(
    'are not in %s',
    (name) => {
      expect(outputs[name]).toBeDefined()
      expect(leaked(outputs[name] ?? '')).toEqual([])
    },
  )
})
