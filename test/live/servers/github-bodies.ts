import { resolve, type Schema, schemaNamed } from './github-contract.ts'

type Body = Record<string, unknown>

/**
 * The smallest body that GitHub's description accepts for a schema (`full-repository`, `branch-protection`, `deploy-key`, …):
 * required fields only, `null` where allowed, `false`, 0 and empty lists; `overrides` replace whole fields.
 */
export function githubBody(schemaName: string, overrides: Body = {}): Body {
  const { nullable: _, ...schema } = schemaNamed(schemaName) // asked for by name: a body, not null
  return { ...(sampleOf(schema) as Body), ...overrides }
}

/** A user as lists of members hold it (`simple-user`); the same login always has the same id. */
export function githubUser(login: string, overrides: Body = {}): Body {
  const id = [...login].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 1_000_000_007
  const urls = { url: `https://api.github.invalid/users/${login}`, html_url: `https://github.invalid/${login}` }
  return githubBody('simple-user', { login, id, node_id: `U_${id}`, type: 'User', ...urls, ...overrides })
}

/** An organisation as its owner sees it (`organization-full`): no second factor required. */
export function githubOrganization(overrides: Body = {}): Body {
  const login = typeof overrides.login === 'string' ? overrides.login : 'acme'
  const urls = { url: `https://api.github.invalid/orgs/${login}`, html_url: `https://github.invalid/${login}` }
  const fields = { login, id: 1, type: 'Organization', two_factor_requirement_enabled: false, ...urls }
  return githubBody('organization-full', { ...fields, ...overrides })
}

/** A repository as its administrator sees it (`full-repository`): private, default branch `main`. */
export function githubRepository(owner: string, name: string, overrides: Body = {}): Body {
  const fields = {
    name,
    full_name: `${owner}/${name}`,
    owner: githubUser(owner, { type: 'Organization' }),
    private: true,
    visibility: 'private',
    default_branch: 'main',
    html_url: `https://github.invalid/${owner}/${name}`,
  }
  return githubBody('full-repository', { ...fields, ...overrides })
}

function sampleOf(given: Schema): unknown {
  const schema = resolve<Schema>(given)
  if (schema.nullable) return null
  if (schema.enum) return schema.enum[0]
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map(sampleOf), sampleOfFields(schema))
  const choice = schema.oneOf?.[0] ?? schema.anyOf?.[0]
  if (choice && !schema.properties) return sampleOf(choice)
  switch (schema.type) {
    case 'array':
      return []
    case 'boolean':
      return false
    case 'integer':
    case 'number':
      return schema.minimum ?? 0
    case 'string':
      return sampleText(schema.format)
    default:
      return sampleOfFields(schema)
  }
}

function sampleOfFields(schema: Schema): Body {
  const properties = schema.properties ?? {}
  const required = schema.required ?? []
  return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name] ?? { type: 'string' })]))
}

function sampleText(format: string | undefined): string {
  if (format === 'date-time') return '2024-01-01T00:00:00Z'
  if (format === 'uri') return 'https://api.github.invalid/'
  if (format === 'email') return 'someone@example.com'
  return 'text'
}
