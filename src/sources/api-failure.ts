/** A call that did not give what it should. */
export class ApiFailure extends Error {
  override name = 'ApiFailure'
  /** HTTP status; undefined if no answer came. */
  readonly status: number | undefined
  /** The server took the call and was silent. */
  timedOut = false
  constructor(message: string, status?: number, cause?: unknown) {
    super(message, { cause })
    this.status = status
  }
}
