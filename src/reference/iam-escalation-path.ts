/** One way to more rights. */
export interface EscalationPath {
  /** Its id at https://pathfinding.cloud/paths/ID, or one of ours, `zt-…`. */
  readonly id: string
  /**
   * `identity`: changes or takes over a user, role, group or policy. `pass`: starts something that runs as a role. `existing`:
   * changes something that runs as a role already.
   */
  readonly form: 'identity' | 'pass' | 'existing'
  /** All of them are needed. */
  readonly permissions: readonly string[]
  /** The services that a passed role has to trust. */
  readonly services?: readonly string[]
}
