import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { Comparison } from '../../src/reporters/html/options.ts'
import { renderHtml } from '../../src/reporters/html.ts'
import { everything, thousands } from '../support/page.ts'
import { liveOrSkip, requireInstalled } from './servers/installed.ts'

/** What of the browser the tests touch: its own declarations would be seen by the whole project. */
interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}
interface Element {
  readonly id: string
  readonly localName: string
  readonly textContent: string
  readonly open?: boolean
  getAttribute(name: string): string | null
  closest(selector: string): Element | null
}
declare const document: {
  readonly activeElement: Element | null
  readonly documentElement: { readonly scrollWidth: number }
  readonly body: Element
}
declare const location: { readonly hash: string }
declare function getComputedStyle(element: Element): { readonly outlineStyle: string; readonly backgroundColor: string }

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'zt-audit-html-'))
const full = join(folder, 'full.html')
const many = join(folder, 'many.html')

const none = { critical: 0, high: 0, medium: 0, low: 0, info: 0 }

/** Against two earlier runs: the first finding is new. */
function compared(fingerprint: string): Comparison {
  const past = { ruleId: 'iam/gone', severity: 'high', title: 'Gone', message: 'Gone <b>' } as const
  return {
    trend: [
      { name: 'monday.json', bySeverity: { ...none, high: 4 }, unseen: 1 },
      { name: 'tuesday.json', startedAt: '2026-11-24T10:00:00.000Z', bySeverity: { ...none, high: 2 }, unseen: 0 },
      { name: 'this run', bySeverity: { ...none, critical: 2 }, unseen: 2 },
    ],
    news: new Map([[fingerprint, 'new']]),
    fixed: [past],
    unseen: [past],
    unchanged: 1,
  }
}

liveOrSkip('the HTML report in Chromium', ['chromium'], () => {
  let browser: Browser
  let server: Server
  let asked: string[] = []
  const contexts: BrowserContext[] = []

  beforeAll(async () => {
    const report = everything()
    const fingerprint = report.findings[0]?.fingerprint ?? ''
    const options = { verdict: { code: 1, failOn: 'medium' }, comparison: compared(fingerprint) } as const
    writeFileSync(full, await renderHtml(report, options))
    writeFileSync(many, await renderHtml(thousands(5000)))
    // As root, which machines of CI run as, Chromium starts without its sandbox only.
    browser = await chromium.launch({ executablePath: requireInstalled('chromium'), args: ['--no-sandbox'] })
    server = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.setHeader('content-type', 'text/html').end(readFileSync(full))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  })
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close()
  })
  afterAll(async () => {
    await browser?.close()
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true, force: true })
  })

  /** A page, and what it complains about: refused scripts, styles and requests are told in its console. */
  async function open(
    address: string,
    options: BrowserContextOptions = {},
  ): Promise<{ page: Page; trouble: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options })
    contexts.push(context)
    const page = await context.newPage()
    const trouble: string[] = []
    page.on('console', (message) => void trouble.push(message.text()))
    page.on('pageerror', (error) => void trouble.push(error.message))
    page.on('request', (request) => {
      if (!request.isNavigationRequest()) trouble.push(request.url())
    })
    page.on('dialog', (dialog) => {
      trouble.push(dialog.message())
      void dialog.dismiss()
    })
    await page.goto(address)
    return { page, trouble }
  }
  const file = (path: string, hash = '') => `${pathToFileURL(path)}${hash}`
  const visible = (page: Page) =>
    page.$$eval('#findings li[data-severity]', (all) => all.filter((each) => each.checkVisibility()).length)

  it.each([
    [1400, 'light'],
    [1400, 'dark'],
    [900, 'light'],
    [400, 'dark'],
  ] as const)('has nothing that axe complains about, %i pixels wide, %s', async (width, colorScheme) => {
    const { page } = await open(file(full), { viewport: { width, height: 900 }, colorScheme })
    await page.$$eval('details', (all) => {
      for (const each of all) each.setAttribute('open', '')
    })
    await page.evaluate(AXE)
    const { violations, passes } = (await page.evaluate('axe.run(document)')) as Record<
      'violations' | 'passes',
      { id: string; nodes: { html: string; failureSummary: string }[] }[]
    >
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html, nodes[0]?.failureSummary])).toEqual([])
    expect(passes.map(({ id }) => id)).toContain('color-contrast')
  })
  it.each([400, 900, 1400])('does not scroll sideways at %i pixels', async (width) => {
    const { page } = await open(file(full), { viewport: { width, height: 900 } })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  })
  it('asks for nothing, from a file or a server, and runs nothing of what was audited', async () => {
    const fromFile = await open(file(full))
    await fromFile.page.$$eval('summary', (all) => all.forEach((each) => void each.click()))
    expect(fromFile.trouble).toEqual([])
    asked = []
    const { port } = server.address() as AddressInfo
    const served = await open(`http://127.0.0.1:${port}/report`)
    await served.page.waitForLoadState('networkidle')
    expect(served.trouble).toEqual([])
    expect(asked).toEqual(['/report'])
    expect(await served.page.$$eval('img, iframe, object, embed, link, base, [onerror]', (all) => all.length)).toBe(0)
    expect(await served.page.$$eval('script', (all) => all.length)).toBe(1)
  })
  it('keeps what the policy forbids from running', async () => {
    const smuggled =
      '<script>window.ran=1</script><img src="data:," onerror="window.ran=2"><script src="https://example.invalid/x.js"></script><style>body{color:red}</style>'
    const changed = join(folder, 'changed.html')
    writeFileSync(changed, readFileSync(full, 'utf8').replace('</main>', `${smuggled}</main>`))
    const { page, trouble } = await open(file(changed))
    expect(await page.evaluate('window.ran')).toBeUndefined()
    expect(trouble.filter((text) => text.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(4)
  })
  it('keeps filters in the address, and finds them there again', async () => {
    const { page } = await open(file(full))
    const open_ = await visible(page)
    expect(open_).toBe(7)
    await page.check('input[value=low]')
    await page.fill('input[name=text]', 'pods')
    await page.waitForFunction(() => location.hash === '#findings?severity=low&text=pods')
    expect(await visible(page)).toBe(1)
    expect(await page.textContent('#shown')).toBe('1 of 7 shown')
    const again = await open(page.url())
    expect(await visible(again.page)).toBe(1)
    expect(await again.page.inputValue('input[name=text]')).toBe('pods')
    await again.page.click('button[type=reset]')
    await again.page.waitForFunction(() => location.hash === '')
    expect(await visible(again.page)).toBe(open_)
    for (const [state, count] of [
      ['known', 1],
      ['suppressed', 1],
      ['news', 1],
      ['all', 9],
    ] as const) {
      await again.page.selectOption('select[name=state]', state)
      await again.page.waitForFunction((text) => location.hash.includes(`state=${text}`), state)
      expect(await visible(again.page)).toBe(count)
    }
    const news = await open(file(full))
    await news.page.click('text=List what is new')
    expect(await visible(news.page)).toBe(1)
  })
  it('opens the finding that an address names, in spite of filters', async () => {
    const { page } = await open(file(full))
    const id = await page.getAttribute('li[data-area=k8s]', 'id')
    const linked = await open(file(full, `#${id}?severity=critical`))
    expect(await linked.page.getAttribute(`#${id} details`, 'open')).toBe('')
    expect(await linked.page.isVisible(`#${id} .body`)).toBe(true)
    expect(await linked.page.evaluate(() => document.activeElement?.closest('li')?.id)).toBe(id)
  })
  it('can be used with the keyboard alone', async () => {
    const { page } = await open(file(full))
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the report')
    expect((await page.locator('.skip').boundingBox())?.x).toBeGreaterThanOrEqual(0)
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
    const seen = new Set<string>()
    for (let i = 0; i < 80 && !seen.has('summary'); i++) {
      await page.keyboard.press('Tab')
      const at = await page.evaluate(() => {
        const element = document.activeElement as Element
        const style = getComputedStyle(element)
        const inList = element.closest('#findings li[data-severity]')
        return { name: inList ? element.localName : (element.getAttribute('name') ?? ''), ring: style.outlineStyle }
      })
      expect(at.ring).not.toBe('none')
      seen.add(at.name)
    }
    expect([...seen]).toEqual(expect.arrayContaining(['severity', 'text', 'area', 'target', 'state', 'summary']))
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.closest('details')?.open)).toBe(true)
  })
  it('can be read without JavaScript', async () => {
    const { page } = await open(file(full), { javaScriptEnabled: false })
    expect(await page.isVisible('#filters')).toBe(false)
    expect(await page.isVisible('text=Pods may reach each other')).toBe(true)
    expect(await page.isVisible('text=Known for long')).toBe(true)
    await page.click('#findings li[data-area=iam] summary')
    expect(await page.isVisible('#findings li[data-area=iam] .body')).toBe(true)
    await page.click('nav a[href="#unseen"]')
    expect(page.url()).toMatch(/#unseen$/)
  })
  it('prints what is folded away, without the filters', async () => {
    const { page } = await open(file(full), { colorScheme: 'dark' })
    await page.emulateMedia({ media: 'print' })
    expect(await page.isVisible('#filters')).toBe(false)
    const frame = page.locator('#findings .frame').first()
    expect(await frame.isVisible()).toBe(true)
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)')
    expect((await page.pdf()).length).toBeGreaterThan(10_000)
  })
  it('draws a chain for wide and for narrow screens, one at a time', async () => {
    for (const [width, name] of [
      [1400, 'wide'],
      [1000, 'middle'],
      [400, 'narrow'],
    ] as const) {
      const { page } = await open(file(full), { viewport: { width, height: 900 } })
      const drawn = page.locator('.chain').first().locator('svg:visible')
      expect(await drawn.count()).toBe(1)
      expect(await drawn.getAttribute('class')).toContain(name)
      const apart = await drawn.evaluate((svg) => {
        const boxes: Box[] = [...svg.querySelectorAll('rect')].map((each) => each.getBoundingClientRect())
        const overlap = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
        return boxes.every((a, i) => boxes.every((b, k) => i === k || !overlap(a, b)))
      })
      expect(apart).toBe(true)
      const overflows = await drawn.evaluate((svg) =>
        [...svg.querySelectorAll('text')].some((text) => {
          const box: Box = text.getBoundingClientRect()
          const frame: Box = svg.getBoundingClientRect()
          return box.right > frame.right + 1 || box.left < frame.left - 1 || box.bottom > frame.bottom + 1
        }),
      )
      expect(overflows).toBe(false)
    }
  })
  it('opens and filters 5,000 findings', async () => {
    const { page, trouble } = await open(file(many))
    expect(await page.textContent('#shown')).toBe('All 5000 shown')
    await page.fill('input[name=text]', 'service 3 K8S/')
    await page.waitForFunction(() => location.hash.includes('text='))
    const shown = Number((await page.textContent('#shown'))?.split(' ')[0])
    expect(shown).toBeGreaterThan(300)
    expect(await page.$$eval('#findings li[data-severity]:not([hidden])', (all) => all.length)).toBe(shown)
    expect(trouble).toEqual([])
  })
})
