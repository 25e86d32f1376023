import { describe, expect, it } from 'vitest'
import { ciPermissionBlock } from '../../../src/facts/pipeline-rights.ts'
import { ciRelease, ciRepository, ciUse } from '../../../src/facts/pipeline-uses.ts'
import { pipelineScanner } from '../../../src/scanners/pipelines/index.ts'
import { describeUnread, unreadPipelines } from '../../../src/scanners/pipelines/unread-systems.ts'
import { collect, memoryTree } from '../../support/context.ts'

const WORKFLOW = 'on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: make }] } }\n'
const describePaths = (...paths: string[]) => describeUnread(unreadPipelines(paths))

async function scan(files: Record<string, string>) {
  return collect(pipelineScanner, { trees: [memoryTree(files)] })
}

describe('pipelines of systems that are not read', () => {
  it.each([
    ['Jenkins', ['Jenkinsfile', 'Jenkinsfile.release', 'ci/nightly.jenkinsfile']],
    ['CircleCI', ['.circleci/config.yml']],
    ['Azure Pipelines', ['azure-pipelines.yml', '.azure-pipelines/release.yml', 'azure-pipelines/templates/build.yml']],
    ['Bitbucket Pipelines', ['bitbucket-pipelines.yml']],
    ['Travis CI', ['.travis.yml']],
    ['Drone', ['.drone.yml']],
    ['Woodpecker', ['.woodpecker.yml', '.woodpecker/test.yaml']],
    ['Buildkite', ['.buildkite/pipeline.yml', '.buildkite/it/pipeline.yml']],
    ['Google Cloud Build', ['cloudbuild.yaml', 'images/app/cloudbuild.yaml']],
    ['AWS CodeBuild', ['buildspec.yml', 'deploy/buildspec-prod.yaml', 'app.buildspec.yml']],
    ['AppVeyor', ['appveyor.yml', '.appveyor.yml']],
    ['Tekton', ['.tekton/push.yaml']],
    ['Gitea or Forgejo Actions', ['.forgejo/workflows/ci.yml']],
  ])('%s', (system, paths) => {
    expect(unreadPipelines(paths).map((each) => [each.system, each.paths])).toEqual([[system, paths]])
  })

  it('are told in one line, however many there are', () => {
    const jenkins = ['a', 'b', 'c', 'd'].map((folder) => `${folder}/Jenkinsfile`)
    expect(describePaths('Jenkinsfile', ...jenkins, '.circleci/config.yml')).toBe(
      'Jenkins: 5 files (Jenkinsfile, a/Jenkinsfile, b/Jenkinsfile, …); CircleCI: .circleci/config.yml',
    )
  })

  it.each([
    ['what is read', ['.github/workflows/ci.yml', '.gitlab-ci.yml', '.github/workflows/cloudbuild.yaml']],
    ['words about them', ['docs/jenkinsfile.md', 'Jenkinsfile.md', 'src/cloudbuild.ts', 'gcp/cloudbuild.admin.json']],
    ['code of others', ['vendor/acme/.travis.yml', 'node_modules/a/azure-pipelines.yml']],
    [
      'what tests are fed with, and examples',
      ['src/test/resources/Jenkinsfile', 'fixtures/a/buildspec.yml', 'examples/cloudbuild.yaml'],
    ],
    ['a template of a repository', ['templates/app/README.md', 'templates/app/LICENSE', 'templates/app/.travis.yml']],
    [
      'a folder of which a system never hears',
      ['README.md', 'LICENSE', 'packages/a/.travis.yml', 'packages/a/README.md'],
    ],
  ])('are not %s', (_, paths) => {
    expect(unreadPipelines(paths)).toEqual([])
  })

  it('are those of a repository within another, too, GitHub’s and GitLab’s among them', () => {
    expect(
      describePaths(
        ...[
          'README.md',
          'LICENSE',
          '.github/workflows/a.yml',
          '.github/workflows/b.yml',
          '.gitlab-ci.yml',
          '.travis.yml',
        ].map((path) => `apps/shop/${path}`),
      ),
    ).toBe(
      'Travis CI: apps/shop/.travis.yml; GitHub Actions of nested repositories: 2 files (apps/shop/.github/workflows/a.yml, ' +
        'apps/shop/.github/workflows/b.yml); GitLab CI of nested repositories: apps/shop/.gitlab-ci.yml',
    )
  })
})

describe('the gap for them', () => {
  it('is a limit with one text for all, where no fact of a workflow is', async () => {
    const { gaps } = await scan({ '.github/workflows/ci.yml': WORKFLOW, Jenkinsfile: '', '.travis.yml': '' })
    expect(new Set(gaps.map((gap) => [gap.class, gap.reason, gap.detail].join(' ')))).toEqual(
      new Set([
        'limit pipelines not judged Jenkins: Jenkinsfile; Travis CI: .travis.yml; in these only secrets are looked for',
      ]),
    )
    expect(new Set(gaps.map((gap) => gap.scope))).toEqual(new Set(['repo:./Jenkinsfile', 'repo:./.travis.yml']))
    const kinds = gaps.map((gap) => gap.kind)
    expect(kinds).toEqual(expect.arrayContaining([ciUse.kind, ciRelease.kind]))
    // What only GitHub has, and what the workflows of the repository show.
    expect(kinds).not.toContain(ciPermissionBlock.kind)
    expect(kinds).not.toContain(ciRepository.kind)
  })

  it('holds what is said of a repository, where nothing else says it', async () => {
    const { gaps } = await scan({ Jenkinsfile: '' })
    expect(gaps.map((gap) => gap.kind)).toContain(ciRepository.kind)
  })

  it('is none where only GitHub Actions and GitLab CI are used', async () => {
    const { gaps } = await scan({ '.github/workflows/ci.yml': WORKFLOW, '.gitlab-ci.yml': 'a: { script: make }\n' })
    expect(gaps).toEqual([])
  })

  it('leaves out what the configuration of GitLab CI includes, which is read', async () => {
    const folder = (name: string) => ({
      [`${name}/README.md`]: '',
      [`${name}/LICENSE`]: '',
      [`${name}/.gitlab-ci.yml`]: 'a: { script: make }\n',
    })
    const { gaps } = await scan({
      '.gitlab-ci.yml': 'include: [{ local: /read/.gitlab-ci.yml }]\n',
      ...folder('read'),
      ...folder('apart'),
    })
    expect(gaps[0]?.detail).toMatch(/^GitLab CI of nested repositories: apart\/\.gitlab-ci\.yml;/)
  })

  it('is about what changed, where only that is judged', async () => {
    const tree = memoryTree({ Jenkinsfile: '', '.travis.yml': '' })
    const changes = { by: 'staged', files: new Map([['.travis.yml', undefined]]), removed: [] } as const
    const { gaps } = await collect(pipelineScanner, { trees: [{ ...tree, changes }] })
    expect(new Set(gaps.map((gap) => gap.scope))).toEqual(new Set(['repo:./.travis.yml']))
  })
})
