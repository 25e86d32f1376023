import { describe, expect, it } from 'vitest'
import { ciRefFilter } from '../../../src/facts/pipeline-refs.ts'
import { gitlabScanner } from '../../../src/scanners/pipelines/gitlab/index.ts'
import { collect, memoryTree } from '../../support/context.ts'

/** What a job runs for: `main`, `*` for all, `default`, a question mark where more decides. */
async function refsOf(keywords: string, rest = '') {
  const text = `deploy:\n  id_tokens: { T: { aud: x } }\n  script: [make]\n  ${keywords}\n${rest}`
  const { of } = await collect(gitlabScanner, { trees: [memoryTree({ '.gitlab-ci.yml': text })] })
  return of(ciRefFilter).map(({ data }) => {
    const names = [...(data.names ?? []), data.all ? '*' : '', data.defaultBranch ? 'default' : '']
    return `${data.refType} ${names.filter((each) => each !== '').join(',')}${data.certain ? '' : '?'}`
  })
}
const on = (...conditions: string[]) => `rules: [${conditions.map((each) => `{ if: '${each}' }`).join(', ')}]`

describe('the branches and tags of a job of GitLab CI', () => {
  it.each<[string, string[]]>([
    ['$CI_COMMIT_BRANCH == "main"', ['branch main']],
    ['"main" == $CI_COMMIT_BRANCH', ['branch main']],
    ['$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH', ['branch default']],
    ['$CI_COMMIT_BRANCH', ['branch *']],
    ['$CI_COMMIT_TAG', ['tag *']],
    ['$CI_COMMIT_TAG != null', ['tag *']],
    ['$CI_COMMIT_TAG == null', ['branch *']],
    ['$CI_COMMIT_REF_NAME == "next"', ['branch next', 'tag next']],
    ['$CI_COMMIT_BRANCH =~ /^release/', ['branch *?']],
    ['$CI_COMMIT_BRANCH != "main"', ['branch *?', 'tag *?']],
    ['$CI_PIPELINE_SOURCE == "merge_request_event"', ['branch *']],
    ['$CI_MERGE_REQUEST_IID', ['branch *']],
    ['$CI_PIPELINE_SOURCE == "schedule"', ['branch *', 'tag *']],
    ['$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == "main"', ['branch main']],
    ['($CI_COMMIT_BRANCH == "a" || $CI_COMMIT_BRANCH == "b") && $DEPLOY == "yes"', ['branch a,b']],
    ['$CI_COMMIT_BRANCH == "a" && $CI_COMMIT_BRANCH == "b"', []],
    ['$CI_COMMIT_BRANCH == "a" || $CI_COMMIT_TAG', ['branch a', 'tag *']],
    ['$CI_COMMIT_BRANCH == $TARGET', ['branch *?']],
    ['((((', ['branch *?', 'tag *?']],
    ['$CI_COMMIT_BRANCH == ', ['branch *?']],
  ])('%s: %j', async (condition, expected) => {
    expect(await refsOf(on(condition))).toEqual(expected)
  })

  it.each<[string, string[]]>([
    ['', ['branch *', 'tag *']],
    ['rules: [{ when: never }]', []],
    ['rules: [{ if: $CI_COMMIT_TAG, when: never }, { when: always }]', ['branch *']],
    [
      'rules: [{ if: \'$CI_COMMIT_BRANCH == "main"\' }, { if: $CI_COMMIT_TAG, when: manual }]',
      ['branch main', 'tag *'],
    ],
    ['rules: [{ changes: [x], when: never }, { if: $CI_COMMIT_TAG }]', ['tag *']],
    ['rules: [!reference [.rules, all]]', ['branch *?', 'tag *?']],
    ['rules: null', ['branch *', 'tag *']],
    ['rules: [null, [[]]]', ['branch *?', 'tag *?']],
    ['only: [main]', ['branch main', 'tag main']],
    ['only: { refs: [main, tags] }', ['branch main', 'tag *']],
    ['only: [branches]', ['branch *']],
    ['only: [/^v/]', ['branch *?', 'tag *?']],
    ['except: [tags]', ['branch *']],
    ['except: [main]', ['branch *?', 'tag *?']],
    ['extends: .base', ['tag *']],
  ])('%s: %j', async (keywords, expected) => {
    expect(await refsOf(keywords, '.base: { rules: [{ if: $CI_COMMIT_TAG }] }\n')).toEqual(expected)
  })
})
