import { readPages } from '../../sources/aws-pages.ts'
import type { OpenSource } from './resource-source.ts'

/** Keys of KMS, but for those that AWS manages: their policies are AWS's own. */
export const openKeys: OpenSource = async (reading) => {
  const { KMSClient, ListKeysCommand, ListAliasesCommand, GetKeyPolicyCommand } = await import('@aws-sdk/client-kms')
  const kms = new KMSClient(reading.settings)
  return {
    async list() {
      const keys = await readPages(
        'kms:ListKeys',
        (Marker) =>
          reading.call('kms:ListKeys', (options) => kms.send(new ListKeysCommand({ Limit: 1000, Marker }), options)),
        (page) => page.Keys,
        (page) => (page.Truncated ? page.NextMarker : undefined),
      )
      // Without aliases keys go by their ids, and those of AWS are read, too: nothing is missing.
      const aliases = await readPages(
        'kms:ListAliases',
        (Marker) =>
          reading.call('kms:ListAliases', (options) =>
            kms.send(new ListAliasesCommand({ Limit: 100, Marker }), options),
          ),
        (page) => page.Aliases,
        (page) => (page.Truncated ? page.NextMarker : undefined),
      )
      const names = new Map(aliases.items.map(({ TargetKeyId = '', AliasName = '' }) => [TargetKeyId, AliasName]))
      const items = keys.items
        .map(({ KeyId = '', KeyArn: arn = '' }) => ({ arn, name: names.get(KeyId) ?? KeyId }))
        .filter(({ name }) => !name.startsWith('alias/aws/'))
      return { items, ...(keys.failure && { failure: keys.failure }) }
    },
    policyOf: ({ arn }) =>
      reading.callForOne(
        'kms:GetKeyPolicy',
        (options) => kms.send(new GetKeyPolicyCommand({ KeyId: arn, PolicyName: 'default' }), options),
        (answer) => answer.Policy,
      ),
  }
}

/** Secrets of Secrets Manager; their values are not asked for. */
export const openSecrets: OpenSource = async (reading) => {
  const { SecretsManagerClient, ListSecretsCommand, GetResourcePolicyCommand } = await import(
    '@aws-sdk/client-secrets-manager'
  )
  const secrets = new SecretsManagerClient(reading.settings)
  return {
    async list() {
      const action = 'secretsmanager:ListSecrets'
      const { items, failure } = await readPages(
        action,
        (NextToken) =>
          reading.call(action, (options) =>
            secrets.send(new ListSecretsCommand({ MaxResults: 100, NextToken }), options),
          ),
        (page) => page.SecretList,
        (page) => page.NextToken,
      )
      return {
        items: items.map(({ ARN: arn = '', Name: name = arn }) => ({ arn, name })),
        ...(failure && { failure }),
      }
    },
    policyOf: ({ arn }) =>
      reading.callForOne(
        'secretsmanager:GetResourcePolicy',
        (options) => secrets.send(new GetResourcePolicyCommand({ SecretId: arn }), options),
        (answer) => answer.ResourcePolicy,
      ),
  }
}
