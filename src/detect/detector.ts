import type { Detector } from '../model.ts'
import { checkBacktracking } from './backtracking.ts'
import { PAIR_KEYWORDS } from './pairs.ts'
import { type Pattern, PatternError, translate } from './re2.ts'
import { validators } from './validators.ts'

/** The `detect:` block of a rule as written. */
export interface DetectSource {
  readonly by: 'pattern' | 'structure' | 'score'
  readonly pattern?: string | undefined
  readonly keywords?: readonly string[] | undefined
  readonly minEntropy?: number | undefined
  readonly ignore?: readonly string[] | undefined
  readonly validator?: string | undefined
  readonly syntaxes?: readonly string[] | undefined
  readonly keys?: string | undefined
  readonly acceptPlaceholders?: boolean | undefined
  readonly lowEntropy?: boolean | undefined
  readonly priority?: number | undefined
}

/** What is wrong with a part of a `detect:` block; `path` is relative to it. */
export interface DetectDefect {
  readonly path: string
  readonly message: string
}

const PRIORITIES: Readonly<Record<DetectSource['by'], number>> = { pattern: 100, structure: 50, score: 10 }

const SYNTAXES: readonly string[] = [
  'text',
  'dotenv',
  'yaml',
  'json',
  'toml',
  'ini',
  'properties',
  'xml',
  'hcl',
  'sql',
  'dockerfile',
  'compose',
  'kubernetes-secret',
  'kubeconfig',
  'workflow',
  'terraform-state',
  'terraform-variables',
  'client-file',
]

/** Translates a checked `detect:` block. Throws PatternError if a pattern is none. */
export function toDetector(id: string, detect: DetectSource): Detector {
  return {
    id,
    by: detect.by,
    ...(detect.pattern !== undefined && { pattern: translate(detect.pattern) }),
    keywords: detect.keywords ?? (detect.by === 'pattern' ? [] : PAIR_KEYWORDS),
    minEntropy: detect.minEntropy ?? 0,
    ignore: (detect.ignore ?? []).map((pattern) => translate(pattern)),
    ...(detect.validator !== undefined && { validator: detect.validator }),
    syntaxes: detect.syntaxes ?? [],
    ...(detect.keys !== undefined && { keys: translate(detect.keys) }),
    acceptPlaceholders: detect.acceptPlaceholders ?? false,
    lowEntropy: detect.lowEntropy ?? false,
    priority: detect.priority ?? PRIORITIES[detect.by],
  }
}

/** Everything about a `detect:` block that its form alone does not show: patterns, their cost, names. */
export async function checkDetect(detect: DetectSource): Promise<readonly DetectDefect[]> {
  const defects: DetectDefect[] = []
  const keywords = detect.keywords ?? []
  const check = async (path: string, source: string | undefined, words: readonly string[]) => {
    const pattern = source === undefined ? undefined : tryTranslate(source, path, defects)
    const cost = pattern && (await checkBacktracking(pattern, words))
    if (cost !== undefined) defects.push({ path, message: cost })
  }
  await check('pattern', detect.pattern, keywords)
  await check('keys', detect.keys, [])
  for (const [index, source] of (detect.ignore ?? []).entries()) await check(`ignore.${index}`, source, [])
  if (detect.validator !== undefined && !Object.hasOwn(validators, detect.validator)) {
    defects.push({
      path: 'validator',
      message: `'${detect.validator}' is not one of ${Object.keys(validators).join(', ')}`,
    })
  }
  for (const [index, syntax] of (detect.syntaxes ?? []).entries()) {
    if (!SYNTAXES.includes(syntax))
      defects.push({ path: `syntaxes.${index}`, message: `'${syntax}' is not one of ${SYNTAXES.join(', ')}` })
  }
  return defects
}

function tryTranslate(source: string, path: string, defects: DetectDefect[]): Pattern | undefined {
  try {
    return translate(source)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    defects.push({ path, message: `${error.message} (at character ${error.offset + 1})` })
    return undefined
  }
}
