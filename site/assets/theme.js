// Runs before the page is drawn, so that the colours that were chosen do not flash.
try {
  const theme = localStorage.getItem('theme')
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme
} catch {
  // Storage is switched off: the colours follow the system.
}
