// The program of the page: it filters findings and keeps the filters in the address. All that it filters is there without it.
;(() => {
  const form = document.getElementById('filters')
  const list = document.getElementById('findings')
  const shown = document.getElementById('shown')
  const toggle = document.getElementById('toggle')
  // More would take long to lay out, and nobody reads them in one go.
  const MOST_OPENED = 200
  let items = []

  // Without a finding there is nothing to filter; links to places still work by themselves.
  if (!form || !list || !shown || !toggle) return

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

  const readForm = () => {
    const data = new FormData(form)
    const filters = new URLSearchParams()
    const severities = data.getAll('severity')
    if (severities.length > 0) filters.set('severity', severities.join(','))
    for (const name of ['area', 'target', 'state', 'text']) {
      const value = String(data.get(name) ?? '').trim()
      if (value !== '') filters.set(name, value)
    }
    return filters
  }

  const fillForm = (filters) => {
    const severities = (filters.get('severity') ?? '').split(',')
    for (const box of form.querySelectorAll('input[name=severity]')) box.checked = severities.includes(box.value)
    for (const name of ['area', 'target', 'state', 'text']) {
      const field = form.elements.namedItem(name)
      if (!field) continue
      field.value = filters.get(name) ?? ''
      // A choice that this report does not have.
      if (field.value === '' && field.options) field.selectedIndex = 0
    }
  }

  const writeAddress = (place, filters) => {
    const query = filters.toString()
    const hash = place + (query === '' ? '' : `?${query}`)
    // From a file, some browsers refuse to change the address.
    try {
      history.replaceState(null, '', hash === '' ? location.pathname + location.search : `#${hash}`)
    } catch {}
  }

  /** What a finding is filtered by; its text is read when it is first asked for. */
  const collect = () => {
    items = Array.from(list.querySelectorAll('li[data-severity]'), (element) => ({
      element,
      rule: element.closest('.rule'),
      group: element.closest('.group, .accepted'),
      ...element.dataset,
    }))
  }

  const textOf = (item) => {
    item.text ??=
      `${item.element.querySelector('summary').textContent} ${item.rule.querySelector('h4').textContent}`.toLowerCase()
    return item.text
  }

  const predicate = (filters) => {
    const severities = filters.get('severity')?.split(',')
    const words = (filters.get('text') ?? '').toLowerCase().split(/\s+/).filter(Boolean)
    const state = filters.get('state') ?? ''
    const area = filters.get('area')
    const target = filters.get('target')
    const inState = (item) =>
      state === 'all' || (state === 'news' ? item.news !== undefined : item.state === (state === '' ? 'open' : state))
    return (item) =>
      (!severities || severities.includes(item.severity)) &&
      (!area || item.area === area) &&
      (!target || item.target === target) &&
      inState(item) &&
      words.every((word) => textOf(item).includes(word))
  }

  /** Hides and shows; all is read before anything is written, so that the page is laid out once. */
  const apply = (filters) => {
    const keeps = predicate(filters)
    const counts = new Map()
    const changed = []
    let kept = 0
    let accepted = 0
    for (const item of items) {
      const keep = keeps(item)
      if (keep) kept++
      if (keep && item.state !== 'open') accepted++
      for (const block of [item.rule, item.group]) counts.set(block, (counts.get(block) ?? 0) + (keep ? 1 : 0))
      if (item.element.hidden === keep) changed.push([item.element, keep])
    }
    for (const [element, keep] of changed) element.hidden = !keep
    for (const [block, count] of counts) {
      if (block.hidden !== (count === 0)) block.hidden = count === 0
      const number = block.querySelector('.n')
      if (number && !(block.matches('.group, .accepted') && number.closest('.rule'))) setText(number, String(count))
    }
    const open = items.filter(({ state }) => state === 'open').length
    const of = accepted > 0 ? items.length : open
    setText(shown, kept === of ? `All ${of} shown` : `${kept} of ${of} shown`)
    form.classList.toggle('active', filters.size > 0)
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
      writeAddress(filters.size > 0 ? 'findings' : '', filters)
      apply(filters)
    }, delay)
  }

  const follow = () => {
    const { place, filters } = readAddress()
    fillForm(filters)
    apply(readForm())
    reveal(place)
  }

  collect()
  form.hidden = false
  form.addEventListener('input', (event) => refresh(event.target.name === 'text' ? 120 : 0))
  form.addEventListener('reset', () => refresh(0))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    refresh(0)
  })
  toggle.addEventListener('click', () => {
    const open = toggle.getAttribute('aria-pressed') !== 'true'
    const visible = items.filter(({ element }) => !element.hidden)
    for (const { element } of visible.slice(0, MOST_OPENED)) element.querySelector('details').open = open
    toggle.setAttribute('aria-pressed', String(open))
    setText(toggle, open ? 'Close all' : 'Open all')
  })
  // A link to a place keeps the filters; one that brings its own takes their place.
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href^="#"]')
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || link.classList.contains('skip')) return
    const hash = link.getAttribute('href').slice(1)
    const filters = readForm()
    if (filters.size === 0 || hash.includes('?')) return
    event.preventDefault()
    location.hash = `${hash}?${filters}`
  })
  addEventListener('hashchange', follow)
  follow()
})()
