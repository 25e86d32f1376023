// The program of the page: it filters findings and keeps the filters in the address; it filters rows of long tables. All that it filters
// is there without it.
for (const field of document.querySelectorAll('.rows')) {
  const rows = [...field.nextElementSibling.querySelectorAll('tbody tr')]
  const status = field.querySelector('[role=status]')
  field.hidden = false
  field.addEventListener('input', ({ target }) => {
    const words = target.value.toLowerCase().split(/\s+/).filter(Boolean)
    let kept = 0
    for (const row of rows) {
      const text = row.textContent.toLowerCase()
      row.hidden = !words.every((word) => text.includes(word))
      if (!row.hidden) kept++
    }
    status.textContent = words.length === 0 ? '' : `${kept} of ${rows.length} rows`
  })
}
;(() => {
  const form = document.getElementById('filters')
  const list = document.getElementById('findings')
  const shown = document.getElementById('shown')
  const nothing = document.getElementById('nothing')
  const said = document.getElementById('said')
  const toggle = document.getElementById('toggle')
  // More would take long to lay out, and nobody reads them in one go.
  const MOST_OPENED = 200
  const FIELDS = ['area', 'rule', 'target', 'state', 'text']

  // Without a finding there is nothing to filter; links to places still work by themselves.
  if (!form || !list || !shown || !toggle || !nothing || !said) return

  /** `#PLACE?severity=high,low&text=key`: a place on the page, then the filters. */
  const readAddress = () => {
    const [place = '', query = ''] = location.hash.slice(1).split(/\?(.*)/s)
    return { place: decode(place), filters: new URLSearchParams(query) }
  }

  const decode = (text) => {
    try {
      return decodeURIComponent(text)
    } catch {
      return text
    }
  }

  /** As people would write it: what stands between names and ids needs no escape behind the `#`. */
  const queryOf = (filters) => filters.toString().replace(/%2F|%2C|%3A/g, decodeURIComponent)

  const readForm = () => {
    const data = new FormData(form)
    const filters = new URLSearchParams()
    const severities = data.getAll('severity')
    if (severities.length > 0) filters.set('severity', severities.join(','))
    for (const name of FIELDS) {
      const value = String(data.get(name) ?? '').trim()
      if (value !== '') filters.set(name, value)
    }
    return filters
  }

  const fillForm = (filters) => {
    const severities = (filters.get('severity') ?? '').split(',')
    for (const box of form.querySelectorAll('input[name=severity]')) box.checked = severities.includes(box.value)
    for (const name of FIELDS) {
      const field = form.elements.namedItem(name)
      if (!field) continue
      field.value = filters.get(name) ?? ''
      // A choice that this report does not have.
      if (field.value === '' && field.options) field.selectedIndex = 0
    }
  }

  /** Each choice can be taken back by the browser's own button; a word that is typed is one choice. */
  const writeAddress = (filters, typing) => {
    const query = queryOf(filters)
    const address = query === '' ? location.pathname + location.search : `#findings?${query}`
    if (query === readAddress().filters.toString()) return
    // From a file, some browsers refuse to change the address.
    try {
      if (typing && history.state?.typing) history.replaceState({ typing }, '', address)
      else history.pushState({ typing }, '', address)
    } catch {}
    place = query === '' ? '' : 'findings'
  }

  /** What findings are filtered by, read when there is time, or when it is first asked for. */
  let read
  const findings = () => {
    if (read) return read
    const rules = Array.from(list.querySelectorAll('.rule'), (element) => ({
      element,
      id: element.dataset.rule,
      title: element.querySelector('h4'),
      number: element.querySelector('h4 .n'),
      group: element.parentElement,
      kept: 0,
    }))
    const items = rules.flatMap((rule) =>
      Array.from(rule.element.querySelectorAll('li[data-severity]'), (element) => ({
        element,
        rule,
        severity: element.getAttribute('data-severity'),
        area: element.getAttribute('data-area'),
        target: element.getAttribute('data-target'),
        state: element.getAttribute('data-state'),
        news: element.hasAttribute('data-news'),
        keep: true,
        text: undefined,
      })),
    )
    const groups = new Map(rules.map(({ group }) => [group, { number: group.querySelector('.n'), kept: 0 }]))
    const open = items.filter(({ state }) => state === 'open').length
    read = { rules, items, groups, open }
    return read
  }
  const chips = Array.from(form.querySelectorAll('.chip'), (element) => ({
    severity: element.querySelector('input').value,
    number: element.querySelector('.n'),
  }))

  const textOf = (item) => {
    item.rule.text ??= item.rule.title.textContent
    item.text ??= `${item.element.querySelector('summary').textContent} ${item.rule.text}`.toLowerCase()
    return item.text
  }

  const readAhead = (from) => {
    const { items } = findings()
    const until = performance.now() + 8
    let i = from
    while (i < items.length && (i % 50 > 0 || performance.now() < until)) textOf(items[i++])
    if (i < items.length) whenIdle(() => readAhead(i))
  }
  const whenIdle = (then) => (window.requestIdleCallback ? requestIdleCallback(then) : setTimeout(then, 50))

  /** All but the severity, of which each choice tells how many it would show. */
  const predicate = (filters) => {
    const words = (filters.get('text') ?? '').toLowerCase().split(/\s+/).filter(Boolean)
    const state = filters.get('state') || 'open'
    const area = filters.get('area')
    const rule = filters.get('rule')
    const target = filters.get('target')
    return (item) =>
      (state === 'all' || (state === 'news' ? item.news : item.state === state)) &&
      (!area || item.area === area) &&
      (!rule || item.rule.id === rule) &&
      (!target || item.target === target) &&
      words.every((word) => textOf(item).includes(word))
  }

  /** Hides and shows; all is read before anything is written, so that the page is laid out once. */
  const apply = (filters) => {
    const { rules, items, groups, open } = findings()
    const matches = predicate(filters)
    const severities = filters.get('severity')?.split(',')
    const bySeverity = {}
    const changed = []
    let kept = 0
    let accepted = 0
    for (const rule of rules) rule.kept = 0
    for (const group of groups.values()) group.kept = 0
    for (const item of items) {
      const match = matches(item)
      if (match) bySeverity[item.severity] = (bySeverity[item.severity] ?? 0) + 1
      const keep = match && (!severities || severities.includes(item.severity))
      if (keep) {
        kept++
        item.rule.kept++
        groups.get(item.rule.group).kept++
        if (item.state !== 'open') accepted++
      }
      if (item.keep !== keep) changed.push(item)
      item.keep = keep
    }
    for (const { element, keep } of changed) element.hidden = !keep
    for (const { element, number, kept } of rules) {
      element.hidden = kept === 0
      if (number && kept > 0) setText(number, String(kept))
    }
    for (const [element, { number, kept }] of groups) {
      element.hidden = kept === 0
      setText(number, String(kept))
    }
    for (const { severity, number } of chips) setText(number, String(bySeverity[severity] ?? 0))
    const of = accepted > 0 ? items.length : open
    setText(shown, kept === of ? `All ${of} shown` : `${kept} of ${of} shown`)
    nothing.hidden = kept > 0 || filters.size === 0
    setText(
      said,
      `Filtered: ${kept} of ${of} findings are shown (${[...filters].map((pair) => pair.join(' ')).join('; ')}).`,
    )
    form.classList.toggle('active', filters.size > 0)
    said.hidden = filters.size === 0
    toggle.setAttribute('aria-pressed', 'false')
    setText(toggle, kept > MOST_OPENED ? `Open the first ${MOST_OPENED}` : 'Open all')
  }

  const setText = (element, text) => {
    if (element.textContent !== text) element.textContent = text
  }

  /** Opens what is linked to, and whatever it stands in. */
  const reveal = (id) => {
    const target = id === '' ? null : document.getElementById(id)
    if (!target) return
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === 'DETAILS') at.open = true
      if (at.hidden) at.hidden = false
    }
    const details = target.matches('li[data-severity]') ? target.querySelector('details') : null
    if (details) details.open = true
    target.scrollIntoView({ block: 'start' })
    const focus = details?.querySelector('summary') ?? target
    if (focus.tabIndex < 0) focus.setAttribute('tabindex', '-1')
    focus.focus({ preventScroll: true })
  }

  let timer
  const refresh = (delay) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      const filters = readForm()
      writeAddress(filters, delay > 0)
      apply(filters)
    }, delay)
  }

  /** Where the address leads; filters alone move nobody about. */
  let place = ''
  const follow = () => {
    const address = readAddress()
    fillForm(address.filters)
    apply(readForm())
    if (address.place !== place) reveal(address.place)
    place = address.place
  }

  form.hidden = false
  const accepted = document.getElementById('accepted')
  if (accepted) accepted.hidden = true
  form.addEventListener('input', (event) => refresh(event.target.name === 'text' ? 80 : 0))
  form.addEventListener('reset', () => refresh(0))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    refresh(0)
  })
  toggle.addEventListener('click', () => {
    const opens = toggle.getAttribute('aria-pressed') !== 'true'
    const kept = findings().items.filter(({ keep }) => keep)
    for (const { element } of kept.slice(0, MOST_OPENED)) element.querySelector('details').open = opens
    toggle.setAttribute('aria-pressed', String(opens))
    setText(toggle, opens ? 'Close all' : kept.length > MOST_OPENED ? `Open the first ${MOST_OPENED}` : 'Open all')
  })
  // A link to a place keeps the filters; one that brings its own takes their place.
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href^="#"]')
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || link.classList.contains('skip')) return
    const [to, own] = link
      .getAttribute('href')
      .slice(1)
      .split(/\?(.*)/s)
    const query = own ?? queryOf(readForm())
    if (query === '') {
      // Twice to one place changes no address, and yet shall lead there.
      if (location.hash === `#${to}`) reveal(to)
      return
    }
    event.preventDefault()
    place = ''
    const hash = `#${to}?${query}`
    if (location.hash === hash) follow()
    else location.hash = hash
  })
  addEventListener('hashchange', follow)
  // Without filters all is there that is to be shown.
  if (location.hash !== '') follow()
  whenIdle(() => readAhead(0))
})()
