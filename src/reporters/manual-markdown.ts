import { captionOf, type Manual, NO_FILE, ROLES, UNSEEN, whySilent } from './manual.ts'

/** Where the pages of rules and the catalogue of facts stand, seen from this page. */
export interface ManualLinks {
  /** `../` per folder; undefined: nothing is linked. */
  readonly root: string | undefined
}

/** The page as Markdown that GitHub renders; anchors are those of its headings. */
export function renderManualMarkdown(manual: Manual, { root }: ManualLinks): string {
  const link = (text: string, target: string) => (root === undefined ? text : `[${text}](${root}${target})`)
  const list = (items: readonly string[]) => items.map((item) => `- ${item}`).join('\n')
  const sections: [heading: string, text: string][] = [
    ['Why it matters', manual.description],
    ['Before and after', example(manual)],
    [
      'How to fix it',
      manual.fix.length === 1 ? (manual.fix[0] ?? '') : manual.fix.map((text, i) => `${i + 1}. ${text}`).join('\n'),
    ],
    [
      'The credential',
      manual.credential
        ? list([
            `Opens ${manual.credential.opens}.`,
            `Holds ${manual.credential.holds}.`,
            `[How to revoke it](${manual.credential.revoke})`,
          ])
        : '',
    ],
    ['Fires on', list(manual.fires)],
    ['Is silent on', list(manual.silent.map(whySilent))],
    ['Is undetermined on', [list(manual.undetermined), UNSEEN].filter(Boolean).join('\n\n')],
    [
      'Looks at',
      list(
        manual.looksAt.map(
          ({ fact, meaning, role, where }) =>
            `${ROLES[role]}${link(fact, `facts.md#${fact.replace('.', '')}`)}: ${meaning}${where ? ` Where \`${where}\`.` : ''}`,
        ),
      ),
    ],
    [
      'To accept it',
      `In the line or the one above it, a comment with a reason and an end: \`zt-audit: ignore RULE until YYYY-MM-DD -- why\` (RULE is \`${manual.id}\`). For many places: \`suppressions\` in \`zt-audit.yaml\` (rule, path, reason, expires).`,
    ],
    ['References', list(manual.references.map((url) => `<${url}>`))],
    ['See also', list(manual.related.map(({ id, title }) => `${link(id, `rules/${id}.md`)}: ${title}`))],
  ]
  return `# ${manual.title}

${head(manual)}

${sections
  .filter(([, text]) => text !== '')
  .map(([heading, text]) => `## ${heading}\n\n${text}\n`)
  .join('\n')}`
}

function head(manual: Manual): string {
  const severities = manual.severities.map(({ severity, when }) => `; ${severity}: ${when}`).join('')
  const rows = [
    ['rule', `\`${manual.id}\``],
    ['severity', `${manual.severity}${severities}`],
    ['confidence', manual.confidence],
    ['pillar', [manual.pillar, ...manual.capabilities].join('; ')],
    ['controls', manual.controls.join(', ')],
  ]
  return `| | |\n|---|---|\n${rows
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `| ${name} | ${value?.replaceAll('|', '\\|')} |`)
    .join('\n')}`
}

function example({ example: shown }: Manual): string {
  if (!shown) return ''
  const blocks = shown.files.map(({ path, lines }) => {
    const title = path === '' ? '' : `\`${path}\`\n\n`
    return `${title}\`\`\`diff\n${lines.map(({ mark, text }) => `${mark} ${text}`.trimEnd()).join('\n')}\n\`\`\``
  })
  const command = shown.command === undefined ? [] : [`${NO_FILE}\n\n\`${shown.command}\``]
  return [...command, ...blocks, `(${captionOf(shown)})`].join('\n\n')
}
