import { isForeign } from '../../detect/file-kind.ts'
import { ciWorkflow } from '../../facts/pipeline.ts'
import type { Fact, ScanContext, Scanner, Tree, TreeFile } from '../../model.ts'
import { concerns } from '../../sources/changes.ts'
import { SourceFile } from '../../sources/source-file.ts'
import { get, textOf, type ValueNode } from '../../sources/value-node.ts'
import { parseYaml, YamlError } from '../../sources/yaml-values.ts'
import { appTokenReader } from './app-tokens.ts'
import { checkoutReader } from './checkouts.ts'
import { cloudCredentialReader } from './cloud-credentials.ts'
import { cloudLoginReader } from './cloud-login.ts'
import { excludedEventReader } from './excluded-events.ts'
import { expressionReader } from './expressions.ts'
import { conditionReader } from './expressions-conditions.ts'
import { permissionReader } from './permissions.ts'
import { releaseReader } from './releases.ts'
import { secretExposureReader } from './secret-exposure.ts'
import { secretReader } from './secrets.ts'
import { structureReader } from './structure.ts'
import { tokenUseReader } from './token-uses.ts'
import { useReader } from './uses.ts'
import { readCompositeSteps, readWorkflow } from './workflow.ts'
import type { ActionsFile, ActionsReader } from './workflow-file.ts'

/** GitHub reads workflows from here only; copies elsewhere (templates, fixtures) never run. */
const WORKFLOWS = /^\.github\/workflows\/[^/]+\.ya?ml$/
const ACTIONS = /(?:^|\/)action\.ya?ml$/
const FILES = new RegExp(`${WORKFLOWS.source}|${ACTIONS.source}`)

/** Every reader of files of GitHub Actions. A further sort of fact is a file of its own and a line here. */
const READERS: readonly ActionsReader[] = [
  structureReader,
  appTokenReader,
  checkoutReader,
  cloudCredentialReader,
  cloudLoginReader,
  excludedEventReader,
  conditionReader,
  expressionReader,
  permissionReader,
  releaseReader,
  secretExposureReader,
  secretReader,
  tokenUseReader,
  useReader,
]
const EMITS = [...new Set(READERS.flatMap(({ emits }) => emits))]

/** Reads the workflows and composite actions of GitHub Actions. Nothing of them is executed. */
export const pipelineScanner: Scanner = {
  id: 'pipelines',
  emits: EMITS,
  needs: [],
  requested: ({ trees }) => trees.some((tree) => concerns(tree, FILES)),
  async *scan(context) {
    for (const tree of context.trees) {
      for (const file of tree.files()) {
        if (!FILES.test(file.path) || isForeign(file.path)) continue
        context.signal.throwIfAborted()
        const read = readActionsFile(tree, file, context)
        if (read) for (const { read: facts } of READERS) yield* facts(read, context) as Iterable<Fact>
      }
    }
  },
}

/** A file that is no workflow, or one that cannot be read, hides what it would have said: a gap for everything. */
function readActionsFile(tree: Tree, file: TreeFile, context: ScanContext): ActionsFile | undefined {
  const text = tree.text(file, ciWorkflow)
  if (text === undefined) return undefined
  const source = new SourceFile(tree.scope, file.path, text)
  const problem = (detail: string, offset?: number) => {
    for (const { kind } of EMITS.filter((each) => context.wants(each)))
      context.gap(
        source.gap({ kind, class: 'fault', reason: 'not readable', detail, ...(offset !== undefined && { offset }) }),
      )
    return undefined
  }
  try {
    const [node] = parseYaml(text, { originsFor: '${{' })
    if (node === undefined || (node.type === 'plain' && node.value === null)) return undefined
    const read = WORKFLOWS.test(file.path) ? asWorkflow(node, source) : asAction(node, source)
    return read === 'none' ? problem('is no workflow: `on` or `jobs` is missing') : read
  } catch (error) {
    if (error instanceof YamlError) return problem(error.message, error.offset)
    if (error instanceof RangeError) return problem('nested too deeply')
    throw error
  }
}

function asWorkflow(node: ValueNode, source: SourceFile): ActionsFile | 'none' {
  const workflow = readWorkflow(node, source.path)
  return workflow ? { form: 'workflow', source, workflow } : 'none'
}

/** Other software has files of this name, too. */
function asAction(node: ValueNode, source: SourceFile): ActionsFile | undefined {
  const steps = readCompositeSteps(node)
  return steps && { form: 'action', source, name: textOf(get(node, 'name')) ?? source.path, node, steps }
}
