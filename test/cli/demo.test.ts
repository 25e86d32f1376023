import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { keyIdOf } from '../../src/cli/demo/repository.ts'
import { accountOfKeyId } from '../../src/detect/validators/tokens.ts'
import { folderWith, run } from '../support/program.ts'

describe('zt-audit demo', () => {
  it('follows one key to its end, cuts one link, and finds nothing any more', async () => {
    const { code, stdout, stderr } = await run(['demo'])
    expect([code, stderr]).toEqual([0, ''])
    for (const part of [
      'deploy/settings.py',
      'user deploy is administrator by AdministratorAccess',
      'user deploy has no second factor',
      '■ CRITICAL (1)',
      'chain/leaked-admin-key-without-mfa',
      'finds nothing: exit 0',
    ])
      expect(stdout.replace(/\s+/g, ' ')).toContain(part)
    expect(stdout).not.toContain('INCOMPLETE')
    expect(stdout).not.toContain('could not be seen')
  })
  it.each(['60', '80'])('keeps to %s columns, but for links and places', async (columns) => {
    const { stdout } = await run(['demo'], { env: { COLUMNS: columns, NO_COLOR: '1' } })
    const wide = stdout.split('\n').filter((line) => [...line].length > Number(columns))
    // A link and a rule's id are not broken.
    expect(wide.filter((line) => !/https:|chain\//.test(line))).toEqual([])
    expect(stdout).not.toContain('\u001b')
  })
  it('leaves nothing behind, unless it is told to', async () => {
    const temporary = folderWith({})
    await run(['demo'], { env: { TMPDIR: temporary } })
    expect(readdirSync(temporary)).toEqual([])
    const { stdout } = await run(['demo', '--keep'], { env: { TMPDIR: temporary } })
    const [kept = ''] = readdirSync(temporary)
    expect(stdout.replace(/\s+/g, '')).toContain(join(temporary, kept))
    expect(existsSync(join(temporary, kept, 'deploy/settings.py'))).toBe(true)
  })
  it('uses neither credentials nor endpoint of the environment', async () => {
    const seen: string[] = []
    const listener = createServer((socket) => socket.on('data', (data) => void seen.push(String(data))))
    const port = await new Promise<number>((resolve) =>
      listener.listen(0, '127.0.0.1', () => resolve((listener.address() as { port: number }).port)),
    )
    const env = {
      AWS_ACCESS_KEY_ID: 'own',
      AWS_SECRET_ACCESS_KEY: 'own',
      AWS_PROFILE: 'missing',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ENDPOINT_URL_IAM: `http://127.0.0.1:${port}`,
      AWS_CA_BUNDLE: '/nonexistent',
      HTTPS_PROXY: `http://127.0.0.1:${port}`,
    }
    const { code, stdout } = await run(['demo'], { env })
    listener.close()
    expect([code, seen]).toEqual([0, []])
    expect(stdout).toContain('■ CRITICAL (1)')
  })
  it('says why where it has no room', async () => {
    // Below a file there is no folder, whoever runs this.
    const { code, stderr } = await run(['demo'], { env: { TMPDIR: fileURLToPath(import.meta.url) } })
    expect([code, stderr]).toEqual([2, expect.stringContaining('folder for temporary files')])
  })
  it('makes up key ids of the account', () => {
    expect(accountOfKeyId(keyIdOf('123456789012'))).toBe(123456789012)
    expect(keyIdOf('000000000001')).toMatch(/^AKIA[A-Z2-7]{16}$/)
  })
})
