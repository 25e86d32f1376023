interface Placed {
  readonly start: number
  readonly end: number
}
/** An expression of HCL as written. Offsets count UTF-16 units of the file; `end` is exclusive. */
export type HclExpression = Placed &
  (
    | { readonly type: 'literal'; readonly value: string | number | boolean | null }
    | { readonly type: 'template'; readonly parts: readonly TemplatePart[] }
    | { readonly type: 'tuple'; readonly items: readonly HclExpression[] }
    | { readonly type: 'object'; readonly entries: readonly HclEntry[] }
    | {
        readonly type: 'call'
        readonly name: string
        readonly args: readonly HclExpression[]
        readonly spread: boolean
      }
    | { readonly type: 'name'; readonly name: string }
    | { readonly type: 'attribute'; readonly of: HclExpression; readonly name: string }
    | { readonly type: 'index'; readonly of: HclExpression; readonly key: HclExpression }
    | { readonly type: 'splat'; readonly of: HclExpression; readonly steps: readonly HclStep[] }
    | {
        readonly type: 'conditional'
        readonly condition: HclExpression
        readonly yes: HclExpression
        readonly no: HclExpression
      }
    | HclFor
    | { readonly type: 'operation'; readonly operator: string; readonly operands: readonly HclExpression[] }
    | { readonly type: 'unreadable' }
  )
export interface HclEntry {
  /** A bare word is a text, not a name. */
  readonly key: HclExpression
  readonly value: HclExpression
}
/** What follows a splat, applied to each item. */
export type HclStep = { readonly name: string } | { readonly key: HclExpression }
export interface HclFor {
  readonly type: 'for'
  readonly names: readonly string[]
  readonly collection: HclExpression
  /** Set in `{ for … }`. */
  readonly key?: HclExpression
  readonly value: HclExpression
  readonly grouped: boolean
  readonly condition?: HclExpression
}
export type TemplatePart = Placed &
  (
    | { readonly type: 'text'; readonly value: string }
    | { readonly type: 'value'; readonly value: HclExpression }
    | {
        readonly type: 'if'
        readonly condition: HclExpression
        readonly yes: readonly TemplatePart[]
        readonly no: readonly TemplatePart[]
      }
    | {
        readonly type: 'for'
        readonly names: readonly string[]
        readonly collection: HclExpression
        readonly body: readonly TemplatePart[]
      }
  )
