import { describe, expect, it } from 'vitest'
import { couldName } from '../../src/derive/iam/resources.ts'
import { loadIamActions } from '../../src/reference/iam-actions.ts'

const arnsOf = (service: string, name: string) =>
  loadIamActions()
    .actionsOf(service)
    ?.find((each) => each.name === name)?.arns ?? []

describe('services that share a prefix keep what both work on', () => {
  it.each([
    ['elasticloadbalancing', 'AddTags', 'arn:aws:elasticloadbalancing:*:*:listener/app/*/*/*'],
    ['elasticloadbalancing', 'RemoveTags', 'arn:aws:elasticloadbalancing:*:*:targetgroup/*/*'],
    ['elasticloadbalancing', 'AddTags', 'arn:aws:elasticloadbalancing:*:*:loadbalancer/classic'],
    ['elasticloadbalancing', 'DeleteLoadBalancer', 'arn:aws:elasticloadbalancing:*:*:loadbalancer/net/*/*'],
    ['apigateway', 'GET', 'arn:aws:apigateway:eu-west-1::/apis/*'],
    ['apigateway', 'GET', 'arn:aws:apigateway:eu-west-1::/restapis/*'],
    ['greengrass', 'TagResource', 'arn:aws:greengrass:*:*:components:c:versions:*'],
    ['ses', 'TagResource', 'arn:aws:ses:*:*:mailmanager-rule-set/*'],
    ['lex', 'TagResource', 'arn:aws:lex:*:*:bot:b'],
    ['lex', 'TagResource', 'arn:aws:lex:*:*:bot/b'],
  ])('%s:%s on %s', (service, name, resource) => {
    expect(couldName(resource, arnsOf(service, name))).toBe(true)
  })

  it('and nothing else', () => {
    expect(
      couldName(
        'arn:aws:elasticloadbalancing:*:*:listener/app/*',
        arnsOf('elasticloadbalancing', 'DeleteLoadBalancer'),
      ),
    ).toBe(false)
    expect(arnsOf('elasticloadbalancing', 'CreateTargetGroup')).toHaveLength(1)
  })

  it('and no template holds two ARNs', () => {
    const { serviceNames, actionsOf } = loadIamActions()
    const all = serviceNames.flatMap((service) => (actionsOf(service) ?? []).flatMap((each) => each.arns))
    expect(all.filter((arn) => arn.includes(','))).toEqual([])
  })
})
