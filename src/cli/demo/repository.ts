import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { UsageError } from '../../errors.ts'

/**
 * Writes the demo's repository into a new temporary folder and returns its path. Nothing in it is real, and no credential stands in this
 * file: it would look like a leak to every scanner, ours included. Throws UsageError.
 */
export async function writeRepository(keyId: string): Promise<string> {
  try {
    const root = await mkdtemp(join(tmpdir(), 'zt-audit-demo-'))
    for (const [path, text] of Object.entries(filesWith(keyId))) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    }
    return root
  } catch (error) {
    throw new UsageError(`the demo needs a folder for temporary files: ${(error as Error).message}`)
  }
}

function filesWith(keyId: string): Record<string, string> {
  const settings = [
    '# Where the shop puts its pictures.',
    "BUCKET = 'shop-pictures'",
    "REGION = 'eu-central-1'",
    `AWS_ACCESS_KEY_ID = '${keyId}'`,
    `AWS_SECRET_ACCESS_KEY = '${randomBytes(30).toString('base64')}'`,
  ]
  return {
    'deploy/settings.py': `${settings.join('\n')}\n`,
    'README.md': '# shop\n\nA made-up shop that trusts too much.\n',
  }
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/**
 * A made-up access key id of an account: behind the prefix stand, in base32, a bit that says so, 40 bits of account number and
 * 39 that are random.
 */
export function keyIdOf(account: string): string {
  const random = BigInt(`0x${randomBytes(5).toString('hex')}`) & ((1n << 39n) - 1n)
  let bits = (((1n << 40n) | BigInt(account)) << 39n) | random
  let text = ''
  for (let i = 0; i < 16; i++) {
    text = BASE32[Number(bits & 31n)] + text
    bits >>= 5n
  }
  return `AKIA${text}`
}
