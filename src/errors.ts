/** The errors we know: one line and a reason for people. Anything else is a bug and keeps its stack. */

/** The command line or the config is wrong: exit 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Where a defect of a YAML file stands, and what the right form would be. */
export interface Defect {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Rules or config that do not load. Holds every defect, not only the first: exit 2. */
export class RuleError extends Error {
  override name = 'RuleError'
  readonly defects: readonly Defect[]
  constructor(defects: readonly Defect[]) {
    super(defects.map((d) => `${d.file}:${d.line}:${d.column}: ${d.message}`).join('\n'))
    this.defects = defects
  }
}

/** A scanner could see nothing at all of its target. The run goes on with a gap. */
export class ScanError extends Error {
  override name = 'ScanError'
}

/** A plugin failed while it ran: what it would have given is missing, the rest goes on. */
export class PluginError extends Error {
  override name = 'PluginError'
}
