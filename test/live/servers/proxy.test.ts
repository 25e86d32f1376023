import { CreateUserCommand, IAMClient, ListMFADevicesCommand, ListUsersCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { liveOrSkip } from './installed.ts'
import { type MotoServer, startMoto } from './moto.ts'
import { type AwsProxy, startProxy } from './proxy.ts'

liveOrSkip('proxy', ['moto'], () => {
  let moto: MotoServer
  let proxy: AwsProxy
  let iam: IAMClient

  beforeAll(async () => {
    moto = await startMoto()
    proxy = await startProxy(moto.url)
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    iam = new IAMClient({ endpoint: proxy.url, region: 'us-east-1', credentials })
    await iam.send(new CreateUserCommand({ UserName: 'amy' }))
  })
  beforeEach(() => {
    proxy.rules.clear()
    proxy.calls.clear()
  })
  afterAll(async () => {
    await proxy?.stop()
    await moto?.stop()
  })

  const listDevices = () => iam.send(new ListMFADevicesCommand({ UserName: 'amy' }))
  const userNames = async () => (await iam.send(new ListUsersCommand({}))).Users?.map((user) => user.UserName)

  it('denies the named action and forwards the others', async () => {
    proxy.rules.set('ListMFADevices', 'denied')
    await expect(listDevices()).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } })
    expect(await userNames()).toEqual(['amy'])
    expect(Object.fromEntries(proxy.calls)).toEqual({ ListMFADevices: 1, ListUsers: 1 })
  })

  it.each([400, 429] as const)('throttles twice with status %i, then lets the call pass', async (status) => {
    proxy.rules.set('ListUsers', { throttled: 2, status })
    expect(await userNames()).toEqual(['amy'])
    expect(proxy.calls.get('ListUsers')).toBe(3)
  })

  it('fails with HTML', async () => {
    proxy.rules.set('ListUsers', 'htmlError')
    await expect(userNames()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } })
  })

  it('never answers', async () => {
    proxy.rules.set('ListUsers', 'hang')
    const call = iam.send(new ListUsersCommand({}), { abortSignal: AbortSignal.timeout(300) })
    await expect(call).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('asks a function, which sees the parameters and may forward', async () => {
    proxy.rules.set('ListMFADevices', (params) => (params.get('UserName') === 'amy' ? undefined : { status: 500 }))
    expect((await listDevices()).MFADevices).toEqual([])
  })
})
