import { Buffer } from 'node:buffer'
import type { Range } from './byte-ranges.ts'
import type { DetectSource } from './detector.ts'
import { entropyOf } from './entropy.ts'
import type { Node } from './pattern-node.ts'
import { isFormattedFiller, placeholderReason } from './placeholders.ts'
import { translate } from './re2.ts'
import { parsePattern } from './re2-syntax.ts'
import { withAzureChecksum } from './validators/azure.ts'
import { BASE62 } from './validators/base-encodings.ts'
import { withAgeChecksum, withGitlabChecksum, withGrafanaChecksum } from './validators/checksums.ts'
import { composeJwt } from './validators/jwt.ts'
import { composeArmoredKey, composeDerPrivateKey } from './validators/keys.ts'
import { withBase62Checksum, withNatsChecksum, withPossibleAccount } from './validators/tokens.ts'
import { validators } from './validators.ts'

/** A made-up credential for the tests of a rule. */
export interface Sample {
  /** What the whole pattern matches, with the context that it asks for (`heroku_key = …`). */
  readonly text: string
  /** The value in it. */
  readonly value: string
}

/** Random numbers that are the same for the same seed: mulberry32. */
export interface Random {
  /** An integer from 0 to `below` - 1. */
  integer(below: number): number
  bytes(count: number): Uint8Array
  text(count: number, alphabet: string): string
}

/** A value that the detector finds, the same for the same seed. Throws if the pattern, validator and entropy never agree. */
export function createSample(detect: DetectSource, seed: number): Sample {
  const random = createRandom(seed)
  if (detect.pattern === undefined || detect.by !== 'pattern') {
    const value = `${random.text(24, BASE62)}${random.integer(10)}k${random.integer(10)}`
    return { text: value, value }
  }
  const node = parsePattern(detect.pattern)
  const pattern = translate(detect.pattern)
  const matches = new RegExp(pattern.source, `${pattern.flags}d`)
  const ignore = (detect.ignore ?? []).map((source) => translate(source)).map(({ source }) => new RegExp(source))
  for (let attempt = 0; attempt < 500; attempt++) {
    const sample = compose(node, matches, detect, random)
    if (sample && accepts(detect, sample.value, ignore) && hasKeyword(detect, sample.text)) return sample
  }
  throw new Error(`no value fits the pattern, its validator and its entropy: ${detect.pattern}`)
}

function hasKeyword({ keywords = [] }: DetectSource, text: string): boolean {
  return keywords.some((keyword) => text.toLowerCase().includes(keyword))
}

function accepts(detect: DetectSource, value: string, ignore: readonly RegExp[]): boolean {
  if (entropyOf(value) < (detect.minEntropy ?? 0) || ignore.some((pattern) => pattern.test(value))) return false
  const about = detect.validator === undefined ? 'secret' : validators[detect.validator]?.about
  if (about === 'setting' || detect.acceptPlaceholders) return true
  return detect.lowEntropy ? placeholderReason(value) === undefined && value.length >= 8 : !isFormattedFiller(value)
}

function compose(node: Node, pattern: RegExp, detect: DetectSource, random: Random): Sample | undefined {
  const drawn = draw(node, random)
  const match = pattern.exec(drawn)
  const span =
    match?.indices?.groups?.secret ?? match?.indices?.slice(1).find((each) => each !== undefined) ?? match?.indices?.[0]
  if (!match || !span) return undefined
  const [start, end] = span
  const value = FORGERS[detect.validator ?? '']?.(drawn.slice(start, end), random) ?? drawn.slice(start, end)
  const text = drawn.slice(0, start) + value + drawn.slice(end)
  const verdict = detect.validator === undefined ? 'unproven' : validators[detect.validator]?.check(value)
  return verdict !== 'invalid' && pattern.test(text) ? { text, value } : undefined
}

/** What the random text lacks to pass the validator: checksums and structure. */
const FORGERS: Readonly<Record<string, (value: string, random: Random) => string>> = {
  'base62-crc32': withBase62Checksum,
  'aws-key-id': withPossibleAccount,
  'nats-seed': withNatsChecksum,
  'age-key': withAgeChecksum,
  'azure-key': withAzureChecksum,
  'gitlab-token': withGitlabChecksum,
  'grafana-token': withGrafanaChecksum,
  'discord-token': (value, random) =>
    [Buffer.from(`1${random.text(17, '0123456789')}`).toString('base64'), ...value.split('.').slice(1)].join('.'),
  'sentry-token': (value, random) =>
    value.startsWith('sntrys_')
      ? `sntrys_${Buffer.from(JSON.stringify({ iat: 0, url: '', org: random.text(24, 'acegikmo') })).toString('base64')}_${random.text(43, BASE62)}`
      : value,
  'jwt-base64': (_, random) =>
    Buffer.from(composeJwt({ sub: random.text(8, BASE62) }, random.text(43, BASE62))).toString('base64'),
  'user-password': (_, random) =>
    Buffer.from(`${random.text(6, 'abcdefghijkm')}:${random.text(18, BASE62)}`).toString('base64'),
  jwt: (_, random) => composeJwt({ sub: random.text(8, BASE62), exp: 4_000_000_000 }, random.text(43, BASE62)),
  'jwt-without-expiry': (_, random) => composeJwt({ sub: random.text(8, BASE62) }, random.text(43, BASE62)),
  'service-account-jwt': (_, random) =>
    composeJwt(
      { sub: `system:serviceaccount:default:${random.text(6, 'abcdef')}`, exp: 4_000_000_000 },
      random.text(43, BASE62),
    ),
  'der-private-key': (_, random) => composeDerPrivateKey((count) => random.bytes(count)),
  'private-key': (value, random) => composeArmoredKey(value, (count) => random.bytes(count)),
}

export function createRandom(seed: number): Random {
  let state = (seed + 1) * 0x9e3779b9
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const integer = (below: number) => Math.floor(next() * below)
  return {
    integer,
    bytes: (count) => Uint8Array.from({ length: count }, () => integer(256)),
    text: (count, alphabet) => Array.from({ length: count }, () => alphabet[integer(alphabet.length)]).join(''),
  }
}

/** Repetitions beyond the least number. */
const MORE = 6

function draw(node: Node, random: Random): string {
  switch (node.type) {
    case 'class':
      return drawCharacter(node.ranges, random)
    case 'assertion':
      return ''
    case 'group':
      return draw(node.body, random)
    case 'concat':
      return node.parts.map((part) => draw(part, random)).join('')
    case 'alternation':
      return draw(node.branches[random.integer(node.branches.length)] as Node, random)
    case 'repeat': {
      const most = Math.min(node.max, node.min + MORE)
      const count = node.min + random.integer(most - node.min + 1)
      return Array.from({ length: count }, () => draw(node.body, random)).join('')
    }
  }
}

/** Of a class that holds nearly everything, letters and digits are as good as any and keep the text readable. */
function drawCharacter(ranges: readonly Range[], random: Random): string {
  const all = ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i))
  const plain = all.filter((code) => /[A-Za-z0-9]/.test(String.fromCharCode(code)))
  const blank = all.filter((code) => code === 32)
  const pool = plain.length > 0 ? plain : blank.length > 0 ? blank : all
  const code = pool[random.integer(pool.length)]
  return code === undefined ? '' : String.fromCharCode(code)
}
