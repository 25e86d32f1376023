import type { Permission } from './permissions.ts'
import type { Grant } from './rbac.ts'

/** A permission of a binding, and whether it was used; undefined if nobody can tell. */
export interface Row {
  readonly grant: Grant
  readonly permission: Permission
  readonly used: boolean | undefined
}

/** One permission that is needed, in one namespace or (`*`) the whole cluster. */
export interface Entry {
  readonly scope: string
  readonly verb: string
  readonly apiGroup: string
  /** RESOURCE or RESOURCE/SUBRESOURCE, or the path. */
  readonly resource: string
  readonly nonResource: boolean
  /** Empty: objects of every name. */
  readonly names: readonly string[]
  /** How often it was used, and when last (RFC 3339; empty if it was not seen). */
  readonly calls: number
  readonly lastSeen: string
  /** Why it stays though its use was not seen; empty if it was. */
  readonly kept: string
  /** The permission that grants it today. */
  readonly row: Row
}
