import { expect, it } from 'vitest'
import { webAddress } from '../../src/sources/revision.ts'

it.each([
  ['https://github.com/acme/app.git', 'https://github.com/acme/app'],
  [`https://ann:${'s'.repeat(6)}@github.com/acme/app`, 'https://github.com/acme/app'],
  [`https://x-access-token:${'t'.repeat(8)}@GitHub.com/acme/app.git/`, 'https://github.com/acme/app'],
  ['git@github.com:acme/app.git', 'https://github.com/acme/app'],
  ['github.com:acme/app.git', 'https://github.com/acme/app'],
  ['ssh://git@git.example.org:2222/group/sub/app.git', 'https://git.example.org/group/sub/app'],
  ['https://example.org/app?token=abc#x', 'https://example.org/app'],
  ['/srv/git/app.git', undefined],
  ['../app', undefined],
  ['file:///srv/app', undefined],
  ['C:\\src\\app', undefined],
  ['', undefined],
])('%s', (remote, address) => {
  expect(webAddress(remote)).toBe(address)
})
