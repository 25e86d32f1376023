import { Buffer } from 'node:buffer'
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createDetection } from '../../../src/detect/detect.ts'
import { createRandom } from '../../../src/detect/sample.ts'
import { builtInDetectors, scanText } from '../../support/detection.ts'

const random = createRandom(42)
const slack = `xoxb-${random.text(12, '123456789')}-${random.text(13, '123456789')}-${random.text(24, 'abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPQR3456789')}`
const stripe = `${'sk_'}live_${random.text(99, 'abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPQR3456789')}`
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')
const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex')
const everyPercent = (text: string) => hex(text).replace(/../g, '%$&')
const wrapped = (text: string) => base64(text).replace(/.{64}/g, '$&\n  ')

/** The one match, with what of the text is masked. */
function only(text: string, path = 'src/app.py') {
  const found = scanText(text, path)
  expect(found.map(({ rule }) => rule)).toHaveLength(1)
  const [match] = found
  if (!match) throw new Error('no match')
  return { ...match, covered: text.slice(match.start, match.end) }
}

describe('encoded text', () => {
  it('finds the tokens themselves', () => {
    expect(only(`x = "${slack}"`)).toMatchObject({ value: slack, encoding: '' })
    expect(only(`x = "${stripe}"`)).toMatchObject({ value: stripe, encoding: '' })
  })

  it.each(['', 'a', 'ab', 'abc', '{"url": "https://example.org", "t": "'])(
    'reads base64 at every alignment (%j)',
    (before) => {
      for (const token of [slack, stripe]) {
        const encoded = base64(`${before && `${before} `}${token} `)
        const match = only(`x = call("${encoded}")`)
        expect(match).toMatchObject({ value: token, encoding: 'base64' })
        expect(encoded).toContain(match.covered)
        expect(Buffer.from(base64(token), 'base64').toString()).toBe(token)
        expect(match.covered.length).toBeGreaterThanOrEqual((token.length * 4) / 3)
      }
    },
  )

  it('reads base64url, of which the run goes on before it', () => {
    const encoded = Buffer.from(`??>>~~ ${slack}`).toString('base64url')
    expect(only(`GET /x?t=${encoded}&y=1`).value).toBe(slack)
  })

  it('reads base64 in lines', () => {
    const encoded = wrapped(`${'some text, '.repeat(30)}\n${slack}\n${'and more of it '.repeat(20)}`)
    const match = only(`data: |\n  ${encoded}\n`, 'a.txt')
    expect(match).toMatchObject({ value: slack, encoding: 'base64' })
    expect(base64(match.covered.replace(/\s/g, ''))).not.toBe('')
  })

  it('keeps several secrets of one run apart', () => {
    const found = scanText(`x = "${base64(`first ${slack} then ${stripe} end`)}"`)
    expect(found.map(({ value }) => value)).toEqual([slack, stripe])
    expect(found[0]?.end).toBeLessThan(found[1]?.start ?? 0)
  })

  it('reads base64 within base64, up to three', () => {
    expect(only(`x("${base64(base64(slack))}")`)).toMatchObject({ value: slack, encoding: 'base64' })
    expect(only(`x("${base64(base64(base64(slack)))}")`)).toMatchObject({ value: slack })
    expect(scanText(`x("${base64(base64(base64(base64(slack))))}")`)).toEqual([])
  })

  it('reads hexadecimal digits of either case', () => {
    expect(only(`x("${hex(slack)}")`)).toMatchObject({ value: slack, encoding: 'hex' })
    const match = only(`0x${hex(`a ${stripe}`).toUpperCase()}`, 'a.log')
    expect(match).toMatchObject({ value: stripe, encoding: 'hex', covered: hex(stripe).toUpperCase() })
  })

  it('reads what percent hides', () => {
    expect(only(`/cb?t=${everyPercent(slack)}&a=b`)).toMatchObject({ value: slack, encoding: 'percent' })
    const password = random.text(14, 'abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPQR3456789')
    const url = `postgres://app:${password}@db.example.org/app`
    expect(only(`next=${encodeURIComponent(url)}`, 'app.log')).toMatchObject({ value: password, encoding: 'percent' })
    expect(only(`{"u": "${url.replaceAll('/', '\\/')}"}`, 'x.php')).toMatchObject({
      value: password,
      encoding: 'escapes',
    })
  })

  it('reads escapes of strings', () => {
    const long = [...slack].map((c) => `\\u00${hex(c)}`).join('')
    const short = [...slack].map((c) => `\\x${hex(c)}`).join('')
    expect(only(`x("${long}")`)).toMatchObject({ value: slack, encoding: 'escapes', covered: long })
    expect(only(`x("${short}")`)).toMatchObject({ value: slack, encoding: 'escapes', covered: short })
  })

  it('takes a key with written line breaks for the same key', () => {
    const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' })
    const key = pem.toString().trim()
    expect(only(key, 'a.txt')).toMatchObject({ value: key, encoding: '' })
    expect(only(`x("${key.replaceAll('\n', '\\n')}")`)).toMatchObject({ value: key, encoding: 'escapes' })
    expect(only(`x("${base64(key)}")`)).toMatchObject({ value: key, encoding: 'base64' })
    expect(only(`x("${hex(key)}")`)).toMatchObject({ value: key, encoding: 'hex' })
    const lines = key.split('\n').map((line) => `"${line}\\n"`)
    expect(only(`x = ${lines.join(' +\n  ')}`)).toMatchObject({ value: key, encoding: 'literals' })
  })

  it('judges a value by what it says', () => {
    const password = 'Tr0ub4dor&3-horse'
    expect(only(`db_password = "${base64(password)}"`)).toMatchObject({ value: password, encoding: 'base64' })
    expect(only(`db_password = "${hex(password)}"`)).toMatchObject({ value: password, encoding: 'hex' })
    expect(scanText(`db_password = "${base64('your-password-here')}"`)).toEqual([])
  })
})

describe('split literals', () => {
  const [a, b] = [slack.slice(0, 20), slack.slice(20)]
  it.each([
    ['JavaScript', `x = "${a}" + "${b}"`],
    ['Java over lines', `x = "${a}" +\n      "${b}";`],
    ['operator in front', `x = "${a}"\n      + "${b}";`],
    ['Python', `x = ('${a}'\n     '${b}')`],
    ['C', `x = "${a}" "${b}";`],
    ['PHP', `$x = '${a}' . '${b}';`],
    ['a line that goes on', `x = "${a}\\\n${b}"`],
    ['three', `x = "${a}" + "${b.slice(0, 9)}" + '${b.slice(9)}'`],
    ['the format itself', `x = "${slack.slice(0, 2)}" + "${slack.slice(2)}"`],
    ['the format itself, PHP', `x = '${slack.slice(0, 3)}' . '${slack.slice(3)}'`],
    ['the format itself, over lines', `x = "${slack.slice(0, 4)}" +\n   "${slack.slice(4)}"`],
  ])('puts them together: %s', (_, text) => {
    const match = only(text)
    expect(match).toMatchObject({ value: slack, encoding: 'literals' })
    // All of both literals lies within.
    expect(text.slice(match.end)).toMatch(/^["'];?\)?$/)
    expect(text.slice(0, match.start)).toMatch(/^\$?x = \(?["']$/)
  })

  it('puts nothing together that does not belong together', () => {
    expect(scanText(`x = "${a}", "${b}"`)).toEqual([])
    expect(scanText(`x = ["${a}"]\ny = "${b}"`)).toEqual([])
    expect(scanText(`x = "${a}" + f("${b}")`)).toEqual([])
  })
})

describe('cost', () => {
  it('gives up in text that announces something everywhere, and says so', () => {
    const text = `${base64(slack)}.`.repeat(20_000)
    const buffer = Buffer.from(text)
    const impatient = createDetection(builtInDetectors, { maxDecodeTime: -1 })
    const { matches, limits } = impatient.inspect('a.txt', buffer, buffer.length)
    expect(matches.length).toBeGreaterThan(0)
    expect(limits.map(({ reason }) => reason)).toContain('too much encoded text')
  })

  it('has nothing to announce without rules', () => {
    expect(createDetection([]).scan('a', Buffer.from(base64(slack)), 40)).toEqual([])
    expect(builtInDetectors.length).toBeGreaterThan(0)
  })
})
