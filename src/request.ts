import type { Confidence, Targets } from './model.ts'

/** What to audit, and how. Every part has a default: `{}` audits the working directory. */
export interface AuditRequest {
  /** Repositories, folders or files; the first is the main one. Default: the working directory. */
  readonly paths?: string | readonly string[]
  /** Live targets, and whether to read the git history. Default: none; those of a trusted config count, too. */
  readonly targets?: Partial<Targets>
  /** For targets that name none themselves. Default: AWS_ENDPOINT_URL; the token of GitHub is GITHUB_TOKEN or GH_TOKEN. */
  readonly endpoints?: { readonly aws?: string; readonly github?: string }
  /** Rules or areas that are on, the others are off. Default: all. */
  readonly only?: readonly string[]
  /** Rules or areas that are off. */
  readonly skip?: readonly string[]
  /** Findings below it are only counted. Default: medium. */
  readonly minConfidence?: Confidence
  /** False if nothing will show fingerprints: those of guessable secrets cost 20 ms each. Default: true. */
  readonly fingerprints?: boolean
  /** False if nothing will show who has MFA, what was granted and used, and the inventory (the format `html` does). Default: true. */
  readonly views?: boolean
  /** Folders with further rules. */
  readonly rules?: readonly string[]
  /** A config file, which is trusted; false: none. Default: `zt-audit.yaml` in the first path, not trusted with everything. */
  readonly config?: string | false
  /** A baseline file; false: none. Default: `zt-audit.baseline.json` in the first path. */
  readonly baseline?: string | false
  /** Take config, baseline and suppression comments as they are at this commit: a change cannot silence itself. */
  readonly configFrom?: string
  /** Judge only what has changed since HEAD left this ref. */
  readonly since?: string
  /** Judge only what is staged, as it is staged. */
  readonly staged?: boolean
  /** Take all settings from the config of the audited repository, not only filters and suppressions. Default: false. */
  readonly trustTarget?: boolean
  /** Packages, as the working directory finds them, or paths of modules. They are executed. */
  readonly plugins?: readonly string[]
  /** Bytes; larger files are not read. Default: 32 MiB. */
  readonly maxFileSize?: number
  /** Look into zip, gzip and tar files (jar, war, whl), too, up to a limit. Default: false. */
  readonly archives?: boolean
  /** Render Helm charts and Kustomize folders with the helm and kustomize or kubectl on PATH. Default: false. */
  readonly render?: boolean
  /** Time for each live target. Default: 300. */
  readonly timeoutSeconds?: number
  /** The clock that ages are counted from; reports print it. Default: SOURCE_DATE_EPOCH, else the time of the call, unprinted. */
  readonly now?: Date
  /** Ends the audit with what was found until then. */
  readonly signal?: AbortSignal
  /** Is told in a few words what is being done. */
  readonly progress?: (text: string) => void
  /** Is told of a defect of a scanner; the audit goes on with a gap. */
  readonly onBug?: (error: Error) => void
}
