import { expect, it } from 'vitest'
import { shortName } from '../../src/facts/iam-name.ts'

it.each([
  ['arn:aws:iam::123456789012:user/dev/ann', 'ann'],
  ['arn:aws:iam::aws:policy/job-function/ViewOnlyAccess', 'ViewOnlyAccess'],
  ['arn:aws:iam::123456789012:user/ann#inline/own', 'own'],
  ['file:a/main.tf#aws_iam_role.app', 'app'],
  ['file:a/main.tf#aws_iam_role.app/inline_policy/own', 'own'],
  ['file:a/main.tf#data.aws_iam_policy_document.d', 'd'],
  ['file:stack.json#/Resources/App', 'App'],
  ['file:a/main.tf#user/ann', 'ann'],
  ['file:a/p.json#', 'p.json'],
  ['file:a/main.tf#aws_iam_user.each["a/b.c"]', 'each["a/b.c"]'],
  ['file:a/main.tf#module.web["x.y"].module.role.aws_iam_role.this', 'web.role.this'],
])('%s is %s', (id, name) => {
  expect(shortName(id)).toBe(name)
})
