/** At most `length` UTF-16 units, cut between characters, the cut shown. Audited text has no bound of its own. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text
  const end = length - 1
  const last = text.charCodeAt(end - 1)
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end)}…`
}

/** Without a full stop at its end, for what goes on. */
export function withoutStop(text: string): string {
  return text.trim().replace(/\.$/, '')
}
