import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { structureOf } from '../../../src/detect/file-kind.ts'
import { readPairs } from '../../../src/detect/structure/interpret.ts'

function read(path: string, text: string): string[] {
  const structure = structureOf(path)
  if (!structure) throw new Error(`${path} has no structure`)
  return readPairs(path, structure, text).map(
    ({ key, value, syntax, encoding }) => `${syntax}${encoding ? `/${encoding}` : ''} ${key}=${value}`,
  )
}
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('readPairs', () => {
  it('decodes the data of a Kubernetes Secret, and leaves stringData as it is', () => {
    const text = `apiVersion: v1\nkind: Secret\ndata:\n  a: ${base64('hello there')}\nstringData:\n  b: plain\nmetadata:\n  name: n\n`
    expect(read('secret.yaml', text)).toEqual([
      'yaml apiVersion=v1',
      'yaml kind=Secret',
      'kubernetes-secret/base64 a=hello there',
      'kubernetes-secret b=plain',
      'yaml name=n',
    ])
  })

  it('finds Secrets in lists, in several documents and in JSON', () => {
    const list = `kind: List\nitems:\n- kind: ConfigMap\n  data:\n    a: x\n- kind: Secret\n  stringData:\n    b: y\n---\nkind: Secret\nstringData: {c: z}\n`
    const found = read('all.yaml', list).filter((pair) => pair.startsWith('kubernetes-secret'))
    expect(found).toEqual(['kubernetes-secret b=y', 'kubernetes-secret c=z'])
    expect(read('s.json', '{"kind":"Secret","stringData":{"p":"q"}}')).toContain('kubernetes-secret p=q')
  })

  it('reads the environment of compose services, as mapping and as list', () => {
    const text =
      'services:\n  a:\n    image: x\n    environment:\n      P: 1\n  b:\n    environment:\n      - Q=2\n      - R\n'
    expect(read('docker-compose.prod.yml', text)).toEqual(['yaml image=x', 'compose P=1', 'compose Q=2'])
  })

  it('takes name and value of one mapping for a pair', () => {
    expect(read('deploy.yaml', 'env:\n- name: DB_PASSWORD\n  value: x\n')).toContain('yaml DB_PASSWORD=x')
    expect(read('task.json', '{"environment":[{"name":"T","value":"y"}]}')).toContain('json T=y')
  })

  it('knows kubeconfigs, workflows and Terraform state', () => {
    expect(read('c.yaml', 'kind: Config\nusers:\n- name: a\n  user:\n    token: t\n')).toContain('kubeconfig token=t')
    expect(read('.github/workflows/a.yml', 'env:\n  A: b\n')).toEqual(['workflow A=b'])
    expect(read('x.tfstate', '{"a":{"password":"p"}}')).toEqual(['terraform-state password=p'])
  })

  it('reads files within a ConfigMap by their names, at their places', () => {
    const text =
      'kind: ConfigMap\ndata:\n  app.properties: |\n    a.password=x\n    b=y\n  c: z\n  d.yaml: |\n    e:\n      f: g\n'
    const pairs = readPairs('cm.yaml', 'yaml', text)
    expect(pairs.map(({ syntax, key, value }) => `${syntax} ${key}=${value}`)).toEqual(
      expect.arrayContaining(['properties a.password=x', 'properties b=y', 'yaml c=z', 'yaml f=g']),
    )
    const inner = pairs.find(({ key }) => key === 'a.password')
    expect(text.slice(inner?.keyStart, inner?.end)).toBe('a.password=x')
  })

  it('reads blocks of Markdown by their languages, and decodes what FileZilla encodes', () => {
    expect(read('a.md', 'text: x\n```yaml\npassword: y\n```\n')).toEqual(['yaml password=y'])
    expect(read('sitemanager.xml', `<Pass encoding="base64">${base64('hello')}</Pass>`)).toContain(
      'client-file/base64 Pass=hello',
    )
  })

  it('names the default of a Terraform variable by the variable', () => {
    expect(read('v.tf', 'variable "db_password" {\n  default = "x"\n}\n')).toEqual([
      'terraform-variables db_password=x',
    ])
    expect(read('prod.tfvars', 'a = "b"\n')).toEqual(['terraform-variables a=b'])
  })

  it('takes an access key beside a secret key for its id', () => {
    expect(read('.s3cfg', '[d]\naccess_key = a\nsecret_key = b\n')).toEqual([
      'client-file access_key_id=a',
      'client-file secret_key=b',
    ])
  })

  it('tells arguments of a Terraform resource', () => {
    const text =
      'resource "aws_db_instance" "a" {\n  password = "x"\n  b {\n    c = "y"\n  }\n}\nmodule "m" {\n  password = "z"\n}\n'
    expect(readPairs('a.tf', 'hcl', text).map(({ ofResource }) => ofResource)).toEqual([true, true, undefined])
  })

  it('calls the secret half of a pair of keys by its whole name', () => {
    const names = (path: string, text: string) => read(path, text).map((pair) => pair.split(' ')[1]?.split('=')[0])
    expect(names('a.tf', 'provider "aws" {\n  region = "x"\n  secret_key = "test"\n}\n')).toContain('secret_access_key')
    expect(names('a.tf', 'terraform {\n  backend "s3" {\n    secret_key = "test"\n  }\n}\n')).toEqual([
      'secret_access_key',
    ])
    expect(names('a.yml', 'store:\n  access_key: x\n  port: 1\n  secret_key: y\n')).toContain('secret_access_key')
    expect(names('a.yml', 's3Store:\n  secretKey: y\n')).toEqual(['secret_access_key'])
    expect(names('a.properties', 'minio.secret-key=y\n')).toEqual(['secret_access_key'])
    expect(names('a.properties', 'x.access-key=a\nx.secret-key=y\napp.secret-key=z\n')).toEqual([
      'x.access-key',
      'secret_access_key',
      'app.secret-key',
    ])
    expect(names('a.yml', 's3:\n  secret_key: y\napp:\n  secret_key: z\n')).toEqual(['secret_access_key', 'secret_key'])
    expect(names('a.tf', 'resource "an_app" "a" {\n  secret_key = "dev"\n}\n')).toEqual(['secret_key'])
  })

  it('reads variables of other pipelines', () => {
    expect(read('.gitlab-ci.yml', 'variables:\n  A:\n    value: b\n    description: c\n')).toContain('workflow A=b')
    expect(read('.travis.yml', 'env:\n  global:\n    - A=b\n')).toContain('workflow A=b')
  })

  it('gives exact places: columns of values written with quotes, encoded or in lists', () => {
    const text = 'services:\n  b:\n    environment:\n      - "Q=secret value"\n'
    const pair = readPairs('compose.yml', 'yaml', text).at(-1)
    expect(text.slice(pair?.start, pair?.end)).toBe('secret value')
  })
})
