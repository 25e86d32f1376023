// Search, filter of rule lists, choice of colours. Nothing is loaded from elsewhere, and the index only when it is needed.
const root = document.currentScript.dataset.root
const load = (name) =>
  new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement('script'), {
      src: `${root}assets/${name}`,
      onload: resolve,
      onerror: reject,
    })
    document.head.append(script)
  })

offerTheme()
offerSearch()
offerFilter()
// Where one is in a long list.
document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'center' })

function offerTheme() {
  const button = document.querySelector('button.theme')
  const shown = () =>
    document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
  const name = () => {
    button.textContent = shown() === 'dark' ? 'Light' : 'Dark'
    button.setAttribute('aria-label', `${button.textContent} colours`)
  }
  button.hidden = false
  name()
  button.addEventListener('click', () => {
    const theme = shown() === 'dark' ? 'light' : 'dark'
    document.documentElement.dataset.theme = theme
    try {
      localStorage.setItem('theme', theme)
    } catch {
      // Storage is switched off: the choice holds for this page.
    }
    name()
  })
}

function offerSearch() {
  const form = document.querySelector('form.search')
  const input = form.querySelector('input')
  const panel = form.querySelector('.results')
  const list = panel.querySelector('ol')
  const status = panel.querySelector('[role=status]')
  let index
  form.hidden = false

  const prepare = () => {
    index ??= Promise.all([load('minisearch.js'), load('search-entries.js')]).then(() => {
      const entries = globalThis.searchEntries.map((entry, id) => ({ id, ...entry }))
      const search = new MiniSearch({
        fields: ['t', 'p', 'x'],
        tokenize: (text) => text.split(/[^\p{L}\p{N}]+/u).filter(Boolean),
        searchOptions: {
          boost: { t: 4, p: 3 },
          prefix: true,
          fuzzy: (term) => (term.length > 4 ? 0.2 : false),
          combineWith: 'AND',
          // The catalogue of facts is for authors of rules: it comes after what everybody reads.
          boostDocument: (id) => (entries[id].u.startsWith('facts.html') ? 0.2 : 1),
        },
      })
      search.addAll(entries)
      return { entries, search }
    })
    return index
  }

  const show = async () => {
    const query = input.value.trim()
    panel.hidden = query === ''
    if (query === '') return
    let found
    try {
      const { entries, search } = await prepare()
      found = search
        .search(query)
        .slice(0, 20)
        .map(({ id, terms }) => ({ ...entries[id], terms }))
    } catch {
      status.textContent = 'The search index could not be loaded.'
      return
    }
    if (query !== input.value.trim()) return
    status.textContent =
      found.length === 0
        ? `Nothing found for “${query}”.`
        : `${found.length === 20 ? 'The best 20' : found.length} results`
    list.replaceChildren(...found.map(result))
  }

  const result = ({ u, t, p, x, terms }) => {
    const link = Object.assign(document.createElement('a'), { href: root + u })
    const add = (name, text) => text && link.append(Object.assign(document.createElement(name), { textContent: text }))
    add('b', t)
    add('small', p)
    add('span', excerpt(x, terms))
    const row = document.createElement('li')
    row.append(link)
    return row
  }

  /** The words around the first hit. */
  const excerpt = (text, terms) => {
    const lower = text.toLowerCase()
    const at = Math.min(...terms.map((term) => lower.indexOf(term)).map((place) => (place === -1 ? Infinity : place)))
    const from = at === Infinity || at < 60 ? 0 : text.lastIndexOf(' ', at - 40) + 1
    return (from > 0 ? '… ' : '') + text.slice(from, from + 140) + (text.length > from + 140 ? ' …' : '')
  }

  input.addEventListener('focus', prepare)
  input.addEventListener('input', show)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    list.querySelector('a')?.click()
  })
  form.addEventListener('keydown', (event) => {
    const links = [...list.querySelectorAll('a')]
    const at = links.indexOf(document.activeElement)
    if (event.key === 'Escape') {
      panel.hidden = true
      input.focus()
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      const next = at + (event.key === 'ArrowDown' ? 1 : -1)
      ;(links[next] ?? input).focus()
    }
  })
  form.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget && !form.contains(relatedTarget)) panel.hidden = true
  })
  document.addEventListener('click', ({ target }) => {
    if (!form.contains(target)) panel.hidden = true
  })
  document.addEventListener('keydown', (event) => {
    const typing = /^(?:INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '')
    if ((event.key === '/' && !typing) || (event.key === 'k' && (event.ctrlKey || event.metaKey))) {
      event.preventDefault()
      input.focus()
      input.select()
    }
  })
}

function offerFilter() {
  const article = document.querySelector('article[data-filter]')
  if (!article) return
  const rows = [...article.querySelectorAll('tbody tr')].filter((row) => row.querySelector('.severity'))
  if (rows.length < 5) return
  const form = document.createElement('form')
  form.className = 'filter'
  form.innerHTML = `<label>Filter <input type="search" placeholder="word or rule" spellcheck="false"></label>
<label>Severity <select><option value="">any</option><option>critical</option><option>high</option><option>medium</option><option>low</option><option>info</option></select></label>
<span role="status"></span>`
  const [input, select, status] = [
    form.querySelector('input'),
    form.querySelector('select'),
    form.querySelector('[role=status]'),
  ]
  const apply = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean)
    let left = 0
    for (const row of rows) {
      const fits =
        words.every((word) => row.textContent.toLowerCase().includes(word)) &&
        (select.value === '' || row.querySelector('.severity').textContent === select.value)
      row.hidden = !fits
      if (fits) left++
    }
    for (const table of article.querySelectorAll('.table')) {
      if (!rows.some((row) => table.contains(row))) continue
      const empty = !table.querySelector('tbody tr:not([hidden])')
      table.hidden = empty
      if (table.previousElementSibling?.tagName === 'H2') table.previousElementSibling.hidden = empty
    }
    status.textContent = `${left} of the ${rows.length} rules on this page`
  }
  form.addEventListener('input', apply)
  form.addEventListener('submit', (event) => event.preventDefault())
  const first = rows[0].closest('.table')
  const heading = first.previousElementSibling?.tagName === 'H2' ? first.previousElementSibling : first
  heading.before(form)
  apply()
}
