import * as v from 'valibot'
import { gap } from '../json-schema.ts'
import { INVENTORY_SCHEMA_VERSION } from './json.ts'

const names = v.array(v.string())

/** The form of `inventory --format json`. Published as docs/schema/inventory.schema.json; a test holds a real one against it. */
export const inventorySchema = v.strictObject({
  schemaVersion: v.literal(INVENTORY_SCHEMA_VERSION),
  tables: v.array(
    v.strictObject({
      id: v.pipe(v.string(), v.description('kubernetes-service-accounts, aws-users, …; docs/inventory.md lists them')),
      title: v.string(),
      columns: v.array(v.strictObject({ id: v.string(), title: v.string(), meaning: v.string() })),
      rows: v.array(
        v.objectWithRest(
          {
            notSeen: v.pipe(
              names,
              v.description('Columns that were not seen: they are null, which is neither 0 nor "no"'),
            ),
            partial: v.pipe(names, v.description('Columns of which there may be more than was seen')),
          },
          v.nullable(v.union([v.string(), v.number(), v.boolean(), names])),
        ),
      ),
    }),
  ),
  gaps: v.array(gap),
})
