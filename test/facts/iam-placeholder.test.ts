import { describe, expect, it } from 'vitest'
import {
  couldBeAnything,
  hasPlaceholder,
  placeholdersIn,
  replacePlaceholders,
} from '../../src/facts/iam-placeholder.ts'

describe('placeholders', () => {
  it.each([
    ['arn:aws:s3:::${var.bucket}/*', ['var.bucket']],
    ['${lookup({ a = 1 }, "k")}-${var.b}', ['lookup({ a = 1 }, "k")', 'var.b']],
    ['${aws:username}', []],
    ['${aws:PrincipalTag/team}-${*}', []],
    ['${cognito-identity.amazonaws.com:sub}', []],
    ['${AWS::AccountId}', ['AWS::AccountId']],
    ['${var.a ? "x" : "y"}', ['var.a ? "x" : "y"']],
    ['${', ['']],
    ['no', []],
  ])('in %s', (text, found) => {
    expect(placeholdersIn(text)).toEqual(found)
    expect(hasPlaceholder(text)).toBe(found.length > 0)
  })

  it('are replaced as a whole', () => {
    expect(replacePlaceholders('a${b.${c}}d${e}', '*')).toBe('a*d*')
  })
})

describe('couldBeAnything', () => {
  it.each(['${var.resources}', '${each.value}', '${local.x[0]}', '${var.prefix}*', '${f(x)}', '${Param}'])(
    '%s',
    (text) => {
      expect(couldBeAnything(text)).toBe(true)
    },
  )

  it.each([
    '*',
    'arn:aws:s3:::${var.bucket}',
    '${aws_s3_bucket.b.arn}',
    '${aws_s3_bucket.b["x"].arn}/*',
    '${data.aws_iam_role.r.arn}',
    '${module.bucket.arn}',
    '${var.bucket_arn}',
    '${var.bucket_arns[0]}',
    '${Bucket.Arn}',
    '${AWS::AccountId}',
    '${aws:username}',
    '${var.a}/${var.b}',
  ])('not %s', (text) => {
    expect(couldBeAnything(text)).toBe(false)
  })

  it('is quick on hostile text', () => {
    const started = performance.now()
    for (const text of ['${'.repeat(5000), `\${${'a[rn]'.repeat(100_000)}}`, `\${x}${'*'.repeat(200_000)}x`])
      couldBeAnything(text)
    expect(performance.now() - started).toBeLessThan(500)
  })
})
