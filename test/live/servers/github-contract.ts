import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'

/** As much of an OpenAPI schema as is read here; the validator reads the rest. */
export interface Schema {
  $ref?: string
  type?: string
  format?: string
  enum?: unknown[]
  default?: unknown
  nullable?: boolean
  minimum?: number
  required?: string[]
  items?: Schema
  additionalProperties?: boolean | Schema
  properties?: Record<string, Schema>
  allOf?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
}

interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  schema: Schema
}

interface Reference {
  $ref: string
}

interface Response {
  content?: Record<string, { schema?: Schema }>
}

interface Operation {
  operationId: string
  parameters?: (Parameter | Reference)[]
  responses: Record<string, Response | Reference>
}

interface Description {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> } & Record<string, Record<string, unknown>>
}

/** An operation that a request asks for: `name` is how tests call it, `GET /orgs/{org}`. */
export interface MatchedOperation {
  name: string
  operation: Operation
  /** Path parameters, decoded. */
  params: Record<string, string>
}

const FILE = new URL('../../fixtures/github/openapi-subset.json', import.meta.url)
export const description = JSON.parse(readFileSync(FILE, 'utf8')) as Description

/** GitHub documents these once for its whole API (authentication, rate limits, outages), not at each operation. */
const STATUS_OF_ANY_OPERATION = new Set([304, 401, 403, 404, 429, 500, 502, 503])
/** Said in the prose of `per_page` only; GitHub silently gives 100 to those who ask for more. */
const MAX_PER_PAGE = 100

const ajv = addFormats.default(new Ajv({ strict: false, allErrors: true }))
// GitHub's own, for `disabled_since` and the like; not checked.
ajv.addFormat('timestamp', true)
const compiled = new Map<Schema, ValidateFunction>()
const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    operation,
    names: [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? ''),
    pattern: new RegExp(`^${method.toUpperCase()} ${path.replace(/\{[^}]+\}/g, '([^/]+)')}$`),
  })),
)

export function isOperation(name: string): boolean {
  return operations.some((operation) => operation.name === name)
}

/** `pathname` as it was sent: a slash within a parameter is `%2F`. */
export function matchOperation(method: string, pathname: string): MatchedOperation | undefined {
  for (const { name, operation, names, pattern } of operations) {
    const values = pattern.exec(`${method} ${pathname}`)?.slice(1)
    if (values === undefined) continue
    const params = Object.fromEntries(names.map((param, index) => [param, decodeURIComponent(values[index] ?? '')]))
    return { name, operation, params }
  }
  return undefined
}

/** What is wrong with a request, one sentence each. */
export function checkRequest({ name, operation, params }: MatchedOperation, query: URLSearchParams): string[] {
  const parameters = (operation.parameters ?? []).map((parameter) => resolve<Parameter>(parameter))
  const problems: string[] = []
  for (const key of new Set(query.keys())) {
    const parameter = parameters.find((known) => known.in === 'query' && known.name === key)
    if (parameter === undefined) problems.push(`${name}: unknown query parameter ${key}`)
    else problems.push(...checkValue(`${name}: query ${key}`, parameter.schema, query.getAll(key)))
  }
  if (Number(query.get('per_page')) > MAX_PER_PAGE) problems.push(`${name}: query per_page is over ${MAX_PER_PAGE}`)
  for (const parameter of parameters) {
    if (parameter.in === 'query' && parameter.required && !query.has(parameter.name)) {
      problems.push(`${name}: query parameter ${parameter.name} is missing`)
    }
    const value = params[parameter.name]
    if (parameter.in === 'path' && value !== undefined) {
      problems.push(...checkValue(`${name}: path ${parameter.name}`, parameter.schema, [value]))
    }
  }
  return problems
}

/** What is wrong with an answer, one sentence each. A body that is no JSON (a string) is checked for its status only. */
export function checkAnswer({ name, operation }: MatchedOperation, status: number, body: unknown): string[] {
  const documented = operation.responses[status]
  if (documented === undefined) {
    return STATUS_OF_ANY_OPERATION.has(status) ? [] : [`${name}: status ${status} is not documented`]
  }
  const schema = resolve<Response>(documented).content?.['application/json']?.schema
  if (schema === undefined || (typeof body === 'string' && status >= 400)) return []
  const what = `${name}: answer ${status}`
  return [...errorsOf(what, schema, body), ...unknownFields(what, [schema], body)]
}

/** What is wrong with a body by the name of its schema under `components/schemas`. */
export function checkBody(schemaName: string, body: unknown): string[] {
  const schema = schemaNamed(schemaName)
  return [...errorsOf(schemaName, schema, body), ...unknownFields(schemaName, [schema], body)]
}

export function schemaNamed(name: string): Schema {
  const schema = description.components.schemas[name]
  if (schema === undefined) throw new Error(`no schema ${name} in ${FILE.pathname}`)
  return schema
}

/** Follows a reference within the description. */
export function resolve<T extends object>(node: T | Reference): T {
  if (!('$ref' in node) || typeof node.$ref !== 'string') return node as T
  const [, , kind = '', name = ''] = node.$ref.split('/')
  const target = description.components[kind]?.[name]
  if (target === undefined) throw new Error(`dangling reference ${node.$ref}`)
  return resolve(target as T)
}

function checkValue(what: string, schema: Schema, sent: string[]): string[] {
  const { type } = resolve<Schema>(schema)
  if (type === 'array') return errorsOf(what, schema, sent)
  if (sent.length > 1) return [`${what} is given ${sent.length} times`]
  const [text = ''] = sent
  const isNumber = (type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text)
  const isBoolean = type === 'boolean' && /^(true|false)$/.test(text)
  return errorsOf(`${what}=${text}`, schema, isNumber ? Number(text) : isBoolean ? text === 'true' : text)
}

function errorsOf(what: string, schema: Schema, value: unknown): string[] {
  let validate = compiled.get(schema)
  if (validate === undefined) {
    const converted = jsonSchemaOf(schema) as object
    validate = ajv.compile({ ...converted, components: allComponents() })
    compiled.set(schema, validate)
  }
  if (validate(value)) return []
  return (validate.errors ?? []).map((error) => `${what}${error.instancePath} ${error.message}`)
}

/** The description lets objects have any other field, so a misspelt optional one would pass validation: here it is a problem. */
function unknownFields(what: string, schemas: Schema[], value: unknown): string[] {
  const all = schemas.flatMap(alternatives)
  if (Array.isArray(value)) {
    const items = all.flatMap((schema) => schema.items ?? [])
    return value.flatMap((item, index) => unknownFields(`${what}/${index}`, items, item))
  }
  if (value === null || typeof value !== 'object') return []
  const isOpen = all.some((schema) => schema.additionalProperties) || all.every((schema) => !schema.properties)
  if (isOpen) return []
  return Object.entries(value).flatMap(([key, field]) => {
    const known = all.flatMap((schema) => schema.properties?.[key] ?? [])
    return known.length > 0 ? unknownFields(`${what}/${key}`, known, field) : [`${what}/${key} is no documented field`]
  })
}

/** The schema and all that it is composed of. */
function alternatives(given: Schema): Schema[] {
  const schema = resolve<Schema>(given)
  const parts = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
  return [schema, ...parts.flatMap(alternatives)]
}

let components: unknown
/** References are `#/components/…`, so each compiled schema carries all components; ajv compiles those it needs. */
function allComponents(): unknown {
  components ??= jsonSchemaOf(description.components)
  return components
}

/** OpenAPI 3.0 has `nullable` where JSON Schema has the type null. */
function jsonSchemaOf(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(jsonSchemaOf)
  if (node === null || typeof node !== 'object') return node
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, jsonSchemaOf(value)]),
  )
  // A property may be called `nullable`, too: then it is a schema.
  if (nullable !== true) return nullable === undefined ? rest : { ...rest, nullable }
  return { anyOf: [{ type: 'null' }, rest] }
}
