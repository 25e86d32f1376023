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
import type { Table } from '../../src/table.ts'
import { everything, thousands } from '../support/page.ts'
import { report as emptyReport, fault, hostileReport } from '../support/report.ts'
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
declare function getComputedStyle(element: Element): {
  readonly outlineStyle: string
  readonly backgroundColor: string
  readonly fill: string
  readonly stroke: string
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'zt-audit-html-'))
const full = join(folder, 'full.html')
const many = join(folder, 'many.html')
const rows = join(folder, 'rows.html')
/** What there is to show differs most between these. */
const states = ['full', 'hostile', 'good', 'nothing'] as const

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

/** The same table with 700 rows. */
function lengthened(table: Table): Table {
  const [first] = table.columns
  const longer = Array.from({ length: 700 }, (_, i) => {
    const row = table.rows[i % table.rows.length] as Table['rows'][number]
    const name = `${row.cells[first?.id ?? '']?.value}-${i}`
    return { ...row, cells: { ...row.cells, [first?.id ?? '']: { value: name } } }
  })
  return { ...table, rows: longer }
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
    writeFileSync(rows, await renderHtml({ ...everything(), views: (everything().views ?? []).map(lengthened) }))
    writeFileSync(join(folder, 'hostile.html'), await renderHtml(hostileReport()))
    writeFileSync(
      join(folder, 'good.html'),
      await renderHtml(emptyReport(), { verdict: { code: 0, failOn: 'medium' } }),
    )
    const unseen = emptyReport().targets.map((target) => ({ ...target, audited: false, complete: false }))
    writeFileSync(join(folder, 'nothing.html'), await renderHtml(emptyReport({ targets: unseen, gaps: [fault('x')] })))
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

  it.each(
    states.flatMap((state) =>
      [
        [1440, 'light'],
        [1440, 'dark'],
        [800, 'light'],
        [375, 'light'],
        [375, 'dark'],
      ].map(([width, scheme]) => [state, Number(width), scheme as 'light' | 'dark'] as const),
    ),
  )('has nothing that axe complains about: %s, %i pixels wide, %s', async (state, width, colorScheme) => {
    const { page } = await open(file(join(folder, `${state}.html`)), { viewport: { width, height: 900 }, colorScheme })
    // Closed as it comes, and with all that is folded away.
    for (const opens of [false, true]) {
      await page.$$eval(
        'details',
        (all, opens) => all.forEach((each) => void each.toggleAttribute('open', opens)),
        opens,
      )
      await page.evaluate(AXE)
      const { violations, passes } = (await page.evaluate('axe.run(document)')) as Record<
        'violations' | 'passes',
        { id: string; nodes: { html: string; failureSummary: string }[] }[]
      >
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html, nodes[0]?.failureSummary])).toEqual([])
      expect(passes.map(({ id }) => id)).toContain('color-contrast')
    }
  })
  // 320 is a screen of 1280 at 400 %, 720 one of 1440 at 200 %.
  it.each([320, 375, 720, 1440].flatMap((width) => [...states, 'rows'].map((state) => [width, state] as const)))(
    'does not scroll sideways at %i pixels: %s',
    async (width, state) => {
      const { page } = await open(file(join(folder, `${state}.html`)), { viewport: { width, height: 900 } })
      await page.$$eval('details', (all) => all.forEach((each) => void each.setAttribute('open', '')))
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    },
  )
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
  it('takes filters back with the button of the browser', async () => {
    const { page } = await open(file(full))
    await page.check('input[value=high]')
    await page.waitForFunction(() => location.hash === '#findings?severity=high')
    const high = await visible(page)
    await page.selectOption('select[name=rule]', 'iam/test')
    await page.waitForFunction(() => location.hash === '#findings?severity=high&rule=iam/test')
    expect(await visible(page)).toBe(1)
    // A word that is typed is one step, however many letters it has.
    for (const text of ['o', 'oc', 'octo']) {
      await page.fill('input[name=text]', text)
      await page.waitForFunction((text) => location.hash.endsWith(`&text=${text}`), text)
    }
    await page.goBack()
    await page.waitForFunction(() => location.hash === '#findings?severity=high&rule=iam/test')
    expect(await page.inputValue('input[name=text]')).toBe('')
    await page.goBack()
    await page.waitForFunction(() => location.hash === '#findings?severity=high')
    expect(await page.inputValue('select[name=rule]')).toBe('')
    expect(await visible(page)).toBe(high)
    await page.goForward()
    await page.waitForFunction(() => location.hash.endsWith('&rule=iam/test'))
    expect(await visible(page)).toBe(1)
  })
  it('says how many each severity would show, and says so where nothing matches', async () => {
    const { page } = await open(file(full))
    const counts = () => page.$$eval('#filters .chip .n', (all) => all.map((each) => Number(each.textContent)))
    expect(await counts()).toEqual([2, 3, 1, 1])
    await page.selectOption('select[name=area]', 'k8s')
    await page.waitForFunction(() => location.hash.includes('area=k8s'))
    expect(await counts()).toEqual([0, 0, 0, 1])
    await page.fill('input[name=text]', 'there is no such thing')
    await page.waitForFunction(() => location.hash.includes('text='))
    expect(await page.isVisible('#nothing')).toBe(true)
    await page.click('#nothing button')
    await page.waitForFunction(() => location.hash === '')
    expect(await page.isVisible('#nothing')).toBe(false)
    expect(await visible(page)).toBe(7)
  })
  it('prints what the filters leave, and which they are', async () => {
    const { page } = await open(file(full, '#findings?severity=low'))
    await page.emulateMedia({ media: 'print' })
    expect(await page.innerText('#said')).toBe('Filtered: 1 of 7 findings are shown (severity low).')
    expect(await visible(page)).toBe(1)
  })
  it('filters rows of a long table, under a head that stays', async () => {
    const { page } = await open(file(rows))
    const shown = () => page.$$eval('#mfa tbody tr', (all) => all.filter((each) => each.checkVisibility()).length)
    expect(await shown()).toBe(500)
    await page.fill('#mfa .rows input', 'bo-1')
    expect(await page.textContent('#mfa .rows [role=status]')).toBe(`${await shown()} of 500 rows`)
    expect(await shown()).toBeLessThan(500)
    expect(await shown()).toBeGreaterThan(0)
  })
  it('keeps bars and graphs where the system sets the colours', async () => {
    const { page } = await open(file(full), { forcedColors: 'active' })
    const fills = await page.$$eval('.bar rect', (all) => new Set(all.map((each) => getComputedStyle(each).fill)).size)
    expect(fills).toBeGreaterThan(1)
    const colours = await page.$eval('.graph.wide', (svg) =>
      ['.node', '.graph .title', '.edge'].map((part) => {
        const { fill, stroke } = getComputedStyle(svg.querySelector(part) ?? svg)
        return part === '.edge' ? stroke : fill
      }),
    )
    expect(colours[0]).not.toBe(colours[1])
    expect(colours[0]).not.toBe(colours[2])
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
    for (let i = 0; i < 120 && !seen.has('summary'); i++) {
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
    expect([...seen]).toEqual(
      expect.arrayContaining(['severity', 'text', 'area', 'rule', 'target', 'state', 'summary']),
    )
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
    // Nothing of what was not seen is left out, nor the rules that it bears on.
    const folded = page.locator('#unseen details:not([open])')
    expect(await folded.count()).toBeGreaterThan(0)
    for (const each of await folded.locator('> :not(summary)').all()) expect(await each.isVisible()).toBe(true)
    // Facts would make a page of each finding.
    expect(await page.locator('#findings .fact').first().isVisible()).toBe(false)
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
