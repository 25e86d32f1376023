// How long it takes to judge as many principals as there are policies in a folder, each of which holds one; built with esbuild by
// bench/iam/managed-policies.mjs. Prints CPU seconds of each derivation, in a process that has not judged anything before.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { iamDerivations } from '../../src/derive/iam/index.ts'
import type { Fact } from '../../src/model.ts'
import { authorizationFacts } from '../../src/scanners/iam/account-facts.ts'

const ACCOUNT = 'arn:aws:iam::123456789012'
const folder = process.argv[2] ?? '.'
const names = readdirSync(folder).sort()
const policies = names.map((name) => ({
  Arn: `${ACCOUNT}:policy/${name}`,
  PolicyName: name,
  DefaultVersionId: 'v1',
  PolicyVersionList: [
    {
      VersionId: 'v1',
      IsDefaultVersion: true,
      Document: encodeURIComponent(readFileSync(join(folder, name), 'utf8')),
    },
  ],
}))
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})
const roles = names.map((name) => ({
  Arn: `${ACCOUNT}:role/${name}`,
  RoleName: name,
  Path: '/',
  AssumeRolePolicyDocument: encodeURIComponent(trust),
  AttachedManagedPolicies: [{ PolicyArn: `${ACCOUNT}:policy/${name}`, PolicyName: name }],
}))
const scope = 'aws:123456789012'
const gaps: unknown[] = []
const inventory = { users: [], groups: [], roles, policies } as unknown as Parameters<typeof authorizationFacts>[0]
const facts: Fact[] = [...authorizationFacts(inventory, scope, (gap) => gaps.push(gap))]

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

let seconds = 0
const known = [...facts]
for (const { id, derive } of iamDerivations) {
  const start = cpuSeconds()
  const derived = derive(known, [], { trustedAccounts: [], breakGlassRoles: [] })
  const took = cpuSeconds() - start
  seconds += took
  known.push(...derived.facts)
  console.log(`  ${id.padEnd(24)} ${took.toFixed(3)} CPU s  ${derived.facts.length} facts, ${derived.gaps.length} gaps`)
}
console.log(`${names.length} principals with a managed policy each: ${seconds.toFixed(3)} CPU s in the derivations`)
