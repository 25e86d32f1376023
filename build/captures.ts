import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { terminalSvg } from './terminal-svg.ts'

/** A picture of what the terminal shows: a command, and which of its lines. */
interface Picture {
  readonly name: string
  readonly title: string
  readonly command: string
  readonly columns: number
  /** First line that is shown, and the line before which it ends; both must be there. */
  readonly from: RegExp
  readonly to: RegExp
}

const PICTURES: readonly Picture[] = [
  {
    name: 'chain',
    title: 'zt-audit joins a leaked key, its user, administrator rights and missing MFA into one critical finding',
    command: 'zt-audit demo',
    columns: 86,
    from: /^\s*\$ zt-audit \. --aws/,
    to: /^─{20}/,
  },
]

const COLUMNS = 90

/** A block of a document that holds what a command prints: `<!-- run: zt-audit … -->`, code, `<!-- /run -->`. */
const BLOCK = /<!-- run: (zt-audit [^\n]*?) -->[\s\S]*?<!-- \/run -->/g

/** Every document with captures and every picture, as they must be: path → text. Runs the program that `dist/` holds. */
export function renderCaptures(): Map<string, string> {
  const pages = new Map<string, string>()
  const documents = readdirSync('docs').filter((name) => name.endsWith('.md'))
  for (const file of ['README.md', 'CONTRIBUTING.md', ...documents.map((name) => join('docs', name))]) {
    const text = readFileSync(file, 'utf8')
    const captured = text.replace(BLOCK, (_all, command: string) => {
      const output = capture(command, { columns: COLUMNS, colour: false })
      return `<!-- run: ${command} -->\n\n\`\`\`console\n$ ${command}\n${output}\n\`\`\`\n\n<!-- /run -->`
    })
    if (text.includes('<!-- run:')) pages.set(file, captured)
  }
  for (const picture of PICTURES) {
    const lines = cut(capture(picture.command, { columns: picture.columns, colour: true }).split('\n'), picture)
    for (const theme of ['light', 'dark'] as const)
      pages.set(`docs/images/${picture.name}-${theme}.svg`, terminalSvg(lines, { ...picture, theme }))
  }
  return pages
}

/**
 * What a command prints, without what differs from run to run.
 * @throws {Error} if it fails
 */
function capture(command: string, { columns, colour }: { readonly columns: number; readonly colour: boolean }): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [resolve('bin/zt-audit.js'), ...command.split(' ').slice(1)],
    {
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        TMPDIR: process.env.TMPDIR,
        COLUMNS: String(columns),
        ...(colour ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
      },
    },
  )
  if (status === null || status > 1) throw new Error(`${command} ended with ${status}: ${stderr}`)
  return steady(stdout).trimEnd()
}

/** Names that are drawn anew in each run are replaced by others of the same length, so that no line breaks elsewhere. */
function steady(text: string): string {
  return text
    .replace(/\bAKIA[A-Z2-7]{16}\b/g, `AKIA${'*'.repeat(16)}`)
    .replace(/(zt-audit-demo-)\w{6}/g, '$1000000')
    .replace(/(127\.0\.0\.1:)\d{4,5}/g, '$1…')
}

function cut(lines: readonly string[], { name, from, to }: Picture): string[] {
  const bare = lines.map((line) => line.replace(/\u001b\[[\d;]*m/g, ''))
  const start = bare.findIndex((line) => from.test(line))
  const end = bare.findIndex((line) => to.test(line))
  if (start === -1 || end <= start) throw new Error(`picture ${name}: the lines that it shows are gone`)
  const shown = lines.slice(start, end)
  while (shown.at(-1)?.trim() === '') shown.pop()
  shown[0] = shown[0]?.trimStart() ?? ''
  // Two empty lines in a row are the program's own, but a picture has no room for them.
  return shown.filter((line, index) => line.trim() !== '' || shown[index - 1]?.trim() !== '')
}
