import { UsageError } from '../errors.ts'
import type { Gap } from '../model.ts'
import { renderInventoryCsv } from '../reporters/tables/csv.ts'
import type { Inventory } from '../reporters/tables/inventory.ts'
import { renderInventoryJson } from '../reporters/tables/json.ts'
import { renderInventoryMarkdown } from '../reporters/tables/markdown.ts'
import { renderInventoryPretty } from '../reporters/tables/pretty.ts'
import type { SORTS, Table } from '../table.ts'
import { sorted } from '../table.ts'
import { INVENTORY_KINDS, inventoryTables } from '../views/inventory.ts'
import { githubTargets, kubernetesTargets, look } from './look.ts'
import type { ScanOptions } from './options.ts'
import { colorLevel, print, terminalWidth } from './output.ts'

/** The options of `inventory` as commander gives them. */
export interface InventoryOptions
  extends Pick<
    ScanOptions,
    | 'k8s'
    | 'kubeconfig'
    | 'k8sDump'
    | 'auditLog'
    | 'aws'
    | 'awsEndpoint'
    | 'github'
    | 'githubUrl'
    | 'config'
    | 'timeout'
    | 'verbose'
    | 'color'
    | 'progress'
  > {
  readonly account: readonly string[]
  readonly sort: (typeof SORTS)[number]
  readonly format: 'pretty' | 'json' | 'csv' | 'markdown'
}

/**
 * `zt-audit inventory [PATH]`: every identity and credential that was seen, what it may do and when it was last used. Exit 3 if
 * something was not seen that should have been, 4 if nothing was. Throws UsageError.
 */
export async function inventory(path: string | undefined, options: InventoryOptions): Promise<void> {
  const seen = await look(
    path,
    {
      targets: {
        kubernetes: kubernetesTargets(options.k8s, options.kubeconfig),
        kubernetesDumps: options.k8sDump,
        auditLogs: options.auditLog,
        aws: options.aws.map((profile) => (profile === '' ? {} : { profile })),
        github: githubTargets(options.github),
      },
      endpoints: {
        ...(options.awsEndpoint && { aws: options.awsEndpoint }),
        ...(options.githubUrl && { github: options.githubUrl }),
      },
    },
    options,
    INVENTORY_KINDS,
  )
  const tables = inventoryTables(seen.facts, seen.gaps)
  const gaps = distinct(seen.gaps)
  const audited = seen.targets.some((target) => target.audited)
  const chosen = { tables: choose(tables, options).map((table) => sorted(table, options.sort)), gaps }
  const faulty = gaps.some((gap) => gap.class === 'fault')
  const empty = tables.every(({ rows }) => rows.length === 0)
  process.exitCode = !audited || (faulty && empty) ? 4 : faulty ? 3 : 0
  await print(await render(chosen, options))
}

/** Only the accounts named. Throws UsageError for one that is not there: a misspelt name must not look like one without rights. */
function choose(tables: readonly Table[], { account: names }: InventoryOptions): readonly Table[] {
  if (names.length === 0) return tables
  const is = (name: string, row: Table['rows'][number]) => row.order.name === name
  for (const name of names) {
    if (!tables.some(({ rows }) => rows.some((row) => is(name, row))))
      throw new UsageError(`no account '${name}' was seen; a service account is NAMESPACE/NAME`)
  }
  return tables.map((table) => ({
    ...table,
    rows: table.rows.filter((row) => names.some((name) => is(name, row))).map(({ cells, order }) => ({ cells, order })),
  }))
}

async function render(shown: Inventory, options: InventoryOptions): Promise<string> {
  switch (options.format) {
    case 'json':
      return renderInventoryJson(shown)
    case 'csv':
      return renderInventoryCsv(shown)
    case 'markdown':
      return renderInventoryMarkdown(shown)
    case 'pretty':
      return renderInventoryPretty(shown, {
        color: colorLevel(options.color, process.stdout),
        width: terminalWidth(),
        verbose: options.verbose ?? false,
      })
  }
}

/** One thing that was not seen is one line for each target, however many kinds of facts it may have held. */
function distinct(gaps: readonly Gap[]): Gap[] {
  return [...new Map(gaps.map((gap) => [`${gap.class} ${gap.scope} ${gap.reason} ${gap.detail}`, gap])).values()]
}
