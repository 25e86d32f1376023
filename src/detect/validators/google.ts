import { createHash } from 'node:crypto'
import type { Verdict } from './verdict.ts'

/**
 * The first 64 bits of the SHA-256 of keys that samples of Firebase's SDKs give to everyone, as the list of non-secrets in
 * gitleaks' rule for Google's API keys names them (MIT).
 */
const PUBLISHED: ReadonlySet<string> = new Set([
  '0b476bdf9acf2123',
  '2037abcaffb2b777',
  '27a9a42931dff7eb',
  '37f8f09bdf12c2f2',
  '3a8b61d0f636b007',
  '3f370c9dd8225c63',
  '49f777db995e8260',
  '4c98242dcadc8b29',
  '8731261cb72d8626',
  'a19f89ab3555eac1',
  'a6c814bc555ae62c',
  'b7d61096898ce748',
  'dc0fcf046c61640c',
  'e4a5542bb7fd7b67',
  'ea9bb1082cf95663',
  'eb540d2b6ee2a0a4',
  'f3082ce9d6992144',
  'f56e323494a6ffc2',
])

/** A key of documentation opens nothing of one's own. */
export function checkGoogleKey(key: string): Verdict {
  return PUBLISHED.has(createHash('sha256').update(key).digest('hex').slice(0, 16)) ? 'example' : 'unproven'
}
