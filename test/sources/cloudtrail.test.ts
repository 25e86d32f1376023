import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { readRecords, type TrailProblem, trailFiles } from '../../src/sources/cloudtrail.ts'
import { deliveredTo, event } from '../support/cloudtrail.ts'
import { folderWith } from '../support/program.ts'

const signal = new AbortController().signal

async function read(content: string | Buffer) {
  const folder = folderWith({ 'a.json': content })
  const problems: TrailProblem[] = []
  const records: Readonly<Record<string, unknown>>[] = []
  const file = { absolute: join(folder, 'a.json'), path: 'a.json' }
  for await (const record of readRecords(file, signal, (problem) => problems.push(problem))) records.push(record)
  return { records, problems, names: records.map((record) => record.eventName) }
}

async function listed(files: Readonly<Record<string, string | Buffer>>) {
  const paths: string[] = []
  for await (const { path } of trailFiles(folderWith(files))) paths.push(path)
  return paths
}

it('reads a file as delivered', async () => {
  const text = JSON.stringify({ Records: [event('s3', 'GetObject'), event('s3', 'PutObject')] })
  expect((await read(gzipSync(text))).names).toEqual(['GetObject', 'PutObject'])
})

it('reads one that is set in lines and blanks', async () => {
  const text = JSON.stringify({ Records: [event('s3', 'GetObject')] }, null, 2)
  expect(await read(text)).toMatchObject({ names: ['GetObject'], problems: [] })
})

it('reads what lookup-events prints', async () => {
  const inner = JSON.stringify(event('iam', 'ListUsers'))
  const text = JSON.stringify({
    Events: [{ EventId: '1', EventName: 'ListUsers', CloudTrailEvent: inner }],
    NextToken: 'x',
  })
  expect(await read(text)).toMatchObject({ names: ['ListUsers'], problems: [] })
})

it('reads a list, and records one a line', async () => {
  const records = [event('sts', 'GetCallerIdentity'), event('iam', 'ListUsers')]
  expect((await read(JSON.stringify(records))).names).toEqual(['GetCallerIdentity', 'ListUsers'])
  expect((await read(records.map((each) => JSON.stringify(each)).join('\n'))).names).toEqual([
    'GetCallerIdentity',
    'ListUsers',
  ])
})

it('is not confused by brackets, quotes and backslashes in texts', async () => {
  const odd = event('iam', 'CreateUser', { requestParameters: { userName: 'a}]{["\\\\\\"', Records: [{ a: '[' }] } })
  const { records, problems } = await read(JSON.stringify({ Records: [odd, event('iam', 'ListUsers')] }))
  expect(records).toEqual([odd, event('iam', 'ListUsers')])
  expect(problems).toEqual([])
})

it('takes a list of another name for no records', async () => {
  const digest = { digestStartTime: '2026-05-01T00:00:00Z', logFiles: [{ s3Object: 'x' }] }
  expect((await read(JSON.stringify(digest))).records).toEqual([digest])
})

it('takes nothing of a further list for a record', async () => {
  const text = JSON.stringify({ Records: [event('s3', 'GetObject')], Errors: [{ eventName: 'x' }, { eventName: 'y' }] })
  expect(await read(`${text}\n${text}`)).toMatchObject({ names: ['GetObject', 'GetObject'], problems: [] })
})

it('reads on after a bracket too many, and tells', async () => {
  const one = JSON.stringify(event('s3', 'GetObject'))
  expect(await read(`${one}]\n${one}`)).toMatchObject({
    names: ['GetObject', 'GetObject'],
    problems: [{ reason: 'corrupt' }],
  })
})

it('tells of records that are no objects', async () => {
  const text = `{"Records":["x",[{}],1,${JSON.stringify(event('s3', 'GetObject'))}]}`
  expect(await read(text)).toMatchObject({
    names: ['GetObject'],
    problems: [{ reason: 'broken record', detail: 'a.json: 3 events cannot be read' }],
  })
})

it('reads a file with a byte order mark', async () => {
  expect(await read(`\ufeff${JSON.stringify([event('s3', 'GetObject')])}`)).toMatchObject({
    names: ['GetObject'],
    problems: [],
  })
})

it('keeps what came before damaged compressed data, and tells', async () => {
  const many = Array.from({ length: 3000 }, (_, i) => event('s3', 'GetObject', { requestID: String(i * 7919) }))
  const packed = gzipSync(JSON.stringify({ Records: many }))
  const { records, problems } = await read(packed.subarray(0, packed.length / 2))
  expect(records.length).toBeGreaterThan(0)
  expect(records.length).toBeLessThan(3000)
  expect(problems).toEqual([expect.objectContaining({ reason: 'corrupt', detail: expect.stringContaining('a.json') })])
})

it('tells of a document that ends early', async () => {
  const text = JSON.stringify({ Records: [event('s3', 'GetObject'), event('s3', 'PutObject')] })
  expect(await read(text.slice(0, -40))).toMatchObject({ names: ['GetObject'], problems: [{ reason: 'corrupt' }] })
})

it('tells of records that are no JSON without quoting them', async () => {
  const text = `{"Records":[{"eventName": hunter2},${JSON.stringify(event('s3', 'GetObject'))}]}`
  const { names, problems } = await read(text)
  expect(names).toEqual(['GetObject'])
  expect(problems).toEqual([{ reason: 'broken record', detail: 'a.json: 1 events cannot be read' }])
})

it('tells of a file that is no JSON at all', async () => {
  expect((await read('hello world')).problems).toMatchObject([{ reason: 'corrupt' }])
})

it('skips a record that is longer than any event', async () => {
  const long = event('s3', 'GetObject', { requestParameters: { x: 'y'.repeat(5 << 20) } })
  const { names, problems } = await read(JSON.stringify({ Records: [long, event('s3', 'PutObject')] }))
  expect(names).toEqual(['PutObject'])
  expect(problems).toMatchObject([{ reason: 'broken record' }])
})

it('finds event files of accounts and organisations, and passes digests and insights over', async () => {
  const paths = await listed({
    [deliveredTo('b')]: '',
    [deliveredTo('a')]: '',
    'AWSLogs/o-abc123/210987654321/CloudTrail/us-east-1/2026/05/01/x.json.gz': '',
    'AWSLogs/123456789012/CloudTrail-Digest/eu-central-1/2026/05/01/d.json.gz': '',
    'AWSLogs/123456789012/CloudTrail-Insight/eu-central-1/2026/05/01/i.json.gz': '',
    'notes.txt': '',
  })
  expect(paths).toEqual([
    deliveredTo('a'),
    deliveredTo('b'),
    'AWSLogs/o-abc123/210987654321/CloudTrail/us-east-1/2026/05/01/x.json.gz',
  ])
})

it('reads a file of 200 MB without holding it', async () => {
  const file = join(folderWith({}), 'big.json')
  const out = createWriteStream(file)
  const one = JSON.stringify(event('s3', 'GetObject', { requestParameters: { key: 'k'.repeat(2000) } }))
  const block = Array.from({ length: 400 }, () => one).join(',')
  out.write('{"Records":[')
  const blocks = Math.ceil((200 << 20) / block.length)
  for (let i = 0; i < blocks; i++) if (!out.write(`${i ? ',' : ''}${block}`)) await once(out, 'drain')
  out.end(']}')
  await once(out, 'close')
  // In a process of its own, whose heap could not hold the file.
  const script = `import { readRecords } from ${JSON.stringify(join(process.cwd(), 'src/sources/cloudtrail.ts'))}
    let count = 0
    for await (const record of readRecords({ absolute: ${JSON.stringify(file)}, path: 'big.json' }, new AbortController().signal, (p) => { throw new Error(p.detail) })) count++
    console.log(count)`
  const build = join(process.cwd(), 'node_modules/esbuild/bin/esbuild')
  const bundled = execFileSync(build, ['--bundle', '--format=esm', '--platform=node'], {
    input: script,
    cwd: process.cwd(),
  })
  let output: Buffer
  try {
    output = execFileSync(process.execPath, ['--max-old-space-size=64', '--input-type=module'], { input: bundled })
  } finally {
    rmSync(file)
  }
  expect(Number(String(output).trim())).toBe(blocks * 400)
})
