import type { AuditedAccount } from '../../sources/aws-accounts.ts'
import type { Failure } from '../../sources/aws-failure.ts'
import { readPages } from '../../sources/aws-pages.ts'
import { Reading } from './resource-source.ts'

export interface Regions {
  readonly visited: readonly string[]
  /** Whether there may be others. */
  readonly complete: boolean
  readonly failure?: Failure
}

/** The regions in which an account is looked at: those that were named, all that are enabled, or the configured one. */
export async function regionsOf(
  { account, id, partition, target }: AuditedAccount,
  signal: AbortSignal,
): Promise<Regions> {
  const { regions } = target
  const { client } = account
  if (!regions || regions.length === 0) return { visited: [client.region], complete: false }
  if (regions.includes('none')) return { visited: [], complete: false }
  if (!regions.includes('all')) return { visited: [...new Set(regions)], complete: false }
  const reading = new Reading(client, { region: client.region, account: id, partition }, signal)
  const { AccountClient, ListRegionsCommand } = await import('@aws-sdk/client-account')
  const settings = new AccountClient(reading.settings)
  const { items, failure } = await readPages(
    'account:ListRegions',
    (NextToken) =>
      reading.call('account:ListRegions', (options) =>
        settings.send(
          new ListRegionsCommand({
            RegionOptStatusContains: ['ENABLED', 'ENABLED_BY_DEFAULT'],
            MaxResults: 50,
            NextToken,
          }),
          options,
        ),
      ),
    (page) => page.Regions?.flatMap((each) => each.RegionName ?? []),
    (page) => page.NextToken,
  )
  if (!failure) return { visited: items.sort(), complete: true }
  return { visited: [...new Set([client.region, ...items])], complete: false, failure }
}
