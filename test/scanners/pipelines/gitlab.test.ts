import { describe, expect, it } from 'vitest'
import { ciJob, ciStep, ciWorkflow } from '../../../src/facts/pipeline.ts'
import { gitlabScanner } from '../../../src/scanners/pipelines/gitlab/index.ts'
import { collect, memoryTree } from '../../support/context.ts'

const ROOT = '.gitlab-ci.yml'
const CONFIGURATION = `spec:
  inputs: { stage: { default: test } }
---
include:
  - local: /ci/*.yml
  - project: acme/templates
    ref: v1
    file: /build.yml
  - template: Jobs/SAST.gitlab-ci.yml
default:
  tags: [shared]
  id_tokens: { AWS_TOKEN: { aud: https://example.com } }
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
variables: { REGION: eu-west-1 }
.base:
  environment: { name: production }
  before_script: [make prepare]
deploy:
  extends: .base
  script:
    - make deploy
    - [make check, !reference [.base, before_script]]
alone:
  inherit: { default: false }
  environment: review/$CI_COMMIT_REF_SLUG
  script: make
`

async function scan(files: Record<string, string>) {
  return collect(gitlabScanner, { trees: [memoryTree(files)] })
}

describe('a configuration of GitLab CI', () => {
  it('is told with its jobs; what they extend and the defaults count', async () => {
    const { of } = await scan({ [ROOT]: CONFIGURATION, 'ci/more.yml': 'lint: { script: [make lint] }\n' })
    expect(of(ciWorkflow).map(({ data }) => [data.platform, data.triggers])).toEqual([
      ['gitlab', ['merge_request_event', 'push']],
    ])
    expect(
      of(ciJob).map(({ data, unknown }) => [data.workflow, data.job, data.environment, data.idToken, unknown]),
    ).toEqual([
      [ROOT, 'deploy', 'production', true, ['selfHosted']],
      [ROOT, 'alone', undefined, false, ['environment', 'selfHosted']],
      ['ci/more.yml', 'lint', '', true, ['selfHosted']],
    ])
    expect(of(ciStep).map(({ data, at }) => [data.job, data.step, 'file' in at && at.line])).toEqual([
      ['.base', 'before_script', 20],
      ['deploy', 'script', 24],
      ['alone', 'script', 29],
      ['lint', 'script', 1],
    ])
  })
  it('names what it takes from elsewhere as a gap', async () => {
    const { gaps } = await scan({ [ROOT]: CONFIGURATION })
    const ofJobs = gaps.filter(({ kind }) => kind === 'ci.job')
    expect(ofJobs.map(({ class: c, reason, detail }) => `${c} ${reason}: ${detail}`)).toEqual([
      `limit include not found: ${ROOT}:5: what local /ci/*.yml adds to the pipeline was not read`,
      `limit included from elsewhere: ${ROOT}:6: what project acme/templates adds to the pipeline was not read`,
      `limit included from elsewhere: ${ROOT}:9: what template Jobs/SAST.gitlab-ci.yml adds to the pipeline was not read`,
    ])
  })
  it('that includes itself ends', async () => {
    const { of } = await scan({
      [ROOT]: `include: ${ROOT}\na: { extends: b, script: x }\nb: { extends: a, script: y }\n`,
    })
    expect(of(ciJob)).toHaveLength(2)
  })
  it('that is no YAML is a gap with its line', async () => {
    const { gaps } = await scan({ [ROOT]: 'a: {\nb: [}\n' })
    expect(gaps[0]).toMatchObject({ class: 'fault', reason: 'not readable' })
    expect(gaps[0]?.detail).toMatch(/^\.gitlab-ci\.yml:\d/)
  })
  it('elsewhere is no pipeline', async () =>
    expect((await scan({ 'x/.gitlab-ci.yml': 'a: { script: x }' })).facts).toEqual([]))
})
