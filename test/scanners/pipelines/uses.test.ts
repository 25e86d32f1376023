import { describe, expect, it } from 'vitest'
import { findUnpinned } from '../../../src/derive/pipelines/pins.ts'
import { sourceRepository } from '../../../src/facts/pipeline-cloud.ts'
import { ciRelease, ciRepository, ciSigning, ciUnpinnedAction, ciUse } from '../../../src/facts/pipeline-uses.ts'
import { fact, isFact } from '../../../src/model.ts'
import { pipelineScanner } from '../../../src/scanners/pipelines/index.ts'
import { repositoryScanner } from '../../../src/scanners/pipelines/repository.ts'
import { pinOf, splitImage } from '../../../src/scanners/pipelines/uses.ts'
import { collect, memoryTree } from '../../support/context.ts'

const scan = (text: string) => collect(pipelineScanner, { trees: [memoryTree({ '.github/workflows/x.yml': text })] })
const steps = (...written: string[]) =>
  `on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n${written.map((each) => `      - ${each}\n`).join('')}`
const SHA = 'a'.repeat(40)

describe('what is used', () => {
  it('is pinned by a whole commit or digest only', () => {
    expect([SHA, SHA.slice(0, 12), 'v1', 'main', 'release/v1', ''].map((version) => pinOf(version))).toEqual([
      'commit',
      'tag',
      'tag',
      'branch',
      'branch',
      'none',
    ])
    expect(pinOf(`sha256:${'0'.repeat(64)}`, true)).toBe('digest')
    expect(splitImage('host:5000/a/b:1')).toEqual({ action: 'host:5000/a/b', version: '1' })
    expect(splitImage('host:5000/a/b')).toEqual({ action: 'host:5000/a/b', version: '' })
  })
  it('is an action, a workflow or an image, not what is local', async () => {
    const { of } = await scan(
      `${steps('uses: Acme/deploy/sub@v1', 'uses: ./x', 'uses: docker://alpine:3')}  b: { uses: acme/w/.github/workflows/w.yml@main }\n  c: { container: { image: acme/box:1 }, steps: [] }\n`,
    )
    expect(of(ciUse).map(({ data }) => [data.form, data.action, data.owner, data.pin])).toEqual([
      ['action', 'Acme/deploy/sub', 'acme', 'tag'],
      ['image', 'alpine', '', 'tag'],
      ['workflow', 'acme/w/.github/workflows/w.yml', 'acme', 'branch'],
      ['image', 'acme/box', '', 'tag'],
    ])
  })
  it('is one finding for each action, with its places', async () => {
    const { facts } = await scan(
      steps(
        'uses: acme/a@v1',
        'uses: acme/a@v2',
        `uses: acme/a@${SHA}`,
        'uses: actions/checkout@v5',
        'uses: me/own@v1',
        'uses: slsa-framework/slsa-github-generator/x@v2.0.0',
      ),
    )
    const mine = fact(
      sourceRepository,
      'repo:.',
      { file: '.' },
      { tree: 'repo:.', host: 'github.com', owner: 'Me', name: 'x', from: 'origin' },
    )
    const found = findUnpinned
      .derive([...facts, mine], [], { trustedAccounts: [], breakGlassRoles: [] })
      .facts.filter((each) => isFact(ciUnpinnedAction, each))
    expect(found.map(({ data }) => [data.action, data.places, data.github, data.own])).toEqual([
      ['acme/a', 2, false, false],
      ['actions/checkout', 1, true, false],
      ['me/own', 1, false, true],
    ])
    expect(found[0]?.data.inWords).toBe('in 2 places by tags that can be moved (v1, v2)')
    expect(found[0]?.also).toHaveLength(1)
  })
  it('is told with the secrets of the jobs that run it', async () => {
    const { facts } = await scan(
      `on: push\njobs:\n  a: { container: acme/box:1, steps: [{ run: x, env: { T: '\${{ secrets.T }}' } }] }\n  b: { container: acme/other:1, steps: [] }\n`,
    )
    const found = findUnpinned.derive(facts, [], { trustedAccounts: [], breakGlassRoles: [] }).facts
    expect(
      found.filter((each) => isFact(ciUnpinnedAction, each)).map(({ data }) => [data.action, data.secrets]),
    ).toEqual([
      ['acme/box', true],
      ['acme/other', false],
    ])
  })
})

describe('a release', () => {
  const releases = async (text: string) =>
    (await scan(text))
      .of(ciRelease)
      .map(({ data, unknown }) => [data.target, unknown.length > 0 ? 'unknown' : data.attested])
  it('is seen in actions and commands', async () => {
    expect(
      await releases(
        steps(
          '{ uses: softprops/action-gh-release@v2, with: { files: x } }',
          'uses: softprops/action-gh-release@v2',
          'run: gh release create v1 --title x dist/*',
          'run: gh release create v1 --title x',
          'run: twine upload dist/*',
        ),
      ),
    ).toEqual([
      ['GitHub release', false],
      ['GitHub release', false],
      ['PyPI', false],
    ])
  })
  it('attests itself by trusted publishing', async () => {
    expect(
      await releases(
        steps(
          'uses: pypa/gh-action-pypi-publish@release/v1',
          "{ uses: pypa/gh-action-pypi-publish@release/v1, with: { password: '${{ secrets.P }}' } }",
        ),
      ),
    ).toEqual([
      ['PyPI', true],
      ['PyPI', false],
    ])
    expect(
      await releases(
        'on: push\njobs:\n  a:\n    permissions: { id-token: write }\n    steps: [{ run: npm publish }]\n',
      ),
    ).toEqual([['npm', true]])
    expect(
      await releases(steps('run: npm publish', 'run: npm publish --provenance', 'run: npm publish --dry-run')),
    ).toEqual([
      ['npm', false],
      ['npm', true],
    ])
  })
  describe('of files that go to PyPI, too', () => {
    const download = (inputs: string) => `{ uses: actions/download-artifact@v4, with: { ${inputs} } }`
    const both = (inputs: string, release: string, publish = 'uses: pypa/gh-action-pypi-publish@v1') =>
      releases(
        `on: push\njobs:\n  a:\n    steps:\n      - ${download(inputs)}\n      - ${release}\n` +
          `  b:\n    steps:\n      - ${download('name: dist, path: dist/')}\n      - ${publish}\n`,
      )
    const CREATE = 'run: gh release create --repo x $TAG dist/*'
    it('is attested there: the same artifact has the same digest', async () => {
      const expected = [
        ['GitHub release', true],
        ['PyPI', true],
      ]
      expect(await both('name: dist, path: dist/', CREATE)).toEqual(expected)
      expect(
        await both('name: dist, path: ./dist', '{ uses: softprops/action-gh-release@v2, with: { files: dist/*.whl } }'),
      ).toEqual(expected)
    })
    it.each([
      ['another artifact', 'name: binaries, path: dist/', CREATE],
      ['files from elsewhere', 'name: dist, path: dist/', 'run: gh release upload $TAG dist/* other.zip'],
      ['files of the workspace, which may have been made since', 'name: dist', 'run: gh release upload $TAG app.zip'],
      [
        'another folder than the one that is published',
        'name: dist, path: dist/',
        CREATE,
        '{ uses: pypa/gh-action-pypi-publish@v1, with: { packages-dir: wheels } }',
      ],
      [
        'a publication with a password',
        'name: dist, path: dist/',
        CREATE,
        '{ uses: pypa/gh-action-pypi-publish@v1, with: { password: x } }',
      ],
    ])('is not for %s', async (_, inputs, release, publish?: string) => {
      expect((await both(inputs, release, publish))[0]).toEqual(['GitHub release', false])
    })
  })
  it('of a preview at pkg.pr.new is none', async () => {
    expect(await releases(steps('run: pnpm exec pkg-pr-new publish ./a', 'run: npx pkg-pr-new publish'))).toEqual([])
  })
  it('of pull requests alone is none', async () => {
    expect(await releases(steps('run: npm publish').replace('push', 'pull_request'))).toEqual([])
  })
  it('is signed by actions and commands', async () => {
    const { of } = await scan(
      steps(
        'uses: actions/attest-build-provenance@v3',
        'run: cosign sign-blob x',
        'run: gpg --armor --detach-sign x',
        'run: cosign verify x',
      ),
    )
    expect(of(ciSigning)).toHaveLength(3)
  })
})

describe('a repository', () => {
  const look = async (files: Record<string, string>) =>
    (await collect(repositoryScanner, { trees: [memoryTree(files)] })).of(ciRepository)[0]
  it('shows what updates and scans it, and how it signs', async () => {
    const seen = await look({
      '.github/workflows/x.yml': 'on: push\njobs: {a: {steps: [{uses: github/codeql-action/analyze@v4}]}}\n',
      '.github/dependabot.yml': 'version: 2\n',
      'package.json': '{"publishConfig":{"provenance": true}}',
      'test/fixtures/package.json': '{}',
    })
    expect(seen?.data).toMatchObject({
      workflows: 1,
      manifests: ['package.json'],
      updates: ['.github/dependabot.yml'],
      scans: ['github/codeql-action/analyze'],
      signing: ['package.json'],
    })
  })
  it('without workflows is none', async () => {
    expect(await look({ 'package.json': '{}' })).toBeUndefined()
  })
})
