import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../src/detect/sample.ts'
import { readColumns, readCredentialUrls, readNetrc, readSingle } from '../../../src/detect/structure/client.ts'
import { readDockerfile } from '../../../src/detect/structure/dockerfile.ts'
import { readDotenv } from '../../../src/detect/structure/dotenv.ts'
import { type Entry, MAX_ENTRIES, pathOf } from '../../../src/detect/structure/entry.ts'
import { readHcl } from '../../../src/detect/structure/hcl.ts'
import { readPairs } from '../../../src/detect/structure/interpret.ts'
import { readJson } from '../../../src/detect/structure/json.ts'
import { readIni, readProperties, readWords } from '../../../src/detect/structure/lines.ts'
import { readFences } from '../../../src/detect/structure/markdown.ts'
import { readSql } from '../../../src/detect/structure/sql.ts'
import { readToml } from '../../../src/detect/structure/toml.ts'
import { readXml } from '../../../src/detect/structure/xml.ts'
import { readYaml } from '../../../src/detect/structure/yaml.ts'

const READERS: readonly [string, (text: string) => Entry[]][] = [
  ['dotenv', readDotenv],
  ['dockerfile', readDockerfile],
  ['json', readJson],
  ['yaml', readYaml],
  ['toml', readToml],
  ['ini', readIni],
  ['properties', readProperties],
  ['words', readWords],
  ['xml', readXml],
  ['hcl', readHcl],
  ['sql', readSql],
  ['netrc', readNetrc],
  ['columns', readColumns],
  ['credential-url', readCredentialUrls],
  ['single', readSingle],
]

/** Signs that mean something in one of the formats; chance puts them together in ways that nobody thinks of. */
const PIECES =
  `{ } [ ] < > </ /> <!-- --> <![CDATA[ ]]> " ' \\ = : , ; # // /* */ - --- | > ? ! & * % @ $ \${ } <<EOF EOF \n \r\n \t ''' """ ( ) a key password "x" 'y' 1 :// \\u00 \\n \`\`\` ~~~ [[ ]] ENV RUN machine login COPY INSERT INTO t (password) VALUES ( IDENTIFIED BY kind: Secret ConfigMap data: x.env \xef\xbb\xbf \xc3\xa9 \0`.split(
    ' ',
  )

describe.each(READERS)('%s', (_, read) => {
  const random = createRandom(23)
  const text = (length: number) => {
    const pieces: string[] = []
    for (let i = 0; i < length; i++) {
      pieces.push(PIECES[(random.bytes(1)[0] ?? 0) % PIECES.length] ?? '')
      if ((random.bytes(1)[0] ?? 0) < 100) pieces.push(' ')
    }
    return pieces.join('')
  }
  const check = (input: string) => {
    const entries = read(input)
    expect(entries.length).toBeLessThanOrEqual(MAX_ENTRIES + 1000)
    const outside = entries.filter(
      ({ start, end, keyStart }) => start < 0 || end < start || end > input.length || keyStart > input.length,
    )
    expect(outside).toEqual([])
    for (const { container } of entries.slice(0, 100)) expect(pathOf(container).length).toBeLessThan(20_000)
  }

  it('reads any bytes, and gives places within the text', () => {
    for (let i = 0; i < 20; i++) check(Buffer.from(random.bytes(2000)).toString('latin1'))
  })

  it('reads any order of the signs of all formats', () => {
    for (let i = 0; i < 150; i++) check(text(1 + i))
  })

  it('ends with a text that is cut off anywhere', () => {
    const whole = text(150)
    for (let end = 0; end < whole.length; end += 3) check(whole.slice(0, end))
  })

  it('reads the same sign over and over', () => {
    for (const piece of PIECES.filter((each) => each.trim() !== '')) {
      check(piece.repeat(Math.ceil(20_000 / piece.length)))
      check(`${piece}\n`.repeat(Math.ceil(20_000 / (piece.length + 1))))
    }
  })
})

describe('readFences and files within files', () => {
  it('end', () => {
    const nested = '```md\n```yaml\nkind: ConfigMap\ndata:\n  a.md: |\n    x\n'.repeat(2000)
    expect(() => readPairs('a.md', 'markdown', nested)).not.toThrow()
    expect(() => readFences('```'.repeat(100_000))).not.toThrow()
  })
})
