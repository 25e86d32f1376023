/**
 * Words of the messages of helm, kubectl and Kustomize, of Go's templates and of its readers of YAML. Everything else may come from
 * the values that a template was given.
 */
const WORDS = new Set(
  `a accumulate accumulating access actual all already an and any apiversion argument arguments array at bad base be been
  before block bool boolean build but by call calling cannot chart charts cmd collecting comment component components config
  configmap connect connection contain contains context converting could create crd crds cycle defined dependencies dependency deprecated
  detected did directory does don't duplicate empty end entry eof error errors evaluate evaluating evalsymlink exceeded execute
  executing execution exist exists expected exit fail failed failure fetch field fields file files find flag following for found from
  function generator generators has helm id ids if in include including incorrect index int integer interface into invalid is it items
  json key key=value keys kind kubernetes kustomization kustomize kv label labels line literal load loaded loading load-restrictor
  lookup map mapping marshal matches matching max meet merging meta metadata missing more multiple must name namespace needs nil no
  not null number object objects of on only open operation or out outside pair pairs parse parsing patch patches path permission
  pipeline plugin pointer processing range read reading recursion reference render rendering replace replacement replacements required
  resource resources result root schema scan scanner scanning secret security seq sequence simple size slice source sources spec
  specifications start status stat stopped strategic string such supported syntax tab tag target template templates than that the there
  timeout times to token transformer transformers type types unable undefined unexpected unknown unmarshal unsupported url usage use
  used v1 v2 validate validation validator validators value values version was when while with wrong yaml`.split(/\s+/),
)

const FILE = /^[\w./-]+\.(?:ya?ml|tpl|txt|json)(?::\d+){0,2}$/
const OTHER =
  /^(?:\.(?:Values|Chart|Release|Files|Capabilities|Template)(?:\.\w+)*|!!(?:str|int|map|seq|float|bool|null))$/
const LONGEST = 240
/** klog's head: `E1126 19:46:24.000000   12 file.go:7] `. */
const KLOG = /^[IWEF]\d{4} [\d:.]+ +\d+ \S+\] /
const LEVEL = /^(?:error|fatal): /i

/**
 * The last line of standard error that tells of an error, in words that are known: what templates and values say may be secret, so
 * that all but known words, names of files and of values is cut out. Empty if nothing of it is known.
 */
export function failureOf(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim().replace(KLOG, ''))
    .filter((line) => line !== '' && !line.startsWith('Use --debug flag'))
  const line = lines.findLast((each) => /^(?:error|fatal)\b/i.test(each)) ?? lines.at(-1) ?? ''
  const message = line
    // Far more than is shown, and little enough for any pattern.
    .slice(0, 10 * LONGEST)
    .replace(LEVEL, '')
    // What a template says itself.
    .replace(/(execution error at \([^)]*\)):.*/, '$1: stopped by the template')
    .replace(/(error calling (?:fail|required|tpl|include|template)):.*/, '$1')
    .replace(/(["'`])(?:(?!\1).)*\1/g, (quoted) => (FILE.test(quoted.slice(1, -1)) ? quoted : '…'))
  const words = knownOf(message.split(/\s+/))
  if (!words.some((word) => /\w/.test(word))) return ''
  const known = words.join(' ').replace(/…(?:[\s,;:=[\]()<>]+…)+/g, '…')
  return known.length > LONGEST ? `${known.slice(0, LONGEST)}…` : known
}

function knownOf(words: readonly string[]): string[] {
  let last = ''
  return words.map((word) => {
    const [, head = '', core = '', tail = ''] = /^([("'<[]*)(.*?)([)\]"'>:,.;]*)$/.exec(word) ?? []
    const isNumber = /^\d{1,6}$/.test(core) && (last === 'line' || last === 'column')
    last = core.toLowerCase()
    if (core === '' || isNumber || WORDS.has(last) || FILE.test(core) || OTHER.test(core)) return word
    return `${head}…${tail}`
  })
}
