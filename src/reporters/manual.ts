import type { ChalkInstance } from 'chalk'
import type { Layout } from './layout.ts'

/** A line of an example: what goes, what comes, what stays. */
export interface ExampleLine {
  readonly mark: '-' | '+' | ' '
  readonly text: string
}
/** A rule as a page of a manual, in people's words; no value of a secret is in it. */
export interface Manual {
  readonly id: string
  readonly title: string
  readonly severity: string
  /** When it is another one: the severity, and a case or the condition. */
  readonly severities: readonly { readonly severity: string; readonly when: string }[]
  readonly confidence: string
  readonly pillar: string
  readonly capabilities: readonly string[]
  readonly description: string
  /** What was tried and fires. */
  readonly fires: readonly string[]
  readonly silent: readonly { readonly what: string; readonly because: string }[]
  readonly undetermined: readonly string[]
  /** Files, or, with `command`, one answer without a path. */
  readonly example?: {
    readonly command?: string
    /** The text is a test of the rule, mended by a program. */
    readonly isDerived: boolean
    readonly files: readonly { readonly path: string; readonly lines: readonly ExampleLine[] }[]
  }
  /** Sentences, in the order in which they are to be done. */
  readonly fix: readonly string[]
  readonly credential?: { readonly opens: string; readonly holds: string; readonly revoke: string }
  readonly looksAt: readonly {
    readonly fact: string
    readonly meaning: string
    readonly role: 'match' | 'unless' | 'context'
    /** CEL, as the rule has it. */
    readonly where?: string
  }[]
  readonly controls: readonly string[]
  readonly references: readonly string[]
  readonly related: readonly { readonly id: string; readonly title: string; readonly severity: string }[]
}

export const NO_FILE = 'No file shows this. Asked for is, or is set:'
export const UNSEEN =
  'What was denied, could not be read or is known at run time only is listed as undetermined: neither a finding nor a pass.'

/** What is read under an example; where the value is only taken out, where it goes. */
export function captionOf({ files, command }: NonNullable<Manual['example']>): string {
  const isMended = files.some(({ lines }) => lines.some(({ mark }) => mark === '+'))
  if (isMended || command !== undefined) return '- before, + after'
  return '- before; afterwards it stands in a secret store, and the program is given it when it runs'
}

/** The page for a terminal, set to a width. */
export function renderManual(manual: Manual, page: Layout, chalk: ChalkInstance): string {
  const sections: [heading: string, lines: string[]][] = [
    ['Name', [page.wrap(`${chalk.bold(manual.id)} - ${manual.title}`, 2)]],
    ['Weight', weight(manual, page)],
    ['Why it matters', [page.wrap(manual.description, 2)]],
    ['Before and after', example(manual, page, chalk)],
    ['How to fix it', steps(manual.fix, page)],
    [
      'The credential',
      manual.credential
        ? [
            page.item('-', `opens ${manual.credential.opens}`),
            page.item('-', `holds ${manual.credential.holds}`),
            `  - how to revoke it: ${manual.credential.revoke}`,
          ]
        : [],
    ],
    ['Fires on', manual.fires.map((text) => page.item('-', text))],
    ['Is silent on', manual.silent.map((each) => page.item('-', whySilent(each)))],
    ['Is undetermined on', [...manual.undetermined.map((text) => page.item('-', text)), page.wrap(UNSEEN, 2)]],
    [
      'Looks at',
      manual.looksAt.map(({ fact, meaning, role }) => page.item('-', `${ROLES[role]}${meaning} ${chalk.dim(fact)}`)),
    ],
    ['To accept it, or leave it out', accept(manual, page)],
    ['Controls', manual.controls.map((control) => `  ${control}`)],
    ['References', manual.references.map((url) => `  ${url}`)],
    ['See also', manual.related.map(({ id, title }) => page.item('-', `${id}: ${title}`))],
  ]
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([heading, lines]) => `${chalk.bold(heading.toUpperCase())}\n${lines.join('\n')}\n`)
    .join('\n')
}

/** `silent (the branch is protected)` says its reason only once, and no more than it. */
export function whySilent({ what, because }: Manual['silent'][number]): string {
  return what === 'silent' || what === because ? because : `${what} (${because})`
}

export const ROLES = { match: '', unless: 'silent if there is: ', context: 'for weight and words: ' } as const

function weight(manual: Manual, page: Layout): string[] {
  const line = `severity ${manual.severity}, confidence ${manual.confidence}, pillar ${[manual.pillar, ...manual.capabilities].join(' and ')}`
  return [page.wrap(line, 2), ...manual.severities.map(({ severity, when }) => page.item('-', `${severity}: ${when}`))]
}

function example({ example: shown }: Manual, page: Layout, chalk: ChalkInstance): string[] {
  if (!shown) return []
  const paint = { '-': chalk.red, '+': chalk.green, ' ': chalk.dim }
  const out = shown.command === undefined ? [] : [page.wrap(NO_FILE, 2), page.wrap(shown.command, 4)]
  for (const { path, lines } of shown.files) {
    if (path !== '') out.push(`  ${chalk.underline(path)}`)
    // Code is not wrapped: a broken line is other code. What is longer than the screen, the terminal breaks.
    out.push(...lines.map(({ mark, text }) => `    ${paint[mark](`${mark} ${text}`.trimEnd())}`))
  }
  return [...out, chalk.dim(page.wrap(`(${captionOf(shown)})`, 2))]
}

function steps(fix: readonly string[], page: Layout): string[] {
  return fix.length === 1 ? [page.wrap(fix[0] ?? '', 2)] : fix.map((text, i) => page.item(`${i + 1}.`, text))
}

function accept({ id, confidence }: Manual, page: Layout): string[] {
  return [
    page.item('-', 'in the line or the one above it, with a reason and an end:'),
    `      # zt-audit: ignore ${id} until YYYY-MM-DD -- why`,
    page.item('-', 'for many places: suppressions in zt-audit.yaml (rule, path, reason, expires)'),
    page.item('-', 'in one run, all of it:'),
    `      zt-audit --skip ${id}`,
    ...(confidence.startsWith('low') ? [page.item('-', 'it shows with --min-confidence low only')] : []),
  ]
}
