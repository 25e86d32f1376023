import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addFiles, folderWith, randomText, run } from '../support/program.ts'

const leak = () => `DB_PASSWORD=${randomText(16)}\n`

describe('an HTML report beside earlier runs', () => {
  it('tells what is new and what is fixed', async () => {
    const root = folderWith({ 'a.env': leak() })
    const out = folderWith({})
    const [old, page] = [join(out, 'monday.json'), join(out, 'report.html')]
    await run([root, '--format', 'json', '--output', `json=${old}`])
    addFiles(root, { 'a.env': 'DB_PASSWORD=\n', 'b/other.env': leak() })
    const { code } = await run([root, '--output', `html=${page}`, '--compare', old])
    const text = readFileSync(page, 'utf8')
    expect(code).toBe(1)
    expect(text).toContain('The run fails with exit code <code>1</code>: findings at or above medium.')
    expect(text).toContain(`<h2 id="trend-title">Since ${old}</h2>`)
    expect(text).toContain('<h3>Fixed (1)</h3>')
    expect(text).toContain('data-news="new"')
  })
  it('is refused before anything is scanned if no page shows it, or the report is none', async () => {
    const root = folderWith({ 'a.env': leak(), 'no.json': '{}' })
    expect(await run([root, '--compare', join(root, 'no.json')])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--compare is for the format html'),
    })
    const report = await run([root, '--format', 'html', '--compare', join(root, 'no.json')])
    expect(report).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('no.json is no JSON report') })
  })
})
