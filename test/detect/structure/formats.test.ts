import { describe, expect, it } from 'vitest'
import { readHcl } from '../../../src/detect/structure/hcl.ts'
import { kindsIn, readFences } from '../../../src/detect/structure/markdown.ts'
import { readSql } from '../../../src/detect/structure/sql.ts'
import { readToml } from '../../../src/detect/structure/toml.ts'
import { readXml } from '../../../src/detect/structure/xml.ts'
import { shown } from '../../support/entries.ts'

describe('readToml', () => {
  const read = (text: string) => shown(readToml(text), text)

  it('reads tables, dotted and quoted names, strings and comments', () => {
    const text = `a = "x" # c\n[t.u]\nb = 'y'\n"c d" = 1 # c\ne.f = "z"\n[[l]]\r\ng = true\r\n`
    expect(read(text)).toEqual(['t.u.b = y', 'a = x'].reverse().concat(['t.u.c d = 1', 't.u.e.f = z', 'l.g = true']))
  })

  it('reads inline tables and arrays over several lines', () => {
    expect(read('a = { b = "x", c = { d = 1 } }\ne = [\n  "y", # c\n  "z",\n]\nf = "g"\n')).toEqual([
      'a.b = x',
      'a.c.d = 1',
      'e.* = y',
      'e.* = z',
      'f = g',
    ])
  })

  it('reads strings of several lines, and goes on behind one that is never closed', () => {
    expect(readToml('a = """\nx\ny"""\nb = "z"\n').map(({ value }) => value)).toEqual(['\nx\ny', 'z'])
    expect(readToml('a = "open\nb = "z"\n').map(({ value }) => value)).toEqual(['"open', 'z'])
    expect(readToml(`a = '''open\nb = "z"\n`).map(({ value }) => value)).toEqual([`'''open`, 'z'])
  })

  it('resolves escapes of basic strings only', () => {
    expect(readToml(`a = "x\\"y"\nb = 'x\\y'\n`).map(({ value }) => value)).toEqual(['x"y', 'x\\y'])
  })
})

describe('readHcl', () => {
  const read = (text: string) => shown(readHcl(text), text)

  it('reads blocks with labels, attributes and objects', () => {
    const text = `# c\nresource "aws_db_instance" "main" {\n  user = "a" // c\n  tags = {\n    b = "c", "d" : "e"\n  }\n  n = 5\n}\nf = "g"\n`
    expect(read(text)).toEqual([
      'resource.aws_db_instance.main.user = a',
      'resource.aws_db_instance.main.tags.b = c',
      'resource.aws_db_instance.main.tags.d = e',
      'f = g',
    ])
  })

  it('reads heredocs and strings with templates', () => {
    expect(
      readHcl('a = <<-EOT\r\n  x\r\n  y\r\n  EOT\r\nb = "p${f("q")}r"\nc = "d"').map(({ value }) => value),
    ).toEqual(['  x\r\n  y', 'p${f("q")}r', 'd'])
  })

  it('takes nothing of expressions and comparisons', () => {
    expect(read('a = var.b\nc = d == "e" ? f("g") : "h"\n/* i = "j" */\n')).toEqual([])
  })

  it('survives open strings, heredocs and brackets', () => {
    expect(read('a = "open\nb = "c"')).toEqual(['a = open', 'b = c'])
    expect(read('a = <<EOT\nx\nb = "c"')).toEqual(['b = c'])
    expect(read('}}]]\na = "b"')).toEqual(['a = b'])
  })
})

describe('readXml', () => {
  const read = (text: string) => shown(readXml(text), text)

  it('reads texts of elements and attributes', () => {
    expect(read('<?xml version="1.0"?>\n<a><!-- <p>no</p> --><b c="d" e=\'f\'> x </b><g/></a>')).toEqual([
      'a.b.c = d',
      'a.b.e = f',
      'a.b = x',
    ])
  })

  it('names a text by the attribute of its element, and by the key of a property list', () => {
    expect(read('<p name="password">x</p>')).toContain('password = x')
    expect(read('<dict><key>Token</key>\n<string>y</string></dict>')).toContain('dict.Token = y')
  })

  it('reads CDATA and entities', () => {
    expect(readXml('<a><![CDATA[x<y]]></a><b>p&amp;q&#65;</b>').map(({ value }) => value)).toEqual(['x<y', 'p&qA'])
  })

  it('says what is base64', () => {
    expect(readXml('<Pass encoding="base64">eA==</Pass>').at(-1)).toMatchObject({ value: 'eA==', encoding: 'base64' })
  })

  it('goes on behind what is broken', () => {
    expect(read('<a b="open>\n<c>x</c>')).toContain('a.c = x')
    expect(read('</a></b><c>x</c>')).toEqual(['c = x'])
    expect(read('<a><b>x</b')).toEqual(['a.b = x'])
    expect(readXml('<!-- open <a>x</a>')).toEqual([])
  })
})

describe('readSql', () => {
  const read = (text: string) => shown(readSql(text), text)

  it('reads secret columns of rows, named in the statement or by the table', () => {
    expect(read("INSERT INTO `u` (`id`, `password`) VALUES (1, 'a'),\n(2, 'b, (c)'), (f('x'), 'd');")).toEqual([
      'u.password = a',
      'u.password = b, (c)',
      'u.password = d',
    ])
    const table = "CREATE TABLE u (id int, kind enum('a','b'), pwd varchar(60), PRIMARY KEY (id));\n"
    expect(read(`${table}INSERT INTO u VALUES (1, 'a', 'x');`)).toEqual(['u.pwd = x'])
  })

  it('reads rows of COPY', () => {
    expect(read('COPY public.u (id, token, n) FROM stdin;\n1\tx\t2\n3\t\\N\t4\n\\.\nSELECT 1;')).toEqual([
      'u.token = x',
    ])
  })

  it('reads passwords of accounts', () => {
    const text = `CREATE USER a IDENTIFIED BY 'p1';\nALTER USER b IDENTIFIED WITH caching_sha2_password BY 'p2';\nALTER ROLE c PASSWORD 'p3';\nCREATE LOGIN d WITH PASSWORD = N'p4';\nSET PASSWORD FOR e = PASSWORD('p5');\n`
    expect(readSql(text).map(({ value }) => value)).toEqual(['p1', 'p2', 'p3', 'p4', 'p5'])
  })

  it('resolves doubled and escaped quotes', () => {
    expect(readSql("ALTER USER a IDENTIFIED BY 'x''y\\'z';").map(({ value }) => value)).toEqual(["x'y'z"])
  })

  it('survives what is cut off', () => {
    expect(read("INSERT INTO u (password) VALUES ('open")).toEqual(['u.password = open'])
    expect(read('CREATE TABLE u (a int')).toEqual([])
  })
})

describe('readFences', () => {
  it('finds blocks with their languages', () => {
    const text = '```yaml title\na: b\n```\n~~~\nx\n~~~\n````md\n```\n````\n```env\nA=1'
    expect(readFences(text).map(({ name, start, end }) => [name, text.slice(start, end)])).toEqual([
      ['block.yaml', 'a: b\n'],
      ['block.md', '```\n'],
      ['.env', 'A=1'],
    ])
  })

  it('tells prose from code', () => {
    const text = 'a\n```js\nb\n```\nc'
    const at = kindsIn(text, (name) => (name === 'block.js' ? 'code' : 'unknown'))
    expect([at(0), at(text.indexOf('b')), at(text.length - 1)]).toEqual(['prose', 'code', 'prose'])
  })
})
