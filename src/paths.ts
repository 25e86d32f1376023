import { sep } from 'node:path'

/** Names of files as three operating systems have them. Inside, a path has slashes: that is how git, globs and reports write it. */

/** `..\other` → `../other`, where backslashes separate; Windows takes slashes as well. Elsewhere a backslash is a letter. */
export function withSlashes(path: string, separator: string = sep): string {
  return separator === '\\' ? path.replaceAll('\\', '/') : path
}

/** Whether a real path is a folder or lies below it; both as the operating system writes them. */
export function isBelow(path: string, folder: string, separator: string = sep): boolean {
  const [inner, outer] = [withSlashes(path, separator), withSlashes(folder, separator)]
  return inner === outer || inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`)
}

/**
 * Equal for names of one file: macOS has é in one letter or two (git and the disk need not agree), and there, as on Windows, the
 * letters' case makes no other file. Elsewhere these are different files, and none must be lost.
 */
export function nameKey(name: string, platform: NodeJS.Platform = process.platform): string {
  return platform === 'darwin' || platform === 'win32' ? name.normalize('NFC').toLowerCase() : name
}
