/** Bytes before a value in which its name is looked for. */
export const KEY_REACH = 120
const NAMED =
  /(?:^|[^\w.$-])["'`]?(--)?([A-Za-z_$][\w.$-]{0,80})["'`\]]{0,2}\s{0,20}(?::\s?[A-Za-z][\w.<>]{0,30}\s?=|:=|=>|==?|:|,|\s)\s{0,20}(?:[\w.]{1,30}\()?["'`\\]{0,4}(?:[A-Za-z]{4,8} |[\w+.-]{2,30}:\/\/[^\s"'@]{0,60})?$/

/** The name that a value is assigned to, from the text before it; empty if none can be told. Only for people to read. */
export function keyBefore(text: string): string {
  const before = text.slice(text.lastIndexOf('\n') + 1)
  // `Authorization: Bearer …` is a name with a scheme; a name that looks like a value itself is none.
  const name = NAMED.exec(before)?.[2] ?? ''
  return name.length > 60 || /^[A-Za-z0-9]{32,}$/.test(name) ? '' : name
}
