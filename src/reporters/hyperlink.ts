import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Location } from '../model.ts'
import { DOCUMENTATION } from './links.ts'
import { fileOf } from './place.ts'

/**
 * Links of terminals (OSC 8, https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda): what is shown stays as it is, a click
 * opens what it speaks of.
 */
export interface Hyperlinks {
  /** A place, linked to its file. */
  readonly place: (shown: string, at: Location) => string
  /** The id of a rule, linked to its page. */
  readonly rule: (shown: string, id: string) => string
  readonly url: (shown: string) => string
}

/** For terminals without links, files and pipes. */
export const NO_LINKS: Hyperlinks = { place: (shown) => shown, rule: (shown) => shown, url: (shown) => shown }

/** @param root The folder that was audited; places in other repositories are named from there. */
export function hyperlinks(root: string): Hyperlinks {
  return {
    place: (shown, at) => {
      const file = fileOf(at)
      // What is only in a commit is not in the folder.
      if (!file || file.commit !== undefined) return shown
      const url = pathToFileURL(resolve(root, file.repository ?? '', file.file))
      // Terminals on other machines must not open a file of the same name there.
      url.hostname = hostname()
      if (file.line !== undefined) url.hash = String(file.line)
      return link(shown, url.href)
    },
    rule: (shown, id) => link(shown, `${DOCUMENTATION}/blob/main/docs/rules/${id}.md`),
    url: (shown) => (/^https?:\/\//.test(shown) ? link(shown, shown) : shown),
  }
}

/** Nothing but printable ASCII goes into the sequence, or text of the audited tree could end it and begin another. */
function link(shown: string, url: string): string {
  const safe = url.replace(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character))
  return `\x1b]8;;${safe}\x07${shown}\x1b]8;;\x07`
}
