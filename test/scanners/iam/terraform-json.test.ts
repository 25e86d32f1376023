import { expect, it } from 'vitest'
import { iamAttachment, iamStatement } from '../../../src/facts/iam.ts'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { collect, memoryTree } from '../../support/context.ts'

const scan = (files: Record<string, string>) => collect(iamFilesScanner, { trees: [memoryTree(files)] })

const MAIN = `{
  "variable": { "bucket": { "default": "logs" } },
  "locals": { "actions": ["s3:GetObject", "s3:PutObject"] },
  "data": {
    "aws_iam_policy_document": {
      "d": {
        "statement": [
          {
            "actions": "\${local.actions}",
            "resources": ["arn:aws:s3:::\${var.bucket}/*"],
            "condition": { "test": "StringEquals", "variable": "aws:PrincipalTag/a", "values": ["b"] }
          }
        ]
      }
    }
  },
  "resource": {
    "aws_iam_role_policy": {
      "p": [{ "role": "r", "policy": "\${data.aws_iam_policy_document.d.json}" }]
    },
    "aws_iam_policy": {
      "text": { "policy": "{\\"Statement\\": [{\\"Effect\\": \\"Allow\\", \\"Action\\": \\"sqs:SendMessage\\", \\"Resource\\": \\"*\\"}]}" }
    }
  }
}
`

it('reads JSON syntax with its templates, beside the other', async () => {
  const { of, gaps } = await scan({ 'main.tf.json': MAIN, 'more.tf': 'locals {\n  policy = "none"\n}\n' })
  expect(gaps).toEqual([])
  expect(
    of(iamStatement).map(({ data, at }) => [
      data.policy,
      data.actions,
      data.resources,
      data.conditions,
      'file' in at && at.line,
    ]),
  ).toEqual([
    [
      'file:main.tf.json#data.aws_iam_policy_document.d',
      ['s3:GetObject', 's3:PutObject'],
      ['arn:aws:s3:::logs/*'],
      ['StringEquals|aws:PrincipalTag/a|b'],
      8,
    ],
    ['file:main.tf.json#aws_iam_policy.text', ['sqs:SendMessage'], ['*'], [], 22],
  ])
  expect(of(iamAttachment).map(({ data }) => data.policy)).toEqual(['file:main.tf.json#data.aws_iam_policy_document.d'])
})

it('names the line of a mistake', async () => {
  const { gaps } = await scan({ 'main.tf.json': '{\n  "resource": { "aws_iam_policy": }\n}\n' })
  expect(gaps).toMatchObject([
    { class: 'fault', reason: 'JSON syntax error', detail: expect.stringMatching(/^main\.tf\.json:2: /) },
  ])
})
