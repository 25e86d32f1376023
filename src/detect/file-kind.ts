import { structureOfClientFile } from './client-file.ts'
import { ofLastPath } from './last-path.ts'
import type { Structure } from './structure/structure.ts'

/**
 * What a path tells of a file. `code` needs quotes around a value, `config`, `shell` and `data` do not; `prose` is about
 * secrets more often than it holds them.
 */
export type FileKind = 'code' | 'shell' | 'config' | 'data' | 'prose' | 'unknown'
const KINDS: Readonly<Record<string, FileKind>> = Object.fromEntries(
  Object.entries({
    code: 'js mjs cjs jsx ts mts cts tsx vue svelte py pyw ipynb rb erb php java kt kts scala groovy gradle go rs c h cc cpp cxx hpp cs fs vb swift m mm dart lua pl pm r ex exs erl hrl clj cljs elm hs ml nim zig sol jl coffee cshtml jsp aspx tf hcl bicep sql graphql proto toml',
    shell: 'sh bash zsh fish ksh ps1 psm1 psd1 bat cmd mk makefile',
    config:
      'env yml yaml json jsonc json5 ini cfg conf config cnf properties props tfvars tfstate xml plist npmrc pypirc netrc pgpass htpasswd envrc local secrets credentials service desktop',
    data: 'csv tsv log dump har',
    prose: 'md mdx markdown rst adoc txt tex html htm po pot xlf xliff resx strings',
  }).flatMap(([kind, extensions]) =>
    extensions.split(' ').map((extension): [string, FileKind] => [extension, kind as FileKind]),
  ),
)

export const kindOf = ofLastPath(readKindOf)

function readKindOf(path: string): FileKind {
  const name = nameOf(path)
  const structure = structureOf(path)
  if (structure !== undefined) return STRUCTURE_KINDS[structure] ?? 'config'
  if (SHELL_NAMES.test(name)) return 'shell'
  const bare = withoutSuffix(name)
  return KINDS[bare.slice(bare.lastIndexOf('.') + 1)] ?? 'unknown'
}

/** What is not configuration, though it has a structure. */
const STRUCTURE_KINDS: { readonly [structure in Structure]?: FileKind } = {
  sql: 'code',
  markdown: 'prose',
  hcl: 'code',
}

const SHELL_NAMES =
  /^(?:(?:gnu)?makefile|justfile|procfile|\.?(?:bash|zsh|ksh)(?:_profile|_login|_logout|_history|_aliases|rc|env|_env)|\.profile|\.(?:sh|histfile|history)|fish_history|consolehost_history\.txt|\.z(?:profile|login|history))$/

/** `settings.py.example`, `config.yml.dist`: judged as what it is an example of. */
function withoutSuffix(name: string): string {
  return name.replace(/\.(?:example|sample|dist|template|tmpl|tpl|bak|old|orig|in|j2|erb|production|local)$/, '')
}

/** The structure that is read, by name; undefined for a file that is read as text. */
export const structureOf = ofLastPath(readStructureOf)

function readStructureOf(path: string): Structure | undefined {
  const name = nameOf(path)
  if (
    /^\.?env(?:\.|$)|\.env(?:\.|$)|^\.envrc$|^\.flaskenv$/.test(name) &&
    !/\.(?:js|ts|mjs|cjs|d\.ts|py|rb|go|json|ya?ml|md|html)$/.test(name)
  )
    return 'dotenv'
  if (/^(?:docker|container)file(?:\.|$)|\.dockerfile$/.test(name)) return 'dockerfile'
  const named = structureOfClientFile(path, name)
  if (named) return named
  if (/\.ya?ml(?:\.\w+)?$/.test(name)) return 'yaml'
  if (/\.tfstate(?:\.backup|\.\d+\.backup)?$/.test(name)) return 'json'
  const bare = withoutSuffix(name)
  const dot = bare.lastIndexOf('.')
  return dot < 0 ? undefined : BY_EXTENSION.get(bare.slice(dot + 1))
}

const BY_EXTENSION: ReadonlyMap<string, Structure> = new Map(
  Object.entries({
    json: 'json jsonc json5 webmanifest',
    toml: 'toml',
    ini: 'ini cfg conf cnf desktop service reg inf',
    properties: 'properties props',
    xml: 'xml config plist csproj vbproj targets pubxml nuspec wsdd wxs',
    hcl: 'tf tfvars hcl nomad',
    sql: 'sql psql ddl mysql pgsql',
    markdown: 'md mdx markdown',
  } satisfies { [structure in Structure]?: string }).flatMap(([structure, extensions]) =>
    extensions.split(' ').map((extension): [string, Structure] => [extension, structure as Structure]),
  ),
)

/** Code of others, generated or minified text, lists of checksums: only what has a provider's format counts there. */
export const isForeign = ofLastPath(readIsForeign)

function readIsForeign(path: string): boolean {
  return (
    /(?:^|\/)(?:node_modules|vendor|vendors|third[_-]?party|bower_components|Pods|Carthage|\.yarn|site-packages|dist-packages|\.venv|venv|virtualenv)\//i.test(
      path,
    ) ||
    /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.ya?ml|composer\.lock|Gemfile\.lock|Cargo\.lock|poetry\.lock|Pipfile\.lock|uv\.lock|pdm\.lock|go\.sum|flake\.lock|mix\.lock|pubspec\.lock|Podfile\.lock|packages\.lock\.json|deno\.lock|bun\.lock|gradle\.lockfile)$/.test(
      path,
    ) ||
    /\.min\.(?:js|css|mjs)$|\.(?:map|svg|snap|lock)$|\.bundle\.js$|\.chunk\.js$/.test(path)
  )
}

/** Texts in several languages: "Password" has a value there in each of them. */
export const isTranslation = ofLastPath(readIsTranslation)

function readIsTranslation(path: string): boolean {
  return (
    /(?:^|\/)(?:locales?|i18n|l10n|langs?|translations?|_locales)\/|\.(?:po|pot|xlf|xliff|resx|arb|ftl|strings)$/i.test(
      path,
    ) ||
    /(?:^|\/)(?:messages|strings|translations?|locale|i18n)(?:[._-][\w-]+)?\.(?:properties|json|ya?ml|php|xml|[jt]s)$/i.test(
      path,
    )
  )
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).toLowerCase()
}
