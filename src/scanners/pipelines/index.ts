import { isForeign } from '../../detect/file-kind.ts'
import type { ScanContext, Scanner, Tree, TreeFile } from '../../model.ts'
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
import { factsOf, kindsOf, NESTED, tellUnseen, textFor } from './readers.ts'
import { releaseReader } from './releases.ts'
import { secretExposureReader } from './secret-exposure.ts'
import { secretReader } from './secrets.ts'
import { structureReader } from './structure.ts'
import { tokenUseReader } from './token-uses.ts'
import { tellUnread } from './unread.ts'
import { UNREAD } from './unread-systems.ts'
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
const EMITS = kindsOf(READERS)

/** Reads the workflows and composite actions of GitHub Actions. Nothing of them is executed. */
export const pipelineScanner: Scanner = {
  id: 'pipelines',
  emits: EMITS,
  needs: [],
  requested: ({ trees }) => trees.some((tree) => concerns(tree, FILES) || concerns(tree, UNREAD)),
  async *scan(context) {
    for (const tree of context.trees) {
      tellUnread(tree, EMITS, context)
      for (const file of tree.files()) {
        if (!FILES.test(file.path) || isForeign(file.path)) continue
        context.signal.throwIfAborted()
        const source = sourceOf(tree, file)
        const read = source && readActionsFile(source, context)
        if (!read) continue
        yield* factsOf(READERS, read, context, (kinds) => tellUnseen(source, kinds, NESTED, context))
      }
    }
  },
}

function sourceOf(tree: Tree, file: TreeFile): SourceFile | undefined {
  const text = textFor(tree, file, EMITS)
  return text === undefined ? undefined : new SourceFile(tree.scope, file.path, text)
}

/** A file that is no workflow, or one that cannot be read, hides what it would have said: a gap for everything. */
function readActionsFile(source: SourceFile, context: ScanContext): ActionsFile | undefined {
  const refuse = (detail: string, offset?: number) => {
    const place = offset !== undefined && { offset }
    tellUnseen(source, EMITS, { class: 'fault', reason: 'not readable', detail, ...place }, context)
    return undefined
  }
  try {
    const [node] = parseYaml(source.text, { originsFor: '${{' })
    if (node === undefined || (node.type === 'plain' && node.value === null)) return undefined
    const read = WORKFLOWS.test(source.path) ? asWorkflow(node, source) : asAction(node, source)
    return read === 'none' ? refuse('is no workflow: `on` or `jobs` is missing') : read
  } catch (error) {
    if (error instanceof YamlError) return refuse(error.message, error.offset)
    if (error instanceof RangeError) return refuse('nested too deeply')
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
