import { readPages } from '../../sources/aws-pages.ts'
import type { OpenSource } from './resource-source.ts'

/** Queues of SQS. */
export const openQueues: OpenSource = async (reading) => {
  const { SQSClient, ListQueuesCommand, GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs')
  const sqs = new SQSClient({ ...reading.settings, useQueueUrlAsEndpoint: false })
  const urls = new Map<string, string>()
  return {
    async list() {
      const action = 'sqs:ListQueues'
      const { items, failure } = await readPages(
        action,
        (NextToken) =>
          reading.call(action, (options) => sqs.send(new ListQueuesCommand({ MaxResults: 1000, NextToken }), options)),
        (page) => page.QueueUrls,
        (page) => page.NextToken,
      )
      const queues = items.map((url) => {
        const name = url.slice(url.lastIndexOf('/') + 1)
        const arn = `arn:${reading.partition}:sqs:${reading.region}:${reading.account}:${name}`
        urls.set(arn, url)
        return { arn, name }
      })
      return { items: queues, ...(failure && { failure }) }
    },
    policyOf: ({ arn }) =>
      reading.callForOne(
        'sqs:GetQueueAttributes',
        (options) =>
          sqs.send(new GetQueueAttributesCommand({ QueueUrl: urls.get(arn), AttributeNames: ['Policy'] }), options),
        (answer) => answer.Attributes?.Policy || undefined,
      ),
  }
}

/** Topics of SNS. */
export const openTopics: OpenSource = async (reading) => {
  const { SNSClient, ListTopicsCommand, GetTopicAttributesCommand } = await import('@aws-sdk/client-sns')
  const sns = new SNSClient(reading.settings)
  return {
    async list() {
      const action = 'sns:ListTopics'
      const { items, failure } = await readPages(
        action,
        (NextToken) => reading.call(action, (options) => sns.send(new ListTopicsCommand({ NextToken }), options)),
        (page) => page.Topics,
        (page) => page.NextToken,
      )
      const topics = items.map(({ TopicArn: arn = '' }) => ({ arn, name: arn.slice(arn.lastIndexOf(':') + 1) }))
      return { items: topics, ...(failure && { failure }) }
    },
    policyOf: ({ arn }) =>
      reading.callForOne(
        'sns:GetTopicAttributes',
        (options) => sns.send(new GetTopicAttributesCommand({ TopicArn: arn }), options),
        (answer) => answer.Attributes?.Policy,
      ),
  }
}
