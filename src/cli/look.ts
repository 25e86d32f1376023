import { collectFacts } from '../audit.ts'
import type { FactKind, Targets } from '../model.ts'
import { prepare } from '../prepare.ts'
import type { AuditRequest } from '../request.ts'
import { startProgress } from './progress.ts'

/** What every command that looks without judging has in common. */
export interface LookOptions {
  readonly config?: string
  readonly timeout: number
  readonly progress: boolean
}

/**
 * The facts and gaps that a command is made of: those of the rules that the request names, else of `kinds`. A baseline hides
 * nothing of them. Throws UsageError.
 */
export async function look(
  path: string | undefined,
  request: AuditRequest,
  options: LookOptions,
  kinds?: readonly FactKind[],
): ReturnType<typeof collectFacts> {
  const progress = startProgress(options, [path ?? '.'])
  try {
    const { audit } = await prepare({
      ...request,
      paths: path ?? '.',
      baseline: false,
      ...(options.config !== undefined && { config: options.config }),
      timeoutSeconds: options.timeout,
      progress: progress.update,
    })
    return await collectFacts(audit, kinds)
  } finally {
    progress.stop()
  }
}

/** `--k8s[=CONTEXT]`, each with `--kubeconfig`. */
export function kubernetesTargets(contexts: readonly string[], kubeconfig: string | undefined): Targets['kubernetes'] {
  return contexts.map((context) => ({ ...(context !== '' && { context }), ...(kubeconfig && { kubeconfig }) }))
}

/** `--github OWNER[/REPO]`. */
export function githubTargets(names: readonly string[]): Targets['github'] {
  return names.map((name) => {
    const [owner = '', repository] = name.split('/')
    return { owner, ...(repository && { repository }) }
  })
}
