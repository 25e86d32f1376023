import { describe, expect, it } from 'vitest'
import { firstSentence } from '../../src/reporters/first-sentence.ts'

describe('the first sentence', () => {
  it.each([
    ['Delete the secret; mount a projected token.', 'Delete the secret.'],
    [
      'Change the values, and keep them elsewhere: External Secrets or SOPS.',
      'Change the values, and keep them elsewhere.',
    ],
    ['Name the verbs', 'Name the verbs'],
    ['Correct the spelling.', 'Correct the spelling.'],
  ])('ends at the stop: %s', (text, sentence) => {
    expect(firstSentence(text)).toBe(sentence)
  })
  it.each([
    ['Name a role, e.g. one of your own. Then bind it.', 'Name a role, e.g. one of your own.'],
    ['Limit it (i.e. Pods only). Then bind it.', 'Limit it (i.e. Pods only).'],
    ['List verbs, resources etc. in the role. Then bind it.', 'List verbs, resources etc. in the role.'],
    ['Use apps.example.org v1.2 of it. Then bind it.', 'Use apps.example.org v1.2 of it.'],
    ['Set it in Next.js or .NET, too. Then bind it.', 'Set it in Next.js or .NET, too.'],
    [
      'Revoke it (the user: Google account; the program: endpoint). Keep it.',
      'Revoke it (the user: Google account; the program: endpoint).',
    ],
    ['Run `a; b` there. Then bind it.', 'Run `a; b` there.'],
  ])('does not end within: %s', (text, sentence) => {
    expect(firstSentence(text)).toBe(sentence)
  })
})
