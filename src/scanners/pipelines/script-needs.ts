import { needText } from '../../reference/action-permissions.ts'
import { needOfRoute, needsOfGh, needsOfMethod } from '../../reference/action-permissions-routes.ts'
import { type Command, commandsOf } from './scripts.ts'

/** What is known of a piece of code: needs as text, scopes that it may need besides (`*`: any), and why. */
export interface Needs {
  readonly needs: readonly string[]
  readonly open: readonly string[]
  readonly because: string
  /** Whether the name of a script of the tree is all that speaks against its use of a token. */
  readonly assumes: boolean
}
export const NO_NEEDS: Needs = { needs: [], open: [], because: '', assumes: false }

/** What tokens a script can reach. */
export interface Reach {
  /** The job's token, in a variable or written into the script. */
  readonly token: boolean
  /** Whether checkout left the job's token where git finds it. */
  readonly git: boolean
  /** Whether git has other credentials. Without any, a push fails as it stands: nobody wants that. */
  readonly other: boolean
}

/** Commands that use no token, whatever stands in the environment. */
const HARMLESS = new Set(
  `: [ [[ alias apt apt-get awk base64 basename brew break bzip2 case cat cd chmod chown choco cmp column continue cp curl-config cut date
  declare df diff dirname du echo eval exit export expr false file find for function grep egrep fgrep gpg gunzip gzip head hostname id install jq kill
  ln local locale-gen ls lsb_release md5sum mkdir mktemp mv nproc openssl popd printenv printf ps pushd pwd read readarray mapfile readlink
  realpath return rm rmdir rsync sed select seq set sha256sum sha512sum shasum shift shopt sleep sort source-date split stat strip sum sync sysctl
  systemctl tail tar tee test touch tr trap true type ulimit umask unalias uname uniq unset unzip update-alternatives wait wc wget-config which who
  whoami xz yq zip zstd yum dnf apk snap codesign security xattr dpkg corepack rustup nvm terraform-docs tflint actionlint zizmor pinact ratchet
  trivy syft grype hadolint shellcheck shfmt yamllint codespell typos markdownlint kubeconform kubeval conftest opa kind kubectl minikube
  k3d helm kustomize gofmt goimports mise aqua asdf rustfmt black ruff flake8 mypy isort prettier eslint biome tsc pip pip3 pipx uv-sync`.split(
    /\s+/,
  ),
)
/** Commands that run what the tree says: their targets' names are all that is seen. */
const NAMED_RELEASE =
  /release|publish|deploy|push|upload|version|\btag\b|bump|commit|sync|changelog|pages|gh-|semantic|backport|mirror|update|autofix/i
const WITH_OIDC = /\b(?:cosign|gitsign|sigstore|terraform|tofu|terragrunt|pulumi|vault|gcloud|az|aws|sam|cdk)\b/

const LONGEST = 50

/** What the commands of a shell script need. */
export function needsOfScript(script: string, reach: Reach): Needs {
  // Functions of the script itself: their bodies are read where they stand.
  const own = new Set(
    [...script.matchAll(/(?:^|[\n;])[ \t]*(?:function[ \t]+)?([\w-]+)[ \t]*\([ \t]*\)/g)].map(([, name]) => name),
  )
  const found = commandsOf(script)
    .filter(({ words }) => !own.has(words[0]))
    .map((command) => needsOfCommand(command, reach))
  const oidc = /ACTIONS_ID_TOKEN_REQUEST/.test(script) ? [{ ...NO_NEEDS, needs: ['id-token: write'] }] : []
  return joined([...found, ...oidc])
}

/** A script in another language, or one of the tree: nothing of it is seen. */
export function needsOfOpaque(what: string, { token, git }: Reach, name = what): Needs {
  if (token) return { ...NO_NEEDS, open: ['*'], because: `what ${what} does with the token` }
  if (!NAMED_RELEASE.test(name)) return { ...NO_NEEDS, assumes: true }
  return {
    ...NO_NEEDS,
    open: git ? ['contents', 'id-token'] : ['id-token'],
    because: `whether ${what} publishes or pushes`,
  }
}

/** As much of a command as tells which it is, in whole words. */
function beginning(command: string): string {
  if (command.length <= LONGEST) return command
  const cut = command.slice(0, LONGEST + 1)
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), LONGEST / 2))} …`
}

export function joined(all: readonly Needs[]): Needs {
  return {
    needs: [...new Set(all.flatMap(({ needs }) => needs))],
    open: [...new Set(all.flatMap(({ open }) => open))],
    because: all.find(({ because }) => because !== '')?.because ?? '',
    assumes: all.some(({ assumes }) => assumes),
  }
}

const needing = (...needs: string[]): Needs => ({ ...NO_NEEDS, needs })

function needsOfCommand({ words }: Command, reach: Reach): Needs {
  const name = (words[0] ?? '').replace(/^.*\/(?=(?:gh|git|docker|npm|node)$)/, '')
  const line = words.join(' ')
  if (/\blogin\b/.test(line) && /\bghcr\.io\b|docker\.pkg\.github\.com/.test(line))
    return reach.token ? needing('packages: any') : NO_NEEDS
  // What was pushed to a registry needs what its login needed.
  if (name === 'helm' && /\bpush\b/.test(line)) return needing('packages: kept')
  if (name === '' || HARMLESS.has(name)) return NO_NEEDS
  if (name === 'git') return needsOfGit(words, reach)
  if (name === 'gh') return reach.token ? needsOfGhCommand(words.slice(1)) : NO_NEEDS
  if (name === 'curl' || name === 'wget') return reach.token ? needsOfRequest(words) : NO_NEEDS
  if (/^(?:cosign|gitsign)$/.test(name)) {
    if (!/\b(?:sign|attest|sign-blob|attest-blob)\b/.test(line)) return NO_NEEDS
    return / --key[ =]/.test(line) ? NO_NEEDS : needing('id-token: write')
  }
  if (/\bsemantic-release\b/.test(line)) return needsOfSemanticRelease(reach)
  if (/^(?:npm|pnpm|yarn|lerna|npx)$/.test(name) && /\bpublish\b/.test(line))
    return needing(
      /--provenance\b/.test(line) ? 'id-token: write' : 'id-token: kept',
      ...(reach.token ? ['packages: any'] : []),
    )
  if (/^(?:twine|uv|poetry|flit|hatch|cargo|gem)$/.test(name) && /\b(?:publish|upload|push)\b/.test(line))
    return needing('id-token: kept')
  if (name === 'goreleaser')
    return reach.token ? needing('contents: any', 'packages: kept', 'id-token: kept') : needing('id-token: kept')
  if (/^(?:docker|podman|buildah|skopeo|crane|oras|regctl|nerdctl)$/.test(name))
    return { ...needing('packages: kept'), assumes: /\b(?:run|compose)\b/.test(line) }
  if (
    /^(?:npm|pnpm|yarn|bun)$/.test(name) &&
    /^\S+ (?:ci|install|i|add|config|cache|audit|pack|root|--version|-v)\b/.test(line)
  )
    return NO_NEEDS
  if (
    /^(?:go|cargo|rustc|pip|uv|poetry|bundle|gem|composer|dotnet)$/.test(name) &&
    /^\S+ (?:mod|get|install|build|vet|env|version|fmt|clippy|sync|download|restore|tool|fetch|check|list)\b/.test(line)
  )
    return NO_NEEDS
  // Options and values say what a command is given, not what it is for.
  const named = words.filter((word) => !word.startsWith('-') && !/[=\s()]/.test(word)).slice(0, 5)
  const opaque = needsOfOpaque(`\`${beginning(line.replace(/\s+/g, ' '))}\``, reach, named.join(' '))
  return WITH_OIDC.test(line) ? { ...opaque, needs: ['id-token: kept'] } : opaque
}

function needsOfSemanticRelease({ token, git }: Reach): Needs {
  if (!token) return git ? needing('contents: kept', 'id-token: kept') : needing('id-token: kept')
  return needing('contents: write', 'issues: any', 'pull-requests: any', 'id-token: kept')
}

function needsOfGit(words: readonly string[], { token, git, other }: Reach): Needs {
  const verb = words.slice(1).find((word, i, all) => !word.startsWith('-') && !/^-[cC]$/.test(all[i - 1] ?? ''))
  if (verb === 'push') return token || git ? needing('contents: write') : other ? NO_NEEDS : needing('contents: kept')
  if (/^(?:clone|fetch|pull|submodule|ls-remote|lfs|subtree)$/.test(verb ?? ''))
    return token || git ? needing('contents: read') : NO_NEEDS
  return NO_NEEDS
}

function needsOfGhCommand(words: readonly string[]): Needs {
  const plain = words.filter((word) => word !== '')
  if (plain[0] === 'api') return needsOfApi(plain.slice(1))
  const known = needsOfGh(plain.filter((word) => !word.startsWith('-')))
  const shown = plain.slice(0, 2).join(' ')
  return known ? needing(...known.map(needText)) : { ...NO_NEEDS, open: ['*'], because: `what \`gh ${shown}\` needs` }
}

function needsOfApi(words: readonly string[]): Needs {
  const flag = words.findIndex((word) => word === '-X' || word === '--method')
  const written =
    flag >= 0 ? words[flag + 1] : words.find((word) => /^(?:-X|--method=)/.test(word))?.replace(/^(?:-X|--method=)/, '')
  const fields = words.some((word) => /^(?:-[fF]|--(?:raw-)?field|--input)/.test(word))
  const withValue =
    /^(?:-[XfFHqtp]|--method|--field|--raw-field|--header|--jq|--template|--preview|--input|--hostname|--cache)$/
  const route = words.find((word, i) => !word.startsWith('-') && !withValue.test(words[i - 1] ?? ''))
  return needsOfCall((written ?? (fields ? 'POST' : 'GET')).toUpperCase(), route ?? '')
}

function needsOfRequest(words: readonly string[]): Needs {
  const url = words.find((word) => /(?:api|uploads)\.github\.com|GITHUB_API_URL|github\.api_url/.test(word))
  if (!url) return { ...NO_NEEDS, open: ['*'], because: `where \`${words[0]}\` sends the token` }
  if (url.includes('uploads.github.com')) return needing('contents: write')
  const flag = words.findIndex((word) => /^(?:-X|--request|--method)$/.test(word))
  const written =
    flag >= 0
      ? words[flag + 1]
      : words.find((word) => /^(?:-X\w|--request=)/.test(word))?.replace(/^(?:-X|--request=)/, '')
  const sends = words.some((word) => /^(?:-d|--data|--json|--post-data|-F|--form|-T|--upload-file)/.test(word))
  return needsOfCall(
    (written ?? (sends ? 'POST' : 'GET')).toUpperCase(),
    url.replace(/^.*?(?:github\.com|GITHUB_API_URL\}?|github\.api_url\s*\}\})/, ''),
  )
}

/** Owner and name of the repository stand in expressions and variables. */
function needsOfCall(method: string, written: string): Needs {
  const route = written
    .replace(/\$\{\{\s*github\.repository\s*\}\}/g, '<repository>')
    .replace(/\$\{\{[^}]*\}\}/g, '$x')
    .replace(/\$\{(\w+)[^}]*\}/g, '$$$1')
    .replace(/\$\([^)]*\)/g, '$x')
  if (/^\/?graphql\b/.test(route)) return { ...NO_NEEDS, open: ['*'], because: 'what a GraphQL query needs' }
  const need = needOfRoute(method, route)
  if (need === 'none') return NO_NEEDS
  return need
    ? needing(needText(need))
    : { ...NO_NEEDS, open: ['*'], because: `what the call ${method} ${written.slice(0, 60)} needs` }
}

/** What the script of actions/github-script needs: calls of Octokit. Anything else that it does with `github` leaves it open. */
export function needsOfOctokit(script: string): Needs {
  const text = script.replace(/\$\{\{[\s\S]*?\}\}/g, '0').replace(/\/\/[^\n'"`]*$/gm, '')
  const found: Needs[] = []
  const other = text
    .replace(
      /\b(?:github|octokit)\s*\.\s*(?:rest\s*\.\s*)?(\w+)\s*\.\s*(\w+)\b/g,
      (whole, namespace: string, method: string) => {
        if (namespace === 'paginate') return ' '
        const known = needsOfMethod(namespace, method)
        found.push(
          known
            ? needing(...known.map(needText))
            : { ...NO_NEEDS, open: ['*'], because: `what ${whole.replace(/\s+/g, '')} needs` },
        )
        return ' '
      },
    )
    .replace(/\bgithub\s*\.\s*request\s*\(\s*(['"`])(\w+)\s+([^'"`]+)\1/g, (_, __, method: string, route: string) => {
      found.push(needsOfCall(method.toUpperCase(), route.replace('{owner}/{repo}', '<repository>')))
      return ' '
    })
    .replace(/\bgithub\s*\.\s*paginate\b/g, ' ')
    .replace(/(['"`])(?:\\.|(?!\1)[^\\\n])*\1/g, ' ')
  if (/(?<![.\w-])(?:github|octokit|getOctokit)\b(?!\s*[:-])/.test(other))
    found.push({ ...NO_NEEDS, open: ['*'], because: 'what a script of actions/github-script calls' })
  return joined(found)
}
