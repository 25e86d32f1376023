/** How a pair was written; rules choose by it. */
export type Syntax =
  | 'text'
  | 'dotenv'
  | 'yaml'
  | 'json'
  | 'toml'
  | 'ini'
  | 'properties'
  | 'xml'
  | 'hcl'
  | 'sql'
  | 'dockerfile'
  | 'compose'
  | 'kubernetes-secret'
  | 'kubeconfig'
  | 'workflow'
  | 'terraform-state'
  | 'terraform-variables'
  | 'client-file'

/** A name and the literal value that is given to it. Text holds one byte per character, offsets are bytes. */
export interface Pair {
  readonly key: string
  readonly keyStart: number
  /** As meant: escapes resolved, base64 of Kubernetes Secrets and of FileZilla decoded. */
  readonly value: string
  /** The value as written, without quotes. */
  readonly start: number
  readonly end: number
  readonly quoted: boolean
  readonly syntax: Syntax
  /** `assignment`: key = value; `argument`: an item of a call's list, `("password", "…")`; `markup`: an element or attribute. */
  readonly form: 'assignment' | 'argument' | 'markup'
  /** An argument of a Terraform resource: whatever it says is what the resource is made with. */
  readonly ofResource?: boolean
  /** What `value` was decoded from. */
  readonly encoding?: 'base64'
}
