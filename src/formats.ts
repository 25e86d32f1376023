/** The formats of reports that are built in; plugins bring further ones. */
export const FORMATS = [
  'pretty',
  'json',
  'sarif',
  'github',
  'gitlab-sast',
  'gitlab-secrets',
  'codequality',
  'junit',
  'markdown',
  'html',
] as const
export type Format = (typeof FORMATS)[number]

export function isFormat(name: string): name is Format {
  return (FORMATS as readonly string[]).includes(name)
}
