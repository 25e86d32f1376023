import { describe, expect, it } from 'vitest'
import { readColumns, readCredentialUrls, readNetrc, readSingle } from '../../../src/detect/structure/client.ts'
import { assignmentsIn, readIni, readProperties, readWords } from '../../../src/detect/structure/lines.ts'
import { shown } from '../../support/entries.ts'

describe('readIni', () => {
  const read = (text: string) => shown(readIni(text), text)

  it('reads sections, both separators, quotes and comments', () => {
    expect(
      read('; c\n[db]\nuser = a\npassword: "two words" ; c\ntoken=x#y # c\n# z=1\n[a b]\n  n = \'q\'\nempty=\n'),
    ).toEqual([
      'db.user = a',
      'db.password = two words',
      'db.token = x#y',
      'a b.n = q',
      'db.empty = '.replace('db', 'a b'),
    ])
  })

  it('reads the registry’s quoted names, byte order mark, tabs and Windows line breaks', () => {
    expect(read('\xef\xbb\xbfa=1\r\n"Pass"="x y"\r\n\tb\t=\t2\r\n')).toEqual(['a = 1', 'Pass = x y', 'b = 2'])
  })

  it('takes an open quote for part of the value, and goes on in the next line', () => {
    expect(read('a="open\nb=2')).toEqual(['a = "open', 'b = 2'])
  })

  it('reads the variables of a systemd unit', () => {
    expect(read('[Service]\nEnvironment="A=1" B=2\n')).toContain('Service.A = 1')
  })

  it('passes over lines that are no pairs', () => {
    expect(read('server {\n  listen 80;\n  proxy_pass http://a:1/;\n}\n')).toEqual([])
  })
})

describe('readProperties', () => {
  const read = (text: string) => shown(readProperties(text), text)

  it('reads three separators and comments', () => {
    expect(read('# c\n! c\na=1\nb: 2\nc 3\nd.e = x # y\n')).toEqual(['a = 1', 'b = 2', 'c = 3', 'd.e = x # y'])
  })

  it('joins lines that a backslash continues, and resolves escapes', () => {
    expect(readProperties('a = one\\\r\n   two\r\nb = x\\=y\\u0041\n').map(({ value }) => value)).toEqual([
      'onetwo',
      'x=yA',
    ])
  })

  it('ends with the text', () => {
    expect(readProperties('a = b\\').map(({ value }) => value)).toEqual(['b\\'])
  })
})

describe('readWords', () => {
  const read = (text: string) => shown(readWords(text), text)

  it('takes each word for the name of the next', () => {
    expect(read('password "a b" # c d\n')).toEqual(['password = a b'])
    expect(read("set pass = 'x'\n")).toEqual(['set = pass', 'pass = x'])
    expect(read('poll h user u pass p\n')).toContain('pass = p')
  })

  it('does not go on behind a comment or an open quote', () => {
    expect(read('# password x\npassword "open\nuser u\n')).toContain('user = u')
  })
})

describe('assignmentsIn', () => {
  it('reads what a command is given, and no options', () => {
    const text = `A=1 B="two words" cmd --c=3 x.D=4 && E='5'`
    expect(shown(assignmentsIn(text, 0, text.length, { key: '', parent: undefined }), text)).toEqual([
      'A = 1',
      'B = two words',
      'E = 5',
    ])
  })
})

describe('readNetrc', () => {
  const read = (text: string) => readNetrc(text).map(({ value, start, end }) => [value, text.slice(start, end)])

  it('reads one line and several, quotes and comments', () => {
    const text = `machine a login u ${'pass'}word p1\nmachine b\n\tlogin u # password no\n\t${'pass'}word "p 2"\ndefault ${'pass'}word p3`
    expect(read(text)).toEqual([
      ['p1', 'p1'],
      ['p 2', 'p 2'],
      ['p3', 'p3'],
    ])
  })

  it('does not take a user called password for one', () => {
    expect(read(`machine a login password ${'pass'}word p`)).toEqual([['p', 'p']])
  })
})

describe('readColumns', () => {
  const read = (text: string) => readColumns(text).map(({ value }) => value)

  it('reads .pgpass with escaped colons, and chap-secrets', () => {
    expect(read('# c\nh:5432:d:u:a\\:b\r\n*:*:*:u:c\n')).toEqual(['a:b', 'c'])
    expect(read('# c\n"me" * "p w" *\nuser\tserver\tsecret\t*\n')).toContain('secret')
  })

  it('passes over lines with fewer columns', () => {
    expect(read('a:b:c\nx\n\n')).toEqual([])
  })
})

describe('readCredentialUrls', () => {
  it('reads passwords that hold signs of an address', () => {
    const text = 'https://u:p@h\nhttps://u@x:a!#@b@h\nhttps://h/a\nnothing\n'
    expect(readCredentialUrls(text).map(({ value }) => value)).toEqual(['p', 'a!#@b'])
  })
})

describe('readSingle', () => {
  it('reads the only line, and nothing of a file with more', () => {
    expect(readSingle('# c\n\n  abc  \n').map(({ value }) => value)).toEqual(['abc'])
    expect(readSingle('abc\ndef\n')).toEqual([])
    expect(readSingle('a sentence about it\n')).toEqual([])
    expect(readSingle('')).toEqual([])
  })
})
