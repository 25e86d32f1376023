import { describe, expect, it } from 'vitest'
import { readAssignment } from '../../src/detect/assignment.ts'
import type { FileKind } from '../../src/detect/file-kind.ts'

/** Reads the pair whose name holds the first "password" (any case); as `key=value`. */
function read(text: string, kind: FileKind = 'code'): string | undefined {
  const pair = readAssignment(text, text.toLowerCase().indexOf('passw'), kind, 'text')
  if (pair) {
    expect(text.slice(pair.start, pair.end)).toBe(pair.value)
    expect(text.slice(pair.keyStart).startsWith(pair.key)).toBe(true)
  }
  return pair && `${pair.key}=${pair.value}`
}

describe('readAssignment', () => {
  it.each([
    ['Python', 'db_password = "s"', 'db_password=s'],
    ['Python bytes', "password = b's'", 'password=s'],
    ['Python annotation', 'password: str = "s"', 'password=s'],
    ['Python argument', 'connect(user="u", password="s")', 'password=s'],
    ['Python dictionary', '{"password": "s"}', 'password=s'],
    ['Python subscript', 'config["PASSWORD"] = "s"', 'PASSWORD=s'],
    ['Python triple quotes', 'password = """s"""', 'password=s'],
    ['JavaScript', "const password = 's'", 'password=s'],
    ['JavaScript object', '{ password: `s` }', 'password=s'],
    ['JavaScript default', 'const password = process.env.PW || "s"', 'password=s'],
    ['TypeScript', 'private readonly password: string = "s"', 'password=s'],
    ['Java', 'private static final String DB_PASSWORD = "s";', 'DB_PASSWORD=s'],
    ['Java setter', 'setProperty("db.password", "s")', 'db.password=s'],
    ['C#', 'string password = @"s";', 'password=s'],
    ['Go', 'password := "s"', 'password=s'],
    ['Go typed', 'var password string = "s"', 'password=s'],
    ['Go bytes', 'Password: []byte("s"),', 'Password=s'],
    ['Rust', 'let password: &str = "s";', 'password=s'],
    ['Ruby symbol', ":password => 's'", 'password=s'],
    ['PHP', "$password = 's';", '$password=s'],
    ['PHP array', "'password' => 's'", 'password=s'],
    ['Kotlin', 'val password = "s"', 'password=s'],
    ['Swift', 'let password: String = "s"', 'password=s'],
    ['Scala', 'val password: Option[String] = Some("s")', 'password=s'],
    ['SQL', "CREATE USER u PASSWORD 's'", 'PASSWORD=s'],
    ['XML element', '<password>s</password>', 'password=s'],
    ['XML attribute', '<add key="DbPassword" value="s"/>', 'DbPassword=s'],
    ['next line', 'password =\n    "s"', 'password=s'],
    ['escaped JSON', '"{\\"password\\": \\"s\\"}"', 'password=s'],
    ['option', 'run(["--password=s"])', 'password=s'],
    ['comparison', 'if password == "s":', 'password=s'],
    ['Java comparison', 'password !== "s"', 'password=s'],
    ['setter', 'config.setPassword("s")', 'Password=s'],
    ['builder', 'client.withPassword("s")', 'Password=s'],
    ['list', 'passwords: ["s", "t"]', 'passwords=s'],
    ['address', 'fetch("https://a.example/?password=abcd&x=1")', 'password=abcd'],
    ['PowerShell option', "New-User -Password 's'", 'Password=s'],
    ['environment in code', '# DB_PASSWORD=s', 'DB_PASSWORD=s'],
  ])('reads %s', (_, text, pair) => {
    expect(read(text)).toBe(pair)
  })

  it.each([
    ['shell', 'export PASSWORD=s', 'shell', 'PASSWORD=s'],
    ['shell option', 'mysql --password s', 'shell', 'password=s'],
    ['properties', 'spring.datasource.password=s', 'config', 'spring.datasource.password=s'],
    ['ini', 'password = s', 'config', 'password=s'],
    ['colon', 'password: s', 'config', 'password=s'],
  ] as const)('reads bare values of %s', (_, text, kind, pair) => {
    expect(read(text, kind)).toBe(pair)
  })

  it.each([
    ['a variable', 'password = get_password()'],
    ['a name', 'password = other'],
    ['a comparison with a variable', 'if password == other:'],
    ['a call', 'hash(password)'],
    ['a getter', 'getPassword("name")'],
    ['a call with two arguments', 'setPassword("a", "b")'],
    ['a member', 'user.password.length'],
    ['a parameter', 'def f(password): pass'],
    ['a list of words', '["user", "password", "token"]'],
    ['an f-string with a field', 'password = f"{name}-x"'],
    ['a C# interpolation', 'password = $"{name}"'],
    ['an arrow', 'password => check'],
    ['a string that is not closed', 'password = "s'],
    ['a type', 'password: string'],
    ['a Go scope', 'password::x'],
  ])('takes %s for no pair', (_, text) => {
    expect(read(text)).toBeUndefined()
  })

  it('does not take a sentence for a value', () => {
    expect(read('Password: must have eight characters', 'prose')).toBeUndefined()
  })

  it('reads a bounded piece of a line of minified code', () => {
    const text = `${'a'.repeat(100_000)}password${'b'.repeat(100_000)}`
    const start = performance.now()
    for (let i = 0; i < 1000; i++) readAssignment(text, 100_000, 'code', 'text')
    expect(performance.now() - start).toBeLessThan(200)
  })
})
