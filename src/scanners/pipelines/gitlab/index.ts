import { ciJob, ciStep, ciWorkflow } from '../../../facts/pipeline.ts'
import { ciCloudLogin } from '../../../facts/pipeline-cloud.ts'
import { ciShellEvaluation } from '../../../facts/pipeline-evaluation.ts'
import { ciRefFilter } from '../../../facts/pipeline-refs.ts'
import { ciCloudCredential, ciSecretExposure, ciSecretUse } from '../../../facts/pipeline-secrets.ts'
import { ciUse } from '../../../facts/pipeline-uses.ts'
import type { Fact, FactKind, ScanContext, Scanner } from '../../../model.ts'
import { concerns } from '../../../sources/changes.ts'
import { gitlabCloudLogins } from './cloud-login.ts'
import type { GitlabFile } from './configuration.ts'
import { gitlabEvaluations } from './evaluations.ts'
import { GITLAB_ROOT, readGitlabFiles } from './files.ts'
import { gitlabRefFilters } from './ref-filters.ts'
import { gitlabSecrets } from './secrets.ts'
import { gitlabStructure } from './structure.ts'
import { gitlabUses } from './uses.ts'

/** Yields facts of one sort from a configuration of GitLab CI. */
interface GitlabReader {
  readonly emits: readonly FactKind[]
  read(files: readonly GitlabFile[], context: ScanContext): Iterable<Fact>
}

const READERS: readonly GitlabReader[] = [
  { emits: [ciWorkflow, ciJob, ciStep], read: gitlabStructure },
  { emits: [ciUse], read: gitlabUses },
  { emits: [ciSecretExposure, ciSecretUse, ciCloudCredential], read: gitlabSecrets },
  { emits: [ciShellEvaluation], read: gitlabEvaluations },
  { emits: [ciCloudLogin], read: gitlabCloudLogins },
  { emits: [ciRefFilter], read: gitlabRefFilters },
]
const EMITS = [...new Set(READERS.flatMap(({ emits }) => emits))]

/** Reads the configuration of GitLab CI. Nothing of it is executed, and nothing that it includes from elsewhere is fetched. */
export const gitlabScanner: Scanner = {
  id: 'gitlab-pipelines',
  emits: EMITS,
  needs: [],
  requested: ({ trees }) => trees.some((tree) => concerns(tree, /\.ya?ml$/)),
  async *scan(context) {
    for (const tree of context.trees) {
      if (!tree.files().some(({ path }) => path === GITLAB_ROOT)) continue
      const files = readGitlabFiles(tree, EMITS, context)
      for (const { read } of READERS) yield* read(files, context)
    }
  },
}
