import { afterEach, describe, expect, it, vi } from 'vitest'
import { INSTALL_COMMAND, liveOrSkip, NotInstalled, requireInstalled } from './installed.ts'
import { startKube } from './kube.ts'

describe('installed', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })

  it('names the command that installs what is missing', async () => {
    hidePrograms()
    expect(() => requireInstalled('etcd')).toThrow(NotInstalled)
    await expect(startKube()).rejects.toThrow(INSTALL_COMMAND)
  })

  it('fails in continuous integration instead of skipping', () => {
    hidePrograms()
    vi.stubEnv('CI', 'true')
    expect(() => liveOrSkip('kube', ['etcd', 'kube-apiserver'], () => undefined)).toThrow(NotInstalled)
  })
})

vi.stubEnv('CI', '')
hidePrograms()
const stderr = vi.spyOn(console, 'error').mockReturnValue()
liveOrSkip('kube', ['etcd', 'kube-apiserver'], () => it('would run', () => expect.unreachable()))
const printed = stderr.mock.calls.flat()
stderr.mockRestore()
vi.unstubAllEnvs()

it('says on stderr what it skips, and why', () => {
  expect(printed).toEqual(['skipped: kube needs etcd and kube-apiserver, install with: bash test/live/install.sh'])
})

function hidePrograms(): void {
  for (const name of ['KUBEBUILDER_ASSETS', 'PATH', 'XDG_CACHE_HOME']) vi.stubEnv(name, import.meta.dirname)
}
