import { expect, it } from 'vitest'
import { iamFilesScanner } from '../../../src/scanners/iam/files.ts'
import { collect, memoryTree } from '../../support/context.ts'

const gapsOf = async (files: Record<string, string>) =>
  (await collect(iamFilesScanner, { trees: [memoryTree(files)] })).gaps

it('what other clouds give is told once, by type, and is no fault', async () => {
  const gaps = await gapsOf({
    'azure/main.tf':
      'resource "azurerm_storage_account" "s" {}\nresource "azurerm_role_definition" "all" {\n  permissions { actions = ["*"] }\n}\n',
    'google/main.tf': ['a', 'b']
      .map((name) => `resource "google_storage_bucket_iam_binding" "${name}" {\n  members = ["allUsers"]\n}\n`)
      .join(''),
    'google/more.tf.json': '{ "resource": { "google_pubsub_topic_iam_member": { "m": { "member": "allUsers" } } } }',
  })
  expect(gaps).toEqual([
    {
      kind: 'iam.statement',
      class: 'limit',
      scope: 'repo:./azure/main.tf',
      reason: 'Terraform of other clouds',
      detail:
        'azure/main.tf:2: 1 azurerm_role_definition, 1 google_pubsub_topic_iam_member, 2 google_storage_bucket_iam_binding are not judged',
    },
  ])
})

it('what is commented out, or gives nothing, is not told', async () => {
  expect(
    await gapsOf({
      'main.tf': '# resource "azurerm_role_definition" "x" {}\nresource "google_storage_bucket" "b" {}\n',
    }),
  ).toEqual([])
})
