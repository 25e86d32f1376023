import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ruleInWords } from '../../../src/derive/kubernetes/narrow-rules.ts'
import { suggestRoles } from '../../../src/derive/kubernetes/suggest.ts'
import { memoryTree, NO_TARGETS } from '../../support/context.ts'
import { auditKubernetes } from '../../support/kubernetes.ts'

const CASE = join(import.meta.dirname, '../../fixtures/k8s-case1')
const auditLogs = [join(CASE, 'audit.log')]
it('case1', async () => {
    const { facts, gaps } = await auditKubernetes({
      trees: [memoryTree({ 'manifests.yaml': readFileSync(join(CASE, 'manifests.yaml'), 'utf8') })],
      targets: { ...NO_TARGETS, auditLogs },
    })
  const [s] = suggestRoles(facts, gaps)
  console.log(JSON.stringify({...s, accounts: s?.accounts.map(a => ({...a, roles: a.roles.map(r => ({...r, edits: r.edits.map(e => [e.before.data.summary, '->', ...e.after.map(ruleInWords)]), rules: r.rules.map(x=>ruleInWords(x)+' # '+x.calls+' '+x.kept)}))}))}, null, 1))
})
