import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { k8sBindingUse, k8sPermission } from '../../src/facts/kubernetes.ts'
import { memoryTree, NO_TARGETS } from '../support/context.ts'
import { auditKubernetes, compareRows, unusedRows } from '../support/kubernetes.ts'

const CASE = join(import.meta.dirname, '../fixtures/k8s-case1')
const read = (name: string) => readFileSync(join(CASE, name), 'utf8')
const expected = JSON.parse(read('expected.json'))
const auditLogs = [join(CASE, 'audit.log')]
const fromDump = () =>
  auditKubernetes({ targets: { ...NO_TARGETS, kubernetesDumps: [join(CASE, 'objects.json')], auditLogs } })

describe('case 1, granted minus used', () => {
  it('finds exactly the unused permissions from a dump and its audit log', async () => {
    const { of } = await fromDump()
    expect(unusedRows(of(k8sPermission))).toEqual([...expected.unused].sort(compareRows))
  })

  it('finds the same from the manifests', async () => {
    const { of, gaps } = await auditKubernetes({
      trees: [memoryTree({ 'manifests.yaml': read('manifests.yaml') })],
      targets: { ...NO_TARGETS, auditLogs },
    })
    expect(unusedRows(of(k8sPermission))).toEqual([...expected.unused].sort(compareRows))
    expect(gaps).toEqual([])
  })

  it('tells which bindings are not used at all', async () => {
    const { of } = await fromDump()
    const unused = of(k8sBindingUse).filter(({ data }) => data.used === false)
    expect(unused.map(({ data }) => data.binding).sort()).toEqual([
      'RoleBinding ops/idle',
      'RoleBinding staging/ci-deployer',
    ])
  })
})
