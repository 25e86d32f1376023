import { kindOf } from './file-kind.ts'

/** What a file is for, as far as its path tells. */
export type PathClass = 'code' | 'config' | 'test' | 'example' | 'docs'

const TEST =
  /(?:^|\/)(?:tests?|testing|__tests__|specs?|testdata|test[_-]data|test[_-]?resources|test[_-]fixtures|fixtures?|mocks?|__mocks__|__fixtures__|__snapshots__|e2e|(?:integration|unit|functional|regression|smoke|pending)[_-]?tests?|dummy[_-]?server|cypress|acceptance|conformance)\/|(?:^|\/)(?:test_[^/]*|conftest\.py|[^/]*_test\.\w+|[^/]*[._-](?:test|tests|spec|specs|mock|mocks|fixture|stub)\.\w+|[^/]*(?:Test|Tests|TestCase|IT|Spec)\.(?:java|kt|kts|scala|groovy|cs|swift|php|fs))$|(?:^|\/)src\/test\//
// A development container holds what works on its maker's desk alone.
const EXAMPLE =
  /(?:^|\/)(?:\.devcontainer|examples?|samples?|demos?|quickstarts?|tutorials?|playground|boilerplate)\/|[._-](?:example|examples|sample|dist|template|tmpl|tpl)(?:\.|$)|(?:^|\/)(?:example|sample|demo)[._-][^/]*$|(?:^|\/)[^/]*(?:swagger|openapi)[^/]*\.(?:ya?ml|json)$/i
const DOCS =
  /(?:^|\/)(?:docs?|docs?[_-]src|documentation|wiki|guides?)\/|(?:^|\/)(?:README|CHANGELOG|CONTRIBUTING|HISTORY|NEWS|SECURITY|INSTALL|UPGRADING)[^/]*$/i

const memo = new Map<string, PathClass>()

/** Tests before examples before documentation: `docs/examples/test_login.py` is a test. */
export function classifyPath(path: string): PathClass {
  let known = memo.get(path)
  if (!known) {
    known = classify(path)
    // One file asks many times, and then never again.
    if (memo.size > 1000) memo.clear()
    memo.set(path, known)
  }
  return known
}

function classify(path: string): PathClass {
  if (TEST.test(path)) return 'test'
  if (EXAMPLE.test(path)) return 'example'
  const kind = kindOf(path)
  if (DOCS.test(path) || kind === 'prose') return 'docs'
  return kind === 'config' ? 'config' : 'code'
}
