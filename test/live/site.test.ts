import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { liveOrSkip, requireInstalled } from './servers/installed.ts'

declare const document: { readonly documentElement: { readonly scrollWidth: number } }

const SITE = resolve('site/dist')
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
}
const PHONE = { width: 390, height: 844 }
const DESKTOP = { width: 1360, height: 900 }

liveOrSkip('the documentation as a site, in Chromium', ['chromium'], () => {
  let browser: Browser
  let server: Server
  /** Below a path, as GitHub Pages serves it. */
  let base: string
  const problems: string[] = []

  beforeAll(async () => {
    execFileSync(process.execPath, ['build/docs-site.mjs'])
    server = createServer(({ url = '' }, response) => {
      const path = new URL(url, 'http://localhost').pathname
      try {
        if (!path.startsWith('/zt-audit/')) throw new Error('outside of the site')
        const file = join(SITE, path.slice('/zt-audit'.length).replace(/\/$/, '/index.html'))
        const body = readFileSync(file)
        response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(body)
      } catch {
        response.writeHead(404).end()
      }
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/zt-audit/`
    browser = await chromium.launch({ executablePath: requireInstalled('chromium'), args: ['--no-sandbox'] })
  }, 600_000)
  afterAll(async () => {
    await browser?.close()
    server?.close()
  })
  afterEach(() => {
    expect(problems.splice(0)).toEqual([])
  })

  /** A page that notes every error and every request to elsewhere. */
  async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await browser.newContext({ viewport: DESKTOP, ...options })).newPage()
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('request', (request) => request.url().startsWith(base) || problems.push(`request: ${request.url()}`))
    await page.goto(base + path)
    return page
  }

  const looks = ['light', 'dark'] as const
  const paths = [
    '',
    'ci.html',
    'facts.html',
    'rules/index.html',
    'rules/iam/full-admin.html',
    'rules/secrets/index.html',
  ]
  it.each(paths.flatMap((path) => looks.map((look) => [path || 'home', look, path] as const)))(
    '%s, %s: no fault that axe knows, no sideways scrolling',
    async (_name, colorScheme, path) => {
      for (const viewport of [PHONE, DESKTOP]) {
        const page = await open(path, { colorScheme, viewport })
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width)
        await page.evaluate(AXE)
        const { violations } = (await page.evaluate('axe.run(document)')) as { violations: { id: string }[] }
        expect(violations.map(({ id }) => id)).toEqual([])
        await page.context().close()
      }
    },
  )

  it('finds rules and sections, by keyboard alone', async () => {
    const page = await open('rules/iam/full-admin.html')
    await page.keyboard.press('/')
    await page.keyboard.type('unused permision')
    // What was typed so far has results, too.
    await expect
      .poll(() => page.locator('.results small').allTextContents())
      .toEqual(expect.arrayContaining(['iam/unused-permission', 'k8s/unused-permission']))
    await page.keyboard.press('ArrowDown')
    const chosen = await page.evaluate('document.activeElement.href')
    expect(chosen).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/.+\.html/)
    await page.keyboard.press('Enter')
    await page.waitForURL(String(chosen))
    await page.context().close()
  })

  it('finds one of hundreds of rules for credentials by a word and its severity', async () => {
    const page = await open('rules/secrets/index.html')
    await page.fill('.filter input', 'stripe')
    const shown = page.locator('tbody tr:visible')
    expect(await shown.count()).toBeGreaterThan(0)
    for (const text of await shown.allTextContents()) expect(text.toLowerCase()).toContain('stripe')
    await page.selectOption('.filter select', 'info')
    expect(await page.locator('.filter [role=status]').textContent()).toMatch(/^0 of the \d{3} rules on this page$/)
    await page.context().close()
  })

  it('keeps the colours that were chosen from page to page', async () => {
    const page = await open('', { colorScheme: 'light' })
    await page.click('button.theme')
    await page.goto(`${base}ci.html`)
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
    await page.context().close()
  })

  it('can be read and walked through without JavaScript', async () => {
    const page = await open('', { javaScriptEnabled: false, viewport: PHONE })
    expect(await page.locator('form.search').isVisible()).toBe(false)
    await page.click('a.menu')
    await page.click('nav a:has-text("Audit logs")')
    expect(await page.locator('h1').textContent()).toBe('Kubernetes audit logs')
    await page.context().close()
  })

  it('works from a disk, search included', async () => {
    const page = await browser.newPage()
    await page.goto(pathToFileURL(join(SITE, 'index.html')).href)
    await page.fill('#query', 'stripe')
    await page.waitForSelector('.results a')
    await page.close()
  })
})
