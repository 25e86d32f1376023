import { expect, it } from 'vitest'
import { ciJob } from '../../src/facts/pipeline.ts'
import { ciCloudAccess } from '../../src/facts/pipeline-cloud.ts'
import { ciSecretUse } from '../../src/facts/pipeline-secrets.ts'
import type { DataOf, Fact, FactKind } from '../../src/model.ts'
import { cellText } from '../../src/table.ts'
import { pipelineTables } from '../../src/views/pipelines.ts'

const SCOPE = 'repo:./.github/workflows/ci.yml'
function make<K extends FactKind>(kind: K, data: DataOf<K>, unknown: string[] = []): Fact<K> {
  const samples = Object.entries(kind.fields).map(([name, [, , sample]]) => [name, sample])
  const values = Object.fromEntries(samples.filter(([name]) => !unknown.includes(name as string)))
  return {
    kind: kind.kind,
    scope: SCOPE,
    at: { file: '.github/workflows/ci.yml', line: 7 },
    unknown,
    data: { ...values, ...data },
  }
}

it('tells of each job what its token and its secrets open', () => {
  const facts = [
    make(ciJob, { job: 'build', permissionsAt: 'none', permissions: [] }),
    make(ciJob, { job: 'deploy', environment: 'prod' }),
    make(ciCloudAccess, { job: 'deploy' }),
    make(ciCloudAccess, { job: 'deploy', identity: 'b', identityName: 'AWS role b', privileged: false }, ['trusted']),
    make(ciCloudAccess, { job: 'deploy', identity: 'c', identityName: 'AWS role c', trusted: false }),
    make(ciSecretUse, { job: '', secret: 'NPM_TOKEN' }),
  ]
  const [table] = pipelineTables(facts)
  const rows = table?.rows.map(({ cells }) =>
    Object.fromEntries(Object.entries(cells).map(([id, each]) => [id, cellText(each)])),
  )
  expect(rows).toMatchObject([
    { name: '.github/workflows/ci.yml#build', permissions: 'default', cloud: '-', secrets: 'NPM_TOKEN' },
    {
      name: '.github/workflows/ci.yml#deploy',
      environment: 'prod',
      permissions: 'contents: read',
      cloud: 'AWS role b (if its trust takes the job), AWS role deploy (administrator)',
      reach: 'whoever may push to main',
      secrets: 'NPM_TOKEN',
      declaredAt: '.github/workflows/ci.yml:7',
    },
  ])
  expect(table?.rows.map(({ order }) => order.risk)).toEqual([1, 3])
})
