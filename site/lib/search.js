/**
 * What can be found: each section of a page, and each rule as a whole.
 * @param {{ url: string, content: string }[]} pages path from the root of the site, and HTML of the text
 * @returns {{ u: string, t: string, p: string, x: string }[]} address, title, title of the page or id of the rule, text
 */
export function searchEntries(pages) {
  return [...pages]
    .sort((a, b) => (a.url < b.url ? -1 : 1))
    .flatMap(({ url, content }) => {
      const title = text(/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(content)?.[1] ?? url)
      const rule = /^rules\/(?!.*index\.html)(.+)\.html$/.exec(url)?.[1]
      // Of a rule, reason and fix are what people look for; its tables and references are the same everywhere.
      if (rule !== undefined)
        return [
          {
            u: url,
            t: title,
            p: rule,
            x: text(
              content
                .split(/<h2[\s\S]*?<\/h2>/)
                .slice(1, 3)
                .join(' '),
            ).slice(0, 600),
          },
        ]
      if (url.startsWith('rules/')) return [{ u: url, t: title, p: 'Rules', x: '' }]
      const [intro = '', ...sections] = content.split(/(?=<h[23] )/)
      return [
        { u: url, t: title, p: '', x: text(intro.replace(/<h1[\s\S]*?<\/h1>/, '')) },
        ...sections.map((section) => ({
          u: `${url}#${/id="([^"]*)"/.exec(section)?.[1] ?? ''}`,
          t: text(/<h[23][^>]*>([\s\S]*?)<\/h[23]>/.exec(section)?.[1] ?? ''),
          p: title,
          x: text(section.replace(/<h[23][\s\S]*?<\/h[23]>/, '')),
        })),
      ]
    })
}

/** What a reader sees of HTML. */
export function text(html) {
  return html
    .replace(/<a class="anchor"[\s\S]*?<\/a>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim()
}
