import { describe, expect, it } from 'vitest'
import { findDeploymentTargets } from '../../../src/derive/pipelines/environments.ts'
import {
  githubDeploymentTarget,
  githubEnvironment,
  githubEnvironmentList,
} from '../../../src/facts/github-deployment.ts'
import { sourceRepository } from '../../../src/facts/pipeline-cloud.ts'
import { fact, isFact, type Seen, UNKNOWN } from '../../../src/model.ts'
import { pipelineScanner } from '../../../src/scanners/pipelines/index.ts'
import { collect, memoryTree } from '../../support/context.ts'

const SCOPE = 'github:acme/shop'
const open: Seen<typeof githubEnvironment> = {
  repository: 'acme/shop',
  name: 'production',
  reviewers: 0,
  preventsSelfReview: false,
  waitMinutes: 0,
  customRules: 0,
  branchPolicy: 'none',
  anyBranch: true,
  patterns: [],
  tagPatterns: [],
  adminsCanBypass: true,
  secrets: [],
}
const existing = (more: Partial<typeof open> = {}) =>
  fact(githubEnvironment, SCOPE, { resource: 'github://acme/shop/environments/production' }, { ...open, ...more })
const list = (...names: string[]) =>
  fact(
    githubEnvironmentList,
    SCOPE,
    { resource: 'github://acme/shop/environments' },
    { repository: 'acme/shop', names },
  )
const tree = (owner: string, name: string) =>
  fact(sourceRepository, 'repo:.', { file: '.' }, { tree: 'repo:.', host: 'github.com', owner, name, from: 'origin' })

async function targets(files: Record<string, string>, ...facts: Parameters<typeof findDeploymentTargets.derive>[0]) {
  const seen = await collect(pipelineScanner, { trees: [memoryTree(files)] })
  const settings = { trustedAccounts: [], breakGlassRoles: [] }
  const derived = findDeploymentTargets.derive([...seen.facts, ...facts], [], settings).facts
  return derived.filter((each) => isFact(githubDeploymentTarget, each))
}
const deploys = (environment: string, on = 'push', more = '') =>
  `on: ${on}\njobs:\n  go:\n    environment: ${environment}\n${more}    runs-on: x\n    steps: [{ run: ./go }]\n`
const PATH = '.github/workflows/deploy.yml'

describe('targets of deployments', () => {
  it('join environments with the jobs that name them, in whatever letters', async () => {
    const files = { [PATH]: deploys('Production', 'push', '    permissions: { id-token: write }\n') }
    const [only, ...others] = await targets(files, tree('Acme', 'Shop'), existing(), list('production'))
    expect(others).toEqual([])
    expect(only?.data).toMatchObject({ exists: true, open: true, jobs: [`${PATH}: go`], idToken: true, trial: false })
    expect(only?.at).toMatchObject({ declaredAt: { file: PATH } })
  })

  it('are those, too, that GitHub does not have yet', async () => {
    const [only] = await targets({ [PATH]: deploys('canary') }, tree('acme', 'shop'), list())
    expect(only?.data).toMatchObject({ name: 'canary', exists: false, open: true, repository: 'acme/shop' })
    expect(only?.data.inWords).toContain('the first run makes it')
    expect(only?.at).toMatchObject({ resource: 'github://acme/shop/environments/canary', declaredAt: { file: PATH } })
  })

  it.each<[string, Record<string, string>, Parameters<typeof findDeploymentTargets.derive>[0]]>([
    ['the list was not seen whole', { [PATH]: deploys('canary') }, [tree('acme', 'shop')]],
    ['the folder is another repository', { [PATH]: deploys('canary') }, [tree('acme', 'other'), list()]],
    ['only a run knows the name', { [PATH]: deploys('${{ inputs.to }}') }, [tree('acme', 'shop'), list()]],
    ['others call the workflow', { [PATH]: deploys('canary', 'workflow_call') }, [tree('acme', 'shop'), list()]],
  ])('are none where %s', async (_, files, facts) => {
    expect(await targets(files, ...facts)).toEqual([])
  })

  it('are those of a workflow that one of the tree calls', async () => {
    const files = {
      [PATH]: deploys('canary', 'workflow_call'),
      '.github/workflows/ci.yml': `on: push\njobs:\n  a:\n    uses: ./${PATH}\n`,
    }
    expect(await targets(files, tree('acme', 'shop'), list())).toHaveLength(1)
  })

  it('are protected by any of reviewers, Apps and branches, though the others were not seen', async () => {
    const openOf = async (more: Partial<typeof open>) => (await targets({}, existing(more)))[0]
    expect((await openOf({ reviewers: 1, anyBranch: UNKNOWN }))?.data.open).toBe(false)
    expect((await openOf({ anyBranch: false, customRules: UNKNOWN }))?.data.open).toBe(false)
    expect((await openOf({ customRules: UNKNOWN }))?.unknown).toEqual(['open'])
    expect((await openOf({ secrets: UNKNOWN }))?.unknown).toEqual(['secrets'])
  })
})
