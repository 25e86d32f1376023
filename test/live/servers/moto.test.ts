import { CreateUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { liveOrSkip } from './installed.ts'
import { type MotoServer, startMoto } from './moto.ts'

liveOrSkip('moto', ['moto'], () => {
  let moto: MotoServer
  let iam: IAMClient

  beforeAll(async () => {
    moto = await startMoto()
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    iam = new IAMClient({ endpoint: moto.url, region: 'us-east-1', credentials })
  })
  afterAll(() => moto?.stop())

  it('lists the users that were created, and forgets them', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'amy' }))
    const { Users } = await iam.send(new ListUsersCommand({}))
    expect(Users?.map((user) => user.UserName)).toEqual(['amy'])

    await moto.reset()
    expect((await iam.send(new ListUsersCommand({}))).Users).toEqual([])
  })
})
