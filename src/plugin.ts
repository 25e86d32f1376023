import type { Derivation, FactKind, Scanner } from './model.ts'
import type { Report } from './report.ts'

/** What the default export of a plugin's module is. */
export interface Plugin {
  /** In the field's words, such as `acme-vault`; stands in errors and gaps. */
  readonly name: string
  /** The version of this interface. */
  readonly apiVersion: 1
  readonly factKinds?: readonly FactKind[]
  readonly scanners?: readonly Scanner[]
  readonly derivations?: readonly Derivation[]
  /** A folder of rule files: a `file:` URL, or a path relative to the module. */
  readonly rules?: string | URL
  /** Formats for `--format ID` and `--output ID=FILE`. */
  readonly reporters?: Readonly<Record<string, Reporter>>
}

/** A report as text. Of a plugin: it gets the report without fields that are never printed. */
export type Reporter = (report: Report) => string | Promise<string>

/** What a run is made of: what is built in, and what plugins add. */
export interface Installed {
  readonly catalogue: ReadonlyMap<string, FactKind>
  readonly scanners: readonly Scanner[]
  readonly derivations: readonly Derivation[]
  /** Folders with rules of plugins. */
  readonly ruleFolders: readonly string[]
  /** Formats of plugins, by id. */
  readonly reporters: ReadonlyMap<string, Reporter>
}
