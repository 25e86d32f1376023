import { readFileSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import type { Config, LoadedConfig } from './config.ts'
import { UsageError } from './errors.ts'
import type { FileLocation, GithubTarget, Targets } from './model.ts'
import { withSlashes } from './paths.ts'
import type { AuditRequest } from './request.ts'

/**
 * The live targets of a run: of AWS and Kubernetes those asked for, else those of the config; of GitHub both. Endpoints and the
 * token come from the environment where they are not named. Throws UsageError for a GitHub App without a key that can be read.
 */
export function targetsOf(request: AuditRequest, config: LoadedConfig, root: string): Targets {
  const { targets: asked = {}, endpoints = {} } = request
  const endpoint = endpoints.aws ?? (process.env.AWS_ENDPOINT_URL || undefined)
  const token = process.env.GITHUB_TOKEN || process.env.GH_TOKEN || undefined
  const app = asked.github?.length || config.config.targets?.github?.length ? githubApp(process.env) : undefined
  const named = config.config.targets ?? {}
  const declared = (kind: keyof typeof named, index: number) => declarationOf(config, kind, index, root)
  const aws = asked.aws?.length ? asked.aws : (named.aws ?? []).map((entry, i) => ({ ...entry, ...declared('aws', i) }))
  const clusters = asked.kubernetes?.length
    ? asked.kubernetes
    : (named.kubernetes ?? []).map((entry, i) => ({ ...entry, ...declared('kubernetes', i) }))
  const owners = (named.github ?? []).map(({ owner: name, url }, i) => {
    const [owner = '', repository] = name.split('/')
    return { owner, ...(repository && { repository }), ...(url && { url }), ...declared('github', i) }
  })
  return {
    history: asked.history ?? false,
    aws: aws.map((target) => ({ ...(endpoint && { endpoint }), ...target })) as Targets['aws'],
    kubernetes: (clusters as Targets['kubernetes']).map(({ kubeconfig, ...rest }) => ({
      ...rest,
      ...(kubeconfig !== undefined && { kubeconfig: resolve(kubeconfig) }),
    })),
    kubernetesDumps: asked.kubernetesDumps ?? [],
    auditLogs: asked.auditLogs ?? [],
    cloudtrail: asked.cloudtrail ?? [],
    github: [...(asked.github ?? []), ...owners].map((target) => ({
      ...(endpoints.github && { url: endpoints.github }),
      ...(app ? { app } : token && { token }),
      ...target,
    })),
    // Never of a config: what stands in a tree must not send its secrets anywhere.
    ...(asked.verify && { verify: asked.verify }),
  }
}

/**
 * The App that the environment names: more than a token, which is often there for other programs. Throws UsageError if its key cannot
 * be read.
 */
export function githubApp(env: NodeJS.ProcessEnv): GithubTarget['app'] {
  const id = env.GITHUB_APP_ID
  if (!id) return undefined
  const installation = env.GITHUB_APP_INSTALLATION_ID
  return { id, privateKey: privateKey(env), ...(installation && { installation }) }
}

function privateKey(env: NodeJS.ProcessEnv): string {
  if (env.GITHUB_APP_PRIVATE_KEY) return env.GITHUB_APP_PRIVATE_KEY
  const file = env.GITHUB_APP_PRIVATE_KEY_FILE
  if (!file)
    throw new UsageError('GITHUB_APP_ID needs GITHUB_APP_PRIVATE_KEY, or GITHUB_APP_PRIVATE_KEY_FILE with its path')
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(
      `GITHUB_APP_PRIVATE_KEY_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`,
    )
  }
}

/** The line of a config inside the audited tree that names a target; findings without a file are shown there. */
function declarationOf(
  config: LoadedConfig,
  kind: keyof NonNullable<Config['targets']>,
  index: number,
  root: string,
): { declaredAt?: FileLocation } {
  const path = relative(resolve(root), resolve(config.file))
  if (path.startsWith('..') || isAbsolute(path)) return {}
  return { declaredAt: { file: withSlashes(path), ...config.targetPosition(kind, index) } }
}
