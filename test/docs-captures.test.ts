import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { renderCaptures } from '../build/captures.ts'
import { terminalSvg } from '../build/terminal-svg.ts'

it('what the documentation says commands print is what they print (npm run docs)', () => {
  const captures = renderCaptures()
  expect([...captures.keys()].filter((file) => file.endsWith('.svg')).length).toBeGreaterThan(0)
  for (const [file, text] of captures) expect(readFileSync(file, 'utf8'), file).toBe(text)
})

it('pictures of the terminal keep colours, and no text becomes markup', () => {
  const svg = terminalSvg(['\u001b[31m<b>\u001b[39m & \u001b[1mbold\u001b[22m'], {
    title: 'A "title"',
    theme: 'dark',
    columns: 20,
  })
  expect(svg).toMatch(/fill="#ff8fa6"[^>]*>&lt;b&gt;</)
  expect(svg).toMatch(/font-weight="700"[^>]*>bold</)
  expect(svg).toContain('aria-label="A &quot;title&quot;"')
})
