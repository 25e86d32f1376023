import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** Style and program of the page. They are files of their own, which the build minifies and puts beside the bundle. */
export interface Assets {
  readonly style: string
  readonly script: string
}

let loaded: Promise<Assets> | undefined

export function loadAssets(): Promise<Assets> {
  loaded ??= Promise.all([read('page.css'), read('page.js')]).then(([style, script]) => ({ style, script }))
  return loaded
}

async function read(name: string): Promise<string> {
  // Both files lie beside this one, in src and in dist.
  const text = (await readFile(new URL(name, import.meta.url), 'utf8')).trim()
  if (/<\/(?:script|style)|<!--/i.test(text)) throw new Error(`${name} would end its own element`)
  return text
}

/** The source expression that lets exactly this text run. Source: https://www.w3.org/TR/CSP3/#external-hash */
export function cspHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

/** Nothing is loaded and nothing is sent; style and program are those of the page alone. */
export function contentSecurityPolicy({ style, script }: Assets): string {
  return [
    "default-src 'none'",
    `script-src ${cspHash(script)}`,
    `style-src ${cspHash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ')
}
