import type { Fact, Gap } from '../model.ts'
import type { Table } from '../table.ts'
import { inventoryTables } from './inventory.ts'
import { mfaTable } from './mfa.ts'
import { usageTable } from './usage.ts'

/** What a report shows beside findings: who has MFA, what was granted and used, every identity and credential. Without empty tables. */
export function reportTables(facts: readonly Fact[], gaps: readonly Gap[]): Table[] {
  return [mfaTable(facts), usageTable(facts), ...inventoryTables(facts, gaps)].filter(({ rows }) => rows.length > 0)
}
