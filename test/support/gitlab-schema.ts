import { Ajv, type AnySchema } from 'ajv'

/**
 * The rules of GitLab's security report schemas 15.2.1, as far as our reports reach, written by hand: `required`, patterns, words and
 * lengths are those of sast-report-format.json and secret-detection-report-format.json. Stricter in one way: a key that we do
 * not mean to write is an error.
 */
const text = { type: 'string', minLength: 1 }
const url = { type: 'string', pattern: '^https?://.+' }
const time = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$' }

function object(properties: Record<string, AnySchema>, required = Object.keys(properties)) {
  return { type: 'object', properties, required, additionalProperties: false }
}
function list(items: AnySchema) {
  return { type: 'array', items }
}

const tool = object({ id: text, name: text, url, version: text, vendor: object({ name: text }) })
const textDetail = { type: { const: 'text' }, value: { type: 'string' } }
/** A named field of `details`: text, a list of texts, or a commit. */
const detail = {
  oneOf: [
    object({ name: text, ...textDetail }),
    object({ name: text, type: { const: 'list' }, items: list(object(textDetail)) }),
    object({ name: text, type: { const: 'commit' }, value: text }),
  ],
}
const place = { file: text, start_line: { type: 'integer', minimum: 1 }, end_line: { type: 'integer', minimum: 1 } }
const LOCATION = {
  sast: object(place, ['file', 'start_line']),
  // The commit is required here and unknown there.
  secret_detection: object({ ...place, commit: object({ sha: text }) }, ['file', 'start_line', 'commit']),
}

function vulnerability(type: keyof typeof LOCATION) {
  return object(
    {
      id: { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' },
      name: { type: 'string', minLength: 1, maxLength: 255 },
      description: { type: 'string', maxLength: 1_048_576 },
      severity: { enum: ['Info', 'Unknown', 'Low', 'Medium', 'High', 'Critical'] },
      solution: { type: 'string', maxLength: 7000 },
      identifiers: {
        ...list(object({ type: text, name: text, value: text, url }, ['type', 'name', 'value'])),
        minItems: 1,
        maxItems: 20,
      },
      links: list(object({ url })),
      location: LOCATION[type],
      details: { type: 'object', additionalProperties: detail },
    },
    ['id', 'name', 'severity', 'identifiers', 'location'],
  )
}

export function gitlabSchema(type: keyof typeof LOCATION): AnySchema {
  const scan = object({
    type: { const: type },
    analyzer: tool,
    scanner: tool,
    start_time: time,
    end_time: time,
    status: { enum: ['success', 'failure'] },
    messages: list(object({ level: { enum: ['info', 'warn', 'fatal'] }, value: text })),
  })
  return object({
    schema: url,
    version: { type: 'string', pattern: '^[0-9]+\\.[0-9]+\\.[0-9]+$' },
    scan,
    vulnerabilities: list(vulnerability(type)),
  })
}

/** What GitLab requires of a code quality report, with the words and the uniqueness that its documentation asks for. */
const codequalitySchema = list(
  object({
    description: text,
    check_name: text,
    fingerprint: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
    location: object({
      path: { type: 'string', pattern: '^[^/]' },
      lines: object({ begin: place.start_line, end: place.start_line }, ['begin']),
    }),
  }),
)

const ajv = new Ajv({ strict: false, allErrors: true })
const validators = {
  sast: ajv.compile(gitlabSchema('sast')),
  secret_detection: ajv.compile(gitlabSchema('secret_detection')),
  codequality: ajv.compile(codequalitySchema),
}

/** What a report breaks; empty if it holds. */
export function defectsOf(kind: keyof typeof validators, json: string): string[] {
  const validate = validators[kind]
  const report = JSON.parse(json)
  validate(report)
  const ids: string[] =
    kind === 'codequality'
      ? report.map((row: { fingerprint: string }) => row.fingerprint)
      : report.vulnerabilities.map(({ id }: { id: string }) => id)
  return [
    ...(validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`),
    ...(new Set(ids).size === ids.length ? [] : ['ids or fingerprints occur twice']),
  ]
}
