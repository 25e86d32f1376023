import stringWidth from 'string-width'

type Theme = 'light' | 'dark'

/** Colours of the two themes: sixteen of ANSI (those that are used), dimmed text, ground. Contrast is 4.5:1 at least. */
const COLOURS: Readonly<Record<Theme, Readonly<Record<string, string>>>> = {
  light: {
    ground: '#fbfcfd',
    line: '#d8dee2',
    ink: '#1c2529',
    dim: '#5a676e',
    red: '#b3123c',
    green: '#0a6b3f',
    yellow: '#775900',
    blue: '#1a5c8a',
    magenta: '#9c1f6e',
    cyan: '#0b5c6b',
  },
  dark: {
    ground: '#12181b',
    line: '#344148',
    ink: '#e3e9ec',
    dim: '#93a2aa',
    red: '#ff8fa6',
    green: '#86d6a8',
    yellow: '#e8c65a',
    blue: '#82c4f5',
    magenta: '#f29bc0',
    cyan: '#6fcadb',
  },
}
const NAMES = ['ink', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'ink']

/** Width of a character and height of a line, in px at 14 px. */
const CELL = 8.43
const LINE = 20
const MARGIN = 18

interface Style {
  bold: boolean
  dim: boolean
  colour: string
}

/**
 * What a terminal shows, as a picture: text with ANSI colours (SGR) → SVG. Text stays text, and is laid on the grid whatever
 * font the reader has.
 */
export function terminalSvg(
  lines: readonly string[],
  { title, theme, columns }: { readonly title: string; readonly theme: Theme; readonly columns: number },
): string {
  const colours = COLOURS[theme]
  // A long address is not broken: it sticks out of the terminal's width.
  const longest = Math.max(columns, ...lines.map((line) => stringWidth(line.replace(/\u001b\[[\d;]*m/g, ''))))
  const width = Math.ceil(longest * CELL + 2 * MARGIN)
  const height = lines.length * LINE + 2 * MARGIN
  const style: Style = { bold: false, dim: false, colour: 'ink' }
  const rows = lines.flatMap((line, row) => spans(line, style, colours, MARGIN + (row + 0.72) * LINE))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}">
<title>${escapeXml(title)}</title>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${colours.ground}" stroke="${colours.line}"/>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" xml:space="preserve">
${rows.join('\n')}
</g>
</svg>
`
}

/** The pieces of a line that look alike; `style` goes on from line to line. */
function spans(line: string, style: Style, colours: Readonly<Record<string, string>>, y: number): string[] {
  const out: string[] = []
  let column = 0
  for (const piece of line.split(/(\u001b\[[\d;]*m)/)) {
    const codes = /^\u001b\[([\d;]*)m$/.exec(piece)?.[1]
    if (codes !== undefined) {
      for (const code of codes.split(';')) apply(Number(code), style)
      continue
    }
    const lead = piece.length - piece.trimStart().length
    const text = piece.trim()
    if (text !== '') {
      const at = MARGIN + (column + lead) * CELL
      const fill = style.dim && style.colour === 'ink' ? colours.dim : colours[style.colour]
      out.push(
        `<text x="${round(at)}" y="${round(y)}" fill="${fill}"${style.bold ? ' font-weight="700"' : ''} textLength="${round(stringWidth(text) * CELL)}" lengthAdjust="spacingAndGlyphs">${escapeXml(text)}</text>`,
      )
    }
    column += stringWidth(piece)
  }
  return out
}

/** Select Graphic Rendition, ECMA-48 8.3.117: what the reports use of it. */
function apply(code: number, style: Style): void {
  if (code === 0) Object.assign(style, { bold: false, dim: false, colour: 'ink' })
  else if (code === 1) style.bold = true
  else if (code === 2) style.dim = true
  else if (code === 22) Object.assign(style, { bold: false, dim: false })
  else if (code === 39) style.colour = 'ink'
  else if (code === 90) style.colour = 'dim'
  else if ((code >= 30 && code <= 37) || (code >= 91 && code <= 97)) style.colour = NAMES[code % 10] ?? 'ink'
}

function round(number: number): number {
  return Math.round(number * 100) / 100
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
