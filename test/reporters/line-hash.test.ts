import { expect, it } from 'vitest'
import { lineHashes } from '../../src/reporters/line-hash.ts'

// The vectors that GitHub publishes with its implementation (codeql-action, MIT).
it.each([
  ['', ['c129715d7a2bc9a3:1']],
  [' a\nb\n  \t\tc\n d', ['271789c17abda88f:1', '54703d4cd895b18:1', '180aee12dab6264:1', 'a23a3dc5e078b07b:1']],
  [
    ' hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n',
    [
      'e9496ae3ebfced30:1',
      'fb7c023a8b9ccb3f:1',
      'ce8ba1a563dcdaca:1',
      'e20e36e16fcb0cc8:1',
      'b3edc88f2938467e:1',
      'c8e28b0b4002a3a0:1',
      'c129715d7a2bc9a3:1',
    ],
  ],
  [
    'x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n',
    [
      'e54938cc54b302f1:1',
      'bb609acbe9138d60:1',
      '1131fd5871777f34:1',
      '5c482a0f8b35ea28:1',
      '54517377da7028d2:1',
      '2c644846cb18d53e:1',
      'f1b89f20de0d133:1',
      'c129715d7a2bc9a3:1',
    ],
  ],
])('%j', (text, expected) => {
  expect([
    ...lineHashes(
      text,
      expected.map((_, i) => i + 1),
    ).values(),
  ]).toEqual(expected)
})

it('counts lines that look the same', () => {
  const block = `${'x'.repeat(120)}\n`
  const hashes = lineHashes(block + block, [1, 2])
  expect(hashes.get(1)?.split(':')[0]).toBe(hashes.get(2)?.split(':')[0])
  expect([hashes.get(1)?.split(':')[1], hashes.get(2)?.split(':')[1]]).toEqual(['1', '2'])
})
