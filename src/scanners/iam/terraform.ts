import { iamAttachment, iamStatement } from '../../facts/iam.ts'
import type { Fact, Gap } from '../../model.ts'
import type { HclBlock } from '../../sources/hcl.ts'
import type { HclExpression } from '../../sources/hcl-expression.ts'
import type { ValueNode } from '../../sources/value-node.ts'
import { EKS_TYPES, readEks } from './eks.ts'
import { renderAll } from './statement.ts'
import { Attachments } from './terraform-attachments.ts'
import { argumentText, nestedBlocks, type ScopedBlock } from './terraform-blocks.ts'
import { readTerraformIdentities } from './terraform-eks.ts'
import { readEksModules } from './terraform-eks-module.ts'
import { evaluate } from './terraform-evaluate.ts'
import { readGoogleIdentities } from './terraform-google.ts'
import { Instance, Module, targetOf } from './terraform-module.ts'
import { Principals, readConfiguredKeys, readPrincipal } from './terraform-principals.ts'
import { everyResourceOf, resourcesOf } from './terraform-resources.ts'
import { DocumentStore, type Use } from './terraform-store.ts'
import { tellSwitchedOff } from './terraform-switches.ts'
import type { Folder, ModuleFile, PlacedBlock, TerraformTree } from './terraform-tree.ts'
import { standingOf } from './terraform-uses.ts'
import { readWorkloads, WORKLOAD_TYPES } from './workloads.ts'

/** All modules of a tree together may have this many instances; copies of one module are seldom more than a few. */
const MAX_MODULES = 5_000

/** Reads the policies of modules, given by their folders, with all modules that they call, which speak of each other. */
export function* readTerraform(tree: TerraformTree, folders: readonly string[], signal: AbortSignal): Generator<Fact> {
  const gap = (each: Gap) => tree.gap(each)
  const modules = [...modulesOf(tree, folders)]
  const store = new DocumentStore(tree)
  const principals = new Principals()
  const attachments = new Attachments(store, principals, gap)
  for (const module of modules) for (const instance of module.all()) principals.add(instance)
  const configured = new Set<string>()
  for (const module of modules) {
    signal.throwIfAborted()
    for (const instance of module.all()) {
      if (!concernsPolicies(instance.placed)) continue
      readDocuments(instance, store)
      attachments.read(instance)
      yield* readPrincipal(instance)
    }
    yield* readWorkloads(resourcesOf(module, WORKLOAD_TYPES), gap)
    const ofClusters = everyResourceOf(module, EKS_TYPES)
    yield* readEks(ofClusters, gap)
    yield* readTerraformIdentities(ofClusters, gap)
    yield* readGoogleIdentities(ofClusters, gap)
    yield* readEksModules(module, gap)
    readRemoteModules(module, gap)
    if (configured.has(module.folder.path)) continue
    configured.add(module.folder.path)
    yield* readConfiguredKeys(module)
  }
  for (const module of firstOfEach(modules)) readUnused(module, store)
  tellSwitchedOff(modules, gap)
  yield* store.facts(gap)
  yield* attachments.facts()
}

/** A module that nobody calls is judged alone; of modules that call each other in a circle, one is. */
function* modulesOf(tree: TerraformTree, folders: readonly string[]): Generator<Module> {
  let left = MAX_MODULES
  for (const folder of rootsOf(tree, folders)) {
    const queue = [new Module(tree, folder)]
    for (let at = 0; at < queue.length; at++) {
      if (left-- <= 0) {
        tree.tooMuch(`more than ${MAX_MODULES.toLocaleString('en')} modules, each call counted`)
        return
      }
      const module = queue[at] as Module
      yield module
      queue.push(...module.children())
    }
  }
}

function rootsOf(tree: TerraformTree, paths: readonly string[]): Folder[] {
  const folders = paths.flatMap((path) => tree.folder(path) ?? [])
  const called = (folder: Folder) => tree.calledBy(folder).filter((each) => each !== folder)
  const hasCaller = new Set(folders.flatMap(called))
  const roots = folders.filter((folder) => !hasCaller.has(folder))
  const reached = new Set(roots)
  const follow = () => {
    for (const each of reached) for (const next of called(each)) reached.add(next)
  }
  follow()
  for (const folder of folders) {
    if (reached.has(folder)) continue
    roots.push(folder)
    reached.add(folder)
    follow()
  }
  return roots
}

function firstOfEach(modules: readonly Module[]): Module[] {
  const first = new Map<string, Module>()
  for (const module of modules) if (!first.has(module.folder.path)) first.set(module.folder.path, module)
  return [...first.values()]
}

/** Whether anything of a block may hold a policy or name somebody who has one. */
function concernsPolicies({ block, file }: PlacedBlock): boolean {
  if (/^aws_iam_|^aws_ssoadmin_|^aws_lambda_permission$/.test(block.labels[0] ?? '')) return true
  return /polic|statement/i.test(file.source.text.slice(block.start, block.end))
}

function readDocuments(instance: Instance, store: DocumentStore): void {
  const { block } = instance.placed
  if (instance.isData && instance.type === 'aws_iam_policy_document') {
    const standing = standingOf(instance.module, instance.placed)
    if (standing === 'switched off') return
    const document = store.data(instance)
    if (standing === 'unused') document.unattached = true
  } else if (!instance.isData && instance.type === 'aws_lambda_permission') {
    store.permission(instance).uses.set('owner', { kind: 'resource', owner: ownerOf(instance.value('function_name')) })
  } else readEmbedded({ block, scope: instance.scope }, instance, '', store)
}

/** Arguments that may be a document though the word does not stand there: what they refer to may be one. */
const MAY_BE_POLICY = /polic|document|^content$|^json$|^definition$/i

function readEmbedded(block: ScopedBlock, instance: Instance, part: string, store: DocumentStore): void {
  const { source } = instance.placed.file
  for (const [attribute, value] of block.block.attributes) {
    const looksLike = MAY_BE_POLICY.test(attribute) || /statement/i.test(source.text.slice(value.start, value.end))
    if (!looksLike) continue
    // The argument that makes a resource a policy needs no mention.
    const own = attribute === 'policy' || attribute === 'content' ? part : `${part}/${attribute}`
    const evaluated = part === '' ? instance.value(attribute) : evaluate(value, block.scope)
    if (!evaluated) continue
    const name = instance.text('name') ?? instance.placed.block.labels.at(-1) ?? ''
    const use = useOf(instance, attribute)
    for (const document of store.of(evaluated, { instance, part: own, name })) {
      if (use) document.uses.set(`${use.kind}|${use.owner}`, use)
    }
  }
  for (const type of new Set(
    block.block.blocks.map((each) => (each.type === 'dynamic' ? (each.labels[0] ?? '') : each.type)),
  )) {
    for (const nested of nestedBlocks(block, type)) {
      const name = argumentText(nested, 'name')
      readEmbedded(nested, instance, `${part}/${type}${name ? `/${name}` : ''}`, store)
    }
  }
}

/** Arguments that name what a resource policy belongs to; where there is none of them, it belongs to its own resource. */
const OWNERS = [
  'bucket',
  'queue_url',
  'key_id',
  'secret_arn',
  'repository',
  'repository_name',
  'topic_arn',
  'arn',
  'file_system_id',
]

function useOf(instance: Instance, attribute: string): Use | undefined {
  const { type } = instance
  if (type === 'aws_iam_role' && attribute === 'assume_role_policy') return { kind: 'trust', owner: instance.id }
  if (attribute === 'assume_role_policy') return { kind: 'trust', owner: '' }
  if (/^aws_(?:organizations_policy|vpc_endpoint)/.test(type)) return { kind: 'control', owner: '' }
  if (instance.isData || !type.startsWith('aws_') || /^aws_(?:iam|ssoadmin)_/.test(type)) return undefined
  const named = OWNERS.map((name) => instance.value(name)).find((value) => value !== undefined)
  return { kind: undefined, owner: named ? ownerOf(named) : instance.id }
}

function ownerOf(value: ValueNode | undefined): string {
  return targetOf(value)?.id ?? (value ? (renderAll(value)[0] ?? '') : '')
}

/** Documents in locals, defaults, outputs and arguments of modules that nothing in the tree makes use of. */
function readUnused(module: Module, store: DocumentStore): void {
  for (const file of module.folder.files) {
    for (const block of file.hcl.blocks) {
      if (block.type === 'resource' || block.type === 'data') continue
      if (!/statement/i.test(file.source.text.slice(block.start, block.end))) continue
      const instance = new Instance(module, { file, block }, '', new Map())
      for (const [attribute, value] of block.attributes) readLeftover(file, instance, attribute, value, store)
    }
  }
}

function readLeftover(
  file: ModuleFile,
  instance: Instance,
  attribute: string,
  written: HclExpression,
  store: DocumentStore,
): void {
  if (!/statement/i.test(file.source.text.slice(written.start, written.end))) return
  const value = evaluate(written, instance.scope)
  if (!store.knowsInside(value))
    store.of(value, { instance, part: `/${attribute}`, name: nameOf(instance.placed.block, attribute) })
}

function nameOf(block: HclBlock, attribute: string): string {
  return block.type === 'locals' ? attribute : (block.labels.at(-1) ?? attribute)
}

/** Modules from elsewhere that have to do with policies: what they declare is not seen. */
function readRemoteModules(module: Module, gap: (gap: Gap) => void): void {
  for (const { block, file } of module.folder.calls.values()) {
    const source = block.attributes.get('source')
    if (source?.type !== 'literal' || module.tree.called(module.folder, block)) continue
    const passed = [...block.attributes].some(
      ([name, value]) =>
        /polic|(?:^|_)(?:iam|roles?|statements?|assume|trusted|oidc)(?:_|$)/i.test(name) ||
        /aws_iam_|"sts:|"iam:/.test(file.source.text.slice(value.start, value.end)),
    )
    if (!passed && !/iam|polic|role/i.test(String(source.value))) continue
    const detail = `module ${block.labels[0]} (${String(source.value)}) is not in the tree: audit the plan or the live account`
    for (const kind of [iamStatement.kind, iamAttachment.kind]) {
      gap(file.source.gap({ kind, class: 'limit', reason: 'remote module', detail, offset: block.start }))
    }
  }
}
