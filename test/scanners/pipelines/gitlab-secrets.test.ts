import { describe, expect, it } from 'vitest'
import { gitlabInjections } from '../../../src/derive/pipelines/evaluations.ts'
import { findUnpinned } from '../../../src/derive/pipelines/pins.ts'
import { ciCloudLogin } from '../../../src/facts/pipeline-cloud.ts'
import { ciShellEvaluation } from '../../../src/facts/pipeline-evaluation.ts'
import { ciCloudCredential, ciSecretExposure, ciSecretUse } from '../../../src/facts/pipeline-secrets.ts'
import { ciUse } from '../../../src/facts/pipeline-uses.ts'
import type { FactKind } from '../../../src/model.ts'
import { gitlabScanner } from '../../../src/scanners/pipelines/gitlab/index.ts'
import { collect, memoryTree } from '../../support/context.ts'

/** Facts of a kind for a configuration, as lists of these fields. */
async function told(configuration: string, kind: FactKind, ...fields: string[]): Promise<unknown[][]> {
  const { of } = await collect(gitlabScanner, { trees: [memoryTree({ '.gitlab-ci.yml': configuration })] })
  return of(kind).map(({ data, unknown }) =>
    fields.map((field) => (unknown.includes(field) ? 'unknown' : (data as Record<string, unknown>)[field])),
  )
}

describe('what a pipeline takes from others', () => {
  it('is known by what it is pinned to', async () => {
    const sha = 'a'.repeat(40)
    const configuration = `include:
  - { project: Acme/ci, ref: ${sha}, file: [/a.yml, b.yml] }
  - { project: acme/ci, file: c.yml }
  - { component: gitlab.com/acme/scan/sast@1.2.0 }
  - { component: gitlab.com/acme/scan/sast@~latest }
  - { remote: 'https://example.com/x.yml', integrity: 'sha256-x' }
  - https://example.com/y.yml?token=1
  - { template: Jobs/SAST.gitlab-ci.yml }
  - { project: acme/ci, ref: $REF, file: d.yml }
`
    expect(await told(configuration, ciUse, 'action', 'owner', 'version', 'pin')).toEqual([
      ['Acme/ci/a.yml', 'acme', sha, 'commit'],
      ['Acme/ci/b.yml', 'acme', sha, 'commit'],
      ['acme/ci/c.yml', 'acme', '', 'none'],
      ['gitlab.com/acme/scan/sast', 'acme', '1.2.0', 'tag'],
      ['gitlab.com/acme/scan/sast', 'acme', '~latest', 'branch'],
      ['https://example.com/x.yml', '', '', 'digest'],
      ['https://example.com/y.yml', '', '', 'none'],
      ['acme/ci/d.yml', 'acme', '$REF', 'unknown'],
    ])
  })
  it('has images with variables of the configuration filled in; images of the own registry are its own', async () => {
    const configuration = `variables: { NODE: '20' }
image: node:$NODE
services: ['docker:dind', { name: 'registry.example.com:5000/db' }]
a: { image: '$CI_REGISTRY_IMAGE/build:1', script: x }
b: { image: { name: 'alpine@sha256:00' }, script: x }
c: { image: 'tool:$TAG', script: x }
`
    expect(await told(configuration, ciUse, 'action', 'version', 'pin')).toEqual([
      ['node', '20', 'tag'],
      ['docker', 'dind', 'tag'],
      ['registry.example.com:5000/db', '', 'none'],
      ['alpine', 'sha256:00', 'digest'],
      ['tool', '$TAG', 'unknown'],
    ])
  })
})

describe('secrets of a pipeline', () => {
  it('get into the log by traces, listings and echo', async () => {
    const configuration = `variables: { CI_DEBUG_TRACE: 'true' }
a:
  variables: { CI_DEBUG_SERVICES: { value: 'true' } }
  before_script: [printenv | sort]
  script:
    - echo "token is \${DEPLOY_TOKEN}"
    - |
      env
b: { script: ['set -x', 'printf %s "$DB_PASSWORD"'] }
`
    expect(await told(configuration, ciSecretExposure, 'job', 'step', 'secret', 'how')).toEqual([
      ['', '', '*', 'traced'],
      ['a', '', '*', 'traced'],
      ['a', 'before_script', '*', 'printed'],
      ['a', 'script', 'DEPLOY_TOKEN', 'printed'],
      ['a', 'script', '*', 'printed'],
      ['b', 'script', 'DB_PASSWORD', 'printed'],
    ])
  })
  it('do not, where something else takes them', async () => {
    const configuration = `a:
  script:
    - echo "$CI_REGISTRY_PASSWORD" | docker login --password-stdin
    - echo "//registry.npmjs.org/:_authToken=\${NPM_TOKEN}" > .npmrc
    - KEY=$(echo $API_KEY | base64 -d)
    - env | grep ^CI_COMMIT
    - env FOO=1 make
    - export PATH=$PATH:x
    - set -e
    - echo $TOKEN_FILE $CI_COMMIT_SHA
    - "# echo $API_TOKEN"
`
    expect(await told(configuration, ciSecretExposure, 'secret')).toEqual([])
  })
  it('that every job gets are told with how many use them', async () => {
    const configuration = `default: { secrets: { DATABASE: { vault: x } } }
variables: { PASSWORD: $PROD_PASSWORD, REGION: $REGION_NAME }
a: { script: 'deploy $PASSWORD' }
b: { script: make }
`
    expect(await told(configuration, ciSecretUse, 'secret', 'name', 'readers', 'steps')).toEqual([
      ['PROD_PASSWORD', 'PASSWORD', 1, 2],
      ['DATABASE', 'DATABASE', 0, 2],
    ])
  })
})

describe('keys of clouds', () => {
  it('are told for each cloud', async () => {
    const configuration = `aws: { variables: { AWS_SECRET_ACCESS_KEY: $PROD_SECRET }, script: aws s3 ls }
exported: { script: ['export AWS_SECRET_ACCESS_KEY="$STAGE_SECRET"'] }
configured: { script: aws configure set aws_secret_access_key $DEV_SECRET }
azure: { script: 'az login --service-principal -u $ID -p $AZ_PASSWORD --tenant $T' }
google: { script: gcloud auth activate-service-account --key-file $GCP_KEY }
`
    expect(await told(configuration, ciCloudCredential, 'job', 'cloud', 'secrets')).toEqual([
      ['aws', 'AWS', ['PROD_SECRET']],
      ['exported', 'AWS', ['STAGE_SECRET']],
      ['configured', 'AWS', ['DEV_SECRET']],
      ['azure', 'Azure', ['AZ_PASSWORD']],
      ['google', 'Google Cloud', ['GCP_KEY', '$GCP_KEY']],
    ])
  })
  it('are none where a login hands out short-lived ones', async () => {
    const configuration = `a:
  script:
    - CREDS=$(aws sts assume-role-with-web-identity --role-arn $ROLE --web-identity-token $T)
    - export AWS_SECRET_ACCESS_KEY=$SECRET
`
    expect(await told(configuration, ciCloudCredential, 'job')).toEqual([])
  })
})

describe('a login to a cloud', () => {
  it('is told with its role, which variables and extended jobs may give', async () => {
    const configuration = `variables: { ACCOUNT: '123456789012' }
.aws:
  id_tokens: { AWS_TOKEN: { aud: https://gitlab.com } }
  before_script:
    - >
      STS=($(aws sts assume-role-with-web-identity --role-arn "arn:aws:iam::$ACCOUNT:role/deploy"
      --web-identity-token $AWS_TOKEN))
deploy: { extends: .aws, script: make }
byVariable:
  id_tokens: { T: { aud: $AUDIENCE } }
  variables: { AWS_ROLE_ARN: $ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: /t }
  script: aws s3 ls
none: { script: aws s3 ls }
`
    expect(
      await told(configuration, ciCloudLogin, 'job', 'cloud', 'identity', 'roleName', 'source', 'audience'),
    ).toEqual([
      ['deploy', 'aws', 'arn:aws:iam::123456789012:role/deploy', 'deploy', '', 'https://gitlab.com'],
      ['byVariable', 'aws', 'unknown', 'unknown', 'ROLE', 'unknown'],
    ])
  })
})

describe('variables that are read as code', () => {
  it('are those that a second shell gets filled in', async () => {
    const configuration = `a:
  script:
    - eval "notify $CI_COMMIT_MESSAGE"
    - bash -c "echo \${CI_COMMIT_TITLE}"
    - ssh $HOST "deploy $CI_COMMIT_BRANCH"
    - python3 -c "print('$CI_COMMIT_TAG_MESSAGE')"
b:
  script:
    - bash -c 'echo $CI_COMMIT_TITLE'
    - echo "$CI_COMMIT_MESSAGE"
    - ssh $HOST make
    - "# eval $CI_COMMIT_MESSAGE"
`
    expect(await told(configuration, ciShellEvaluation, 'job', 'variable', 'by')).toEqual([
      ['a', 'CI_COMMIT_MESSAGE', 'eval'],
      ['a', 'CI_COMMIT_TITLE', 'bash'],
      ['a', 'CI_COMMIT_BRANCH', 'ssh'],
      ['a', 'CI_COMMIT_TAG_MESSAGE', 'python3'],
    ])
  })
  it('and make an injection where others write them', async () => {
    const { facts } = await collect(gitlabScanner, {
      trees: [memoryTree({ '.gitlab-ci.yml': 'a: { script: [eval $CI_COMMIT_MESSAGE, eval $COMMAND] }\n' })],
    })
    const derived = gitlabInjections.derive(facts, [], { trustedAccounts: [], breakGlassRoles: [] }).facts
    expect(derived.map(({ data }) => data)).toMatchObject([{ source: 'CI_COMMIT_MESSAGE', audience: 'contributors' }])
  })
})

describe('a configuration that refers to itself without end', () => {
  it('is read in the time of its size', async () => {
    const tens = (name: string) => `$${name}`.repeat(10)
    const variables = Array.from({ length: 30 }, (_, i) => `  V${i}: "${tens(`V${i + 1}`)}"\n`).join('')
    const bases = Array.from({ length: 30 }, (_, i) => `.t${i}: { extends: [${Array(6).fill(`.t${i + 1}`)}] }\n`).join(
      '',
    )
    const found = await told(
      `variables:\n${variables}${bases}a: { extends: .t0, image: $V0, script: x }\n`,
      ciUse,
      'pin',
    )
    expect(found).toEqual([['unknown']])
  })
  it('fills in what stands in a circle once', async () => {
    const circle = "variables: { A: '$B', B: '$A' }\na: { image: 'x:$A', script: x }\n"
    expect(await told(circle, ciUse, 'pin')).toEqual([['unknown']])
  })
})

describe('an image whose tag only a run knows', () => {
  it('is a gap, no finding', async () => {
    const { facts } = await collect(gitlabScanner, {
      trees: [memoryTree({ '.gitlab-ci.yml': 'a: { image: "tool:$TAG", script: x }\n' })],
    })
    const found = findUnpinned.derive(facts, [], { trustedAccounts: [], breakGlassRoles: [] })
    expect(found.facts).toEqual([])
    expect(found.gaps.map(({ class: sort, reason }) => [sort, reason])).toEqual([
      ['limit', 'version known at run time only'],
    ])
  })
})
