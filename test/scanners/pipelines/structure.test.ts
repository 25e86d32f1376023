import { describe, expect, it } from 'vitest'
import { ciJob, ciStep, ciTrigger, ciWorkflow } from '../../../src/facts/pipeline.ts'
import { pipelineScanner } from '../../../src/scanners/pipelines/index.ts'
import { collect, memoryTree } from '../../support/context.ts'

const PATH = '.github/workflows/ci.yml'
const WORKFLOW = `name: Build
on:
  push: { branches: [main, '!old/**'], tags: ['v*'] }
  workflow_run: { workflows: [Test], types: completed }
permissions: { contents: read, id-token: write }
jobs:
  build:
    runs-on: [self-hosted, linux]
    environment: { name: prod, url: https://example.com }
    steps:
      - uses: actions/checkout@v5
      - run: |
          make build
          make test
      - run: make build
  call:
    needs: build
    if: true
    uses: ./.github/workflows/other.yml
    permissions: write-all
  dynamic:
    runs-on: \${{ matrix.os }}
    environment: \${{ inputs.environment }}
    permissions:
    steps: []
`

async function scan(files: Record<string, string>) {
  return collect(pipelineScanner, { trees: [memoryTree(files)] })
}

describe('a workflow', () => {
  it('is told with its triggers, jobs and steps', async () => {
    const { of, gaps } = await scan({ [PATH]: WORKFLOW })
    expect(gaps).toEqual([])
    expect(of(ciWorkflow).map(({ data }) => [data.name, data.triggers])).toEqual([['Build', ['push', 'workflow_run']]])
    expect(of(ciTrigger).map(({ data }) => data)).toMatchObject([
      { event: 'push', branches: ['main', '!old/**'], tags: ['v*'] },
      { event: 'workflow_run', workflows: ['Test'], types: ['completed'] },
    ])
    const jobs = of(ciJob)
    expect(jobs[0]?.data).toMatchObject({
      job: 'build',
      environment: 'prod',
      selfHosted: true,
      permissionsAt: 'workflow',
      permissions: ['contents: read', 'id-token: write'],
      idToken: true,
    })
    expect(jobs[1]?.data).toMatchObject({
      needs: ['build'],
      condition: 'true',
      calls: './.github/workflows/other.yml',
      permissionsAt: 'job',
      permissions: ['write-all'],
    })
    expect(jobs[2]?.unknown).toEqual(['environment', 'selfHosted'])
    expect(jobs[2]?.data).toMatchObject({ permissionsAt: 'job', permissions: [], idToken: false })
  })
  it('has steps by name, with equal ones told apart', async () => {
    const { of } = await scan({ [PATH]: WORKFLOW })
    expect(of(ciStep).map(({ data, at }) => [data.step, data.version, 'file' in at && at.line])).toEqual([
      ['actions/checkout', 'v5', 11],
      ['make build', '', 12],
      ['make build #2', '', 15],
    ])
  })
  it('elsewhere does not run', async () => {
    expect((await scan({ 'templates/.github/workflows/ci.yml': WORKFLOW })).facts).toEqual([])
  })
  it('that is none or no YAML is a gap with the line', async () => {
    const broken = await scan({ [PATH]: 'on: push\njobs: {a: [}\n' })
    expect(broken.gaps.map(({ kind, class: c }) => `${kind} ${c}`)).toContain('ci.workflow fault')
    expect(broken.gaps[0]?.detail).toContain(`${PATH}:2`)
    const none = await scan({ [PATH]: 'name: x\n' })
    expect(none.gaps[0]?.detail).toContain('`on` or `jobs` is missing')
    expect((await scan({ [PATH]: '# nothing\n' })).gaps).toEqual([])
  })
})

describe('an action', () => {
  it('that is composite has steps without a job', async () => {
    const action = 'name: Set up\nruns:\n  using: composite\n  steps:\n    - { run: make, shell: bash }\n'
    const { of } = await scan({ 'tools/setup/action.yml': action })
    expect(of(ciWorkflow).map(({ data }) => [data.workflow, data.form])).toEqual([['tools/setup/action.yml', 'action']])
    expect(of(ciStep).map(({ data }) => [data.job, data.step])).toEqual([['', 'make']])
  })
  it('in JavaScript, or a file of other software, is nothing', async () => {
    expect(
      (await scan({ 'action.yml': 'runs: { using: node20, main: x.js }\n', 'a/action.yaml': '[1]\n' })).facts,
    ).toEqual([])
  })
})
