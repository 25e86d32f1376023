import { readPages } from '../../sources/aws-pages.ts'
import type { OpenSource } from './resource-source.ts'

/** Repositories of ECR. */
export const openRepositories: OpenSource = async (reading) => {
  const { ECRClient, DescribeRepositoriesCommand, GetRepositoryPolicyCommand } = await import('@aws-sdk/client-ecr')
  const ecr = new ECRClient(reading.settings)
  return {
    async list() {
      const action = 'ecr:DescribeRepositories'
      const { items, failure } = await readPages(
        action,
        (nextToken) =>
          reading.call(action, (options) =>
            ecr.send(new DescribeRepositoriesCommand({ maxResults: 1000, nextToken }), options),
          ),
        (page) => page.repositories,
        (page) => page.nextToken,
      )
      return {
        items: items.map(({ repositoryArn: arn = '', repositoryName: name = arn }) => ({ arn, name })),
        ...(failure && { failure }),
      }
    },
    policyOf: ({ name }) =>
      reading.callForOne(
        'ecr:GetRepositoryPolicy',
        (options) => ecr.send(new GetRepositoryPolicyCommand({ repositoryName: name }), options),
        (answer) => answer.policyText,
      ),
  }
}
