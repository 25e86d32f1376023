import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { createRandom, createSample } from '../../../src/detect/sample.ts'
import { secretsScanner } from '../../../src/scanners/secrets/index.ts'
import { collect } from '../../support/context.ts'
import { builtIn, builtInDetectors, detectSources } from '../../support/detection.ts'
import { Folder } from '../../support/repository.ts'

const random = createRandom(31)

/** Every rule's sample in every syntax that could show it around the match. */
function compose(): { files: Record<string, string>; values: string[] } {
  const values: string[] = []
  const files: Record<string, string> = {}
  let i = 0
  for (const [id, detect] of detectSources) {
    if (detect.validator === 'setting') continue
    const { text, value } = createSample(detect, i)
    values.push(value)
    const name = id.replace('secrets/', '')
    files[`src/${name}.py`] = `before = 1\ntoken = "${value}" # again: ${value}\n${text}\n`
    files[`conf/${name}.env`] = `A=1\nDB_PASSWORD=${value.replaceAll('\n', '\\n')}\nB=2\n`
    if (i++ % 10 === 0)
      files[`min/${name}.js`] = `${'var x=1;'.repeat(500)}p({password:"${value}"})${'é'.repeat(900)}"${value}"`
  }
  return { files, values }
}

describe('what leaves the scanner', () => {
  it('holds no value, and no encoded form of one', async () => {
    const { files, values } = compose()
    const folder = new Folder(files)
    folder.git('init', '--quiet')
    folder.commit()
    folder.git('rm', '-r', '--quiet', 'src')
    folder.commit()
    const tree = await folder.open()
    const { facts, gaps } = await collect(secretsScanner, {
      trees: [tree],
      detectors: builtInDetectors,
      targets: {
        history: true,
        aws: [],
        kubernetes: [],
        kubernetesDumps: [],
        auditLogs: [],
        cloudtrail: [],
        github: [],
      },
    })
    expect(facts.length).toBeGreaterThan(values.length / 2)
    // Only values that were recognised can be masked; of those, none may show anywhere.
    const found = new Set<string>()
    for (const [path, text] of Object.entries(files)) {
      const buffer = Buffer.from(text)
      for (const match of builtIn.scan(path, buffer, buffer.length))
        if (match.about !== 'setting' && match.publicId === '') found.add(match.value)
    }
    const output = JSON.stringify({ facts, gaps })
    const leaked = [...found].filter(
      (value) => value.length > 6 && (output.includes(value) || output.includes(JSON.stringify(value).slice(1, -1))),
    )
    expect(leaked).toEqual([])
    for (const value of values) expect(output).not.toContain(Buffer.from(value).toString('hex'))
  })

  it('masks every secret of the lines that are shown', async () => {
    const one = `${random.text(12, 'abcdefgh')}4-X`
    const two = `${random.text(12, 'jkmnpqrs')}9-Y`
    const folder = new Folder({ 'a.py': `first_password = "${one}"\nsecond_password = "${two}"; x = "${one}"\n` })
    const { facts } = await collect(secretsScanner, { trees: [await folder.open()], detectors: builtInDetectors })
    for (const { excerpt } of facts) {
      expect(excerpt?.lines).toEqual([
        `first_password = "${'*'.repeat(15)}"`,
        `second_password = "${'*'.repeat(15)}"; x = "${'*'.repeat(15)}"`,
      ])
      expect(excerpt?.startLine).toBe(1)
    }
  })

  it('cuts long lines to a window around the match', async () => {
    const value = `${random.text(12, 'abcdefgh')}4-X`
    const folder = new Folder({ 'a.js': `${'é'.repeat(3000)} password = "${value}" ${'😀'.repeat(3000)}` })
    const { facts } = await collect(secretsScanner, { trees: [await folder.open()], detectors: builtInDetectors })
    const line = facts[0]?.excerpt?.lines[0] ?? ''
    expect(line).toContain(`password = "${'*'.repeat(15)}"`)
    expect(line.length).toBeLessThan(170)
    expect(line).toMatch(/^….*…$/)
    expect(line).not.toContain('\ufffd')
  })
})
