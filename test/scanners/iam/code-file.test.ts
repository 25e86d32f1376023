import { describe, expect, it } from 'vitest'
import { iamStatement } from '../../../src/facts/iam.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { collect, memoryTree } from '../../support/context.ts'

async function scan(path: string, text: string) {
  const { of, gaps } = await collect(iamFilesScanner, { trees: [memoryTree({ [path]: text })] })
  const seen = of(iamStatement).map(({ at, data, unknown }) => ({
    line: 'line' in at ? [at.line, at.column] : [],
    policy: data.policy,
    actions: data.actions,
    resources: data.resources,
    unknown,
  }))
  return { seen, gaps: gaps.map((gap) => [gap.class, gap.reason, gap.fields, /:\d+/.exec(gap.detail)?.[0]]) }
}
const VERSION = '2012-10-17'

describe('JSON in a text of a program', () => {
  it.each([
    [
      'a.py',
      'trust = """\n{\n  "Version": "V",\n  "Statement": [\n    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]\n}\n"""\n',
      [5, 5],
    ],
    [
      'a.sh',
      'aws iam put-role-policy --policy-document \'{\n"Version":"V","Statement":\n[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}\'\n',
      [3, 2],
    ],
    [
      'a.sh',
      'cat > p.json <<EOF\n{"Version":"V",\n"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}\nEOF\n',
      [3, 13],
    ],
    [
      'A.java',
      'String p = "{\\"Version\\":\\"V\\"," +\n  "\\"Statement\\":[{\\"Effect\\":\\"Allow\\",\\"Action\\":\\"s3:*\\"," +\n  "\\"Resource\\":\\"*\\"}]}";\n',
      [2, 19],
    ],
    [
      'a.js',
      'const p = \'{"Version":"V",\' +\n  \'"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}\'\n',
      [2, 17],
    ],
    [
      'a.ts',
      'const p = `{"Version": "V", "Statement": [\n  {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}`\n',
      [2, 3],
    ],
    [
      'a.go',
      'const p = `{\n "Version": "V",\n "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}`\n',
      [3, 16],
    ],
    [
      'a.rb',
      'p = <<~JSON\n  {"Version": "V",\n   "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}\nJSON\n',
      [3, 18],
    ],
  ])('%s %#', async (path, text, line) => {
    const { seen, gaps } = await scan(
      path,
      text.replaceAll('V', (at, offset: number) =>
        text[offset - 1] === '"' && text[offset + 1] !== 'e'
          ? VERSION
          : text.slice(offset - 2, offset) === '\\"' && text[offset + 1] === '\\'
            ? VERSION
            : at,
      ),
    )
    expect(gaps).toEqual([])
    expect(seen.map(({ line, actions, resources }) => ({ line, actions, resources }))).toEqual([
      { line, actions: ['s3:*'], resources: ['*'] },
    ])
  })
})

describe('literals of a program', () => {
  it.each([
    [
      'a.ts',
      "const policy = { Version: 'V', Statement: [\n { Effect: 'Allow', Action: ['s3:*'], Resource: '*' }, // all\n] }\n",
      [2, 2],
    ],
    [
      'a.py',
      "policy = json.dumps({'Version': 'V', 'Statement': [\n  {'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*', 'Sid': None},\n]})\n",
      [2, 3],
    ],
    [
      'a.rb',
      "policy = { 'Version' => 'V', 'Statement' => [\n  { 'Effect' => 'Allow', 'Action' => 's3:*', 'Resource' => '*' }] }\n",
      [2, 3],
    ],
    [
      'a.go',
      'policy := map[string]interface{}{"Version": "V", "Statement": []map[string]interface{}{\n {"Effect": "Allow", "Action": []string{"s3:*"}, "Resource": "*"},\n}}\n',
      [2, 2],
    ],
  ])('%s', async (path, text, line) => {
    const { seen, gaps } = await scan(path, text.replace(/(['"])V\1/, `$1${VERSION}$1`))
    expect(gaps).toEqual([])
    expect(seen).toEqual([{ line, policy: `file:${path}#policy`, actions: ['s3:*'], resources: ['*'], unknown: [] }])
  })
})

describe('what a program fills in', () => {
  it.each([
    [
      'a.py',
      'p = f\'{{"Version": "V", "Statement": [{{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::{bucket}/*"}}]}}\'',
      ['arn:aws:s3:::${value bucket}/*'],
    ],
    [
      'a.py',
      'p = \'{"Version": "V", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::%s/*"}]}\' % b',
      ['arn:aws:s3:::${value s}/*'],
    ],
    [
      'A.java',
      'p = "{\\"Version\\":\\"V\\",\\"Statement\\":[{\\"Effect\\":\\"Allow\\",\\"Action\\":\\"s3:*\\",\\"Resource\\":\\"arn:aws:s3:::" + name + "/*\\"}]}"',
      ['arn:aws:s3:::${value name}/*'],
    ],
    [
      'a.js',
      "p = {Version: 'V', Statement: [{Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::' + name + '/*'}]}",
      ['arn:aws:s3:::${value name}/*'],
    ],
    [
      'a.sh',
      `p='{"Version":"V","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::'"$NAME"'/*"}]}'`,
      ['arn:aws:s3:::${value NAME}/*'],
    ],
  ])('within a text leaves what is written: %s', async (path, text, resources) => {
    const { seen, gaps } = await scan(path, text.replace(/(?<=\\?['"])V(?=\\?['"])/, VERSION))
    expect(gaps).toEqual([])
    expect(seen.map((each) => each.resources)).toEqual([resources])
  })

  it.each([
    ['a.ts', "p = {Version: 'V', Statement: [{Effect: 'Allow', Action: actions, Resource: '*'}]}"],
    [
      'a.go',
      'p := fmt.Sprintf(`{"Version": "V", "Statement": [{"Effect": "Allow", "Action": %s, "Resource": "*"}]}`, a)',
    ],
    ['a.py', "p = {'Version': 'V', 'Statement': [{'Effect': 'Allow', 'Action': make(a, [1, 2]), 'Resource': '*'}]}"],
  ])('as a value is a gap: %s', async (path, text) => {
    const { seen, gaps } = await scan(path, text.replace(/(['"])V\1/, `$1${VERSION}$1`))
    expect(gaps).toEqual([['limit', 'value known at run time only', ['actions'], ':1']])
    expect(seen).toHaveLength(1)
  })

  it('so much that nothing can be read is a gap with its line', async () => {
    const text = `x\np = {"Version": "${VERSION}", "Statement": [{"Effect": "Allow", "Action" if a else b}]}`
    expect(await scan('a.py', text)).toEqual({ seen: [], gaps: [['limit', 'policy built by code', undefined, ':2']] })
  })
})

it('is not taken for one: types, schemas, prose, code of others', async () => {
  const policy = `p = {"Version": "${VERSION}", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`
  const { facts, gaps } = await collect(iamFilesScanner, {
    trees: [
      memoryTree({
        'types.ts': `/** Version "${VERSION}" */\ninterface Policy { Statement: { Effect: string }[] }\n`,
        'schema.py': `S = {"Version": "${VERSION}", "Statement": {"type": "list", "Effect": {}}}\n`,
        'prose.rb': `# A Statement: [has] an Effect since ${VERSION}.\n`,
        'node_modules/x/index.js': policy,
      }),
    ],
  })
  expect([facts, gaps]).toEqual([[], []])
})

it('finds what stands in a script within YAML', async () => {
  const { seen, gaps } = await scan(
    '.github/workflows/ci.yml',
    `jobs:\n  a:\n    steps:\n      - run: |\n          aws iam put --policy '\n            {"Version": "${VERSION}", "Statement": [\n              {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'\n`,
  )
  expect(gaps).toEqual([])
  expect(seen.map(({ line, actions }) => [line, actions])).toEqual([[[7, 15], ['s3:*']]])
})

it('is quick on hostile text', async () => {
  const head = `"${VERSION}" Effect `
  const texts = ['{"Statement": [', '\\\\\\\\"Statement": {', '{Statement: {a: "'].map(
    (text) => head + text.repeat(20_000),
  )
  for (const text of texts) expect((await scan('a.py', text)).seen).toEqual([])
})

it('what a test calls a policy is counted, not judged', async () => {
  const text =
    'const P = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] })'
  const scan = (path: string) => collect(iamFilesScanner, { trees: [memoryTree({ [path]: text })] })
  expect((await scan('src/deploy.ts')).facts).toHaveLength(1)
  expect((await scan('vendor/x/deploy.go')).skips).toHaveLength(1)
  const { facts, skips } = await scan('src/deploy.test.ts')
  expect(facts).toEqual([])
  expect(skips).toEqual([{ scope: 'repo:.', path: 'src/deploy.test.ts', reason: 'policies in test or vendored code' }])
})
