import { isClientFile } from '../client-file.ts'
import { nameOf, structureOf } from '../file-kind.ts'
import type { Pair, Syntax } from '../pair.ts'
import { readColumns, readCredentialUrls, readNetrc, readSingle } from './client.ts'
import { readDockerfile } from './dockerfile.ts'
import { readDotenv } from './dotenv.ts'
import { type Entry, isWithin, pathOf } from './entry.ts'
import { readHcl } from './hcl.ts'
import { readJson } from './json.ts'
import { readIni, readProperties, readWords } from './lines.ts'
import { readFences } from './markdown.ts'
import { describeObjects, type Objects } from './objects.ts'
import { decoded, shifted, splitItem, toPair } from './pairs-from-entries.ts'
import { readSql } from './sql.ts'
import type { Structure } from './structure.ts'
import { readToml } from './toml.ts'
import { readXml } from './xml.ts'
import { readYaml } from './yaml.ts'

const READERS: Readonly<Record<Exclude<Structure, 'markdown'>, (text: string) => Entry[]>> = {
  dotenv: readDotenv,
  dockerfile: readDockerfile,
  json: readJson,
  yaml: readYaml,
  toml: readToml,
  ini: readIni,
  properties: readProperties,
  words: readWords,
  xml: readXml,
  hcl: readHcl,
  sql: readSql,
  netrc: readNetrc,
  columns: readColumns,
  'credential-url': readCredentialUrls,
  single: readSingle,
}

/** Files within files are read this far: a fence of Markdown that holds a ConfigMap that holds a file. */
const MAX_NESTING = 2

/** The pairs of a structured file, each with the syntax that its place in the file gives it. */
export function readPairs(path: string, structure: Structure, text: string, nesting = 0): Pair[] {
  if (structure === 'markdown')
    return nesting > 0
      ? []
      : readFences(text).flatMap(({ name, start, end }) => readInner(name, text, start, end, nesting))
  const entries = READERS[structure](text)
  const file = fileSyntax(path, structure)
  if (file === 'dotenv' || file === 'dockerfile' || file === 'sql') return entries.map((entry) => toPair(entry, file))
  const objects = describeObjects(entries)
  return entries.flatMap((entry) => interpret(entry, file, objects, (name, start, end) => readInner(name, text, start, end, nesting))) // biome-ignore format: one call
}

type Inner = (name: string, start: number, end: number) => Pair[]

/** Reads a file that stands in another one, by its name. */
function readInner(name: string, text: string, from: number, end: number, nesting: number): Pair[] {
  const structure = structureOf(name)
  if (structure === undefined || nesting >= MAX_NESTING) return []
  // The first line keeps its indentation, so that it is the same for all.
  let start = from
  while (start > 0 && (text[start - 1] === ' ' || text[start - 1] === '\t')) start--
  return readPairs(name, structure, text.slice(start, end), nesting + 1).map((pair) => shifted(pair, start))
}

const SYNTAX_OF: { readonly [structure in Structure]?: Syntax } = {
  dotenv: 'dotenv',
  dockerfile: 'dockerfile',
  yaml: 'yaml',
  json: 'json',
  toml: 'toml',
  ini: 'ini',
  properties: 'properties',
  words: 'ini',
  xml: 'xml',
  hcl: 'hcl',
  sql: 'sql',
}

/** Workflows and pipelines of the systems that build from files in the tree. */
const WORKFLOW =
  /(?:^|\/)(?:\.(?:github|gitea|forgejo)\/(?:workflows|actions)\/|\.circleci\/config\.ya?ml$|\.buildkite\/|\.woodpecker\/|\.gitlab-ci[^/]*\.ya?ml$|\.?(?:travis|drone|woodpecker|cirrus|appveyor|semaphore)\.ya?ml$|(?:azure|bitbucket)-pipelines[^/]*\.ya?ml$|(?:buildspec|cloudbuild|codefresh|codemagic)\.ya?ml$)/i

function fileSyntax(path: string, structure: Structure): Syntax {
  const name = nameOf(path)
  if (isClientFile(path) && !/^kubeconfig$/.test(name) && !/(?:^|\/)\.kube\/config$/.test(path)) return 'client-file'
  if (/\.tfstate(?:\.backup|\.\d+\.backup)?$/.test(name)) return 'terraform-state'
  if (/\.tfvars(?:\.json)?$/.test(name)) return 'terraform-variables'
  if (structure === 'yaml' && /^(?:docker-)?compose(?:[.-].*)?\.ya?ml$|^(?:docker-)?stack\.ya?ml$/.test(name))
    return 'compose'
  if (structure === 'yaml' && WORKFLOW.test(path)) return 'workflow'
  return SYNTAX_OF[structure] ?? 'client-file'
}

function interpret(entry: Entry, file: Syntax, objects: Objects, inner: Inner): Pair[] {
  const { container, key } = entry
  const parentKind = container.parent && objects.kinds.get(container.parent)
  if (parentKind === 'Secret' && (container.key === 'data' || container.key === 'stringData')) {
    if (container.key === 'data') return [decoded(toPair(entry, 'kubernetes-secret'))]
    return [toPair(entry, 'kubernetes-secret'), ...innerFile(entry, inner)]
  }
  if (parentKind === 'ConfigMap' && container.key === 'data') return [toPair(entry, file), ...innerFile(entry, inner)]
  const name = /^value$/i.test(key) ? objects.names.get(container) : undefined
  if (name !== undefined)
    return [toPair({ ...entry, key: name }, file === 'compose' || file === 'workflow' ? 'yaml' : file)]
  if (objects.isKubeconfig(container) && /^users\.\*\.user(?:\.|$)/.test(pathOf(container)))
    return [toPair(entry, 'kubeconfig')]
  // Its name says what it is, so that it is not taken for the secret.
  if (/(?:^|[_.-])access_?key$/i.test(key) && objects.withSecretKey.has(container))
    return [toPair({ ...entry, key: `${key}_id` }, file)]
  // The name in full, so that it is not taken for what signs sessions.
  if (file !== 'client-file' && objects.storageKeys.isSecret(entry))
    return [toPair({ ...entry, key: 'secret_access_key' }, file)]
  if (file === 'compose') return ofCompose(entry)
  if (file === 'workflow') return ofWorkflow(entry)
  if (file === 'hcl' && key === 'default') return [ofVariable(entry)]
  if (file === 'hcl' && key !== '' && isWithin(container, 'resource.'))
    return [{ ...toPair(entry, file), ofResource: true }]
  if (entry.encoding !== undefined) return [decoded(toPair(entry, file))]
  return key === '' ? [] : [toPair(entry, file)]
}

/** Whole files under `data:` of a ConfigMap, `stringData:` of a Secret: `application.properties: |`. */
function innerFile({ key, value, start, end }: Entry, inner: Inner): Pair[] {
  return value.includes('\n') ? inner(key, start, end) : []
}

function ofCompose(entry: Entry): Pair[] {
  if (!/(?:^|\.)(?:environment|build\.args)$/.test(pathOf(entry.container))) return [toPair(entry, 'yaml')]
  return entry.key === '' ? splitItem(entry, 'compose') : [toPair(entry, 'compose')]
}

/** Names under which pipelines set variables: GitHub and GitLab, CircleCI, Travis, Drone, CodeBuild, Cloud Build. */
const VARIABLES = /^(?:env|with|variables|environment|environment_variables|build_args|global|matrix|jobs)$/

function ofWorkflow(entry: Entry): Pair[] {
  const { container, key } = entry
  // GitLab: `variables: { NAME: { value: "…", description: "…" } }`
  if (key === 'value' && container.parent?.key === 'variables')
    return [toPair({ ...entry, key: container.key }, 'workflow')]
  if (key === '') return VARIABLES.test(container.key) ? splitItem(entry, 'workflow') : []
  return [toPair(entry, VARIABLES.test(container.key) ? 'workflow' : 'yaml')]
}

/** The default of a Terraform variable is named by the variable. */
function ofVariable(entry: Entry): Pair {
  const variable = /^variable\.([\w-]+)$/.exec(entry.container.key)?.[1]
  return variable === undefined
    ? toPair(entry, 'hcl')
    : toPair({ ...entry, key: variable, keyStart: entry.start }, 'terraform-variables')
}
