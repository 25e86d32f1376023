import { describe, expect, it } from 'vitest'
import { EditedManifest } from '../../src/cli/suggest/kubernetes-change.ts'
import type { SuggestedRule } from '../../src/derive/kubernetes/narrow-rules.ts'
import type { PolicyRule } from '../../src/derive/kubernetes/replay.ts'
import type { RuleEdit } from '../../src/derive/kubernetes/suggest-roles.ts'

const rule = (resources: string[], verbs: string[], more: PolicyRule = {}): SuggestedRule => ({
  apiGroups: [''],
  resources,
  resourceNames: [],
  nonResourceUrls: [],
  verbs,
  calls: 1,
  lastSeen: '',
  kept: '',
  ...more,
})
const edit = (before: PolicyRule, ...after: SuggestedRule[]): RuleEdit =>
  ({ before: { data: before }, after }) as unknown as RuleEdit

/** The text after a change of the object on a line; undefined if a person has to make it. */
function changed(text: string, change: Parameters<EditedManifest['change']>[0]): string | undefined {
  const manifest = new EditedManifest(text)
  return manifest.change(change) ? manifest.result() : undefined
}
const role = (line: number, ...edits: RuleEdit[]) => ({ kind: 'Role', name: 'web', line, edits })

const BLOCK = `# who serves the shop
kind: Role
metadata:
  name: web
rules:
  # what it shows
  - apiGroups: [""]
    resources:
      - 'configmaps'   # its settings
      - 'secrets'
    verbs:
      - 'get'
      - 'list'
  # what it watches
  - apiGroups: [""]
    resources: ["pods"]
    verbs: ["get", "watch"] # often
`

describe('a rule is changed', () => {
  const settings = rule(['configmaps', 'secrets'], ['get', 'list'])

  it('in the style in which it is written, and nothing else with it', () => {
    const narrower = rule(['secrets'], ['get'], { resourceNames: ['tls'] })
    expect(changed(BLOCK, role(2, edit(settings, narrower)))).toBe(
      BLOCK.replace(
        `    resources:
      - 'configmaps'   # its settings
      - 'secrets'
    verbs:
      - 'get'
      - 'list'
`,
        `    resources:
      - 'secrets'
    resourceNames:
      - 'tls'
    verbs:
      - 'get'
`,
      ),
    )
  })

  it('in one line or in brackets', () => {
    const flow =
      'kind: Role\nmetadata: {name: web}\nrules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}] # all\n'
    expect(changed(flow, role(1, edit(rule(['pods'], ['get', 'list']), rule(['pods'], ['get']))))).toBe(
      flow.replace('get, list', 'get'),
    )
    const watch = edit(rule(['pods'], ['get', 'watch']), rule(['pods'], ['watch']), rule(['nodes'], ['get']))
    expect(changed(BLOCK, role(2, watch))).toBe(
      BLOCK.replace(
        '["get", "watch"] # often\n',
        '["watch"]\n  - apiGroups: [""]\n    resources: ["nodes"]\n    verbs: ["get"]\n',
      ),
    )
  })

  it('or removed, and the comment on the next one stays', () => {
    expect(changed(BLOCK, role(2, edit(settings)))).toContain(
      '  # what it watches\n  - apiGroups: [""]\n    resources: ["pods"]',
    )
  })

  it('with the line ends of the file', () => {
    const text = BLOCK.replaceAll('\n', '\r\n')
    const result = changed(text, role(2, edit(settings, rule(['secrets'], ['get'])))) ?? ''
    expect(result).toContain("- 'secrets'\r\n    verbs:\r\n")
    expect(result.replaceAll('\r\n', '')).not.toContain('\n')
  })

  it('in its document, or its item of a list', () => {
    const stream = `---\n${BLOCK.replace('name: web', 'name: other')}---\n${BLOCK}`
    const line = stream.split('\n').indexOf('  name: web')
    const result = changed(stream, role(line, edit(settings))) ?? ''
    expect(result.startsWith(stream.slice(0, stream.indexOf('---\n', 4)))).toBe(true)
    expect(result.length).toBeLessThan(stream.length)
    const list = `kind: List\nitems:\n- ${BLOCK.split('\n').slice(1).join('\n  ').trimEnd()}\n`
    expect(changed(list, role(3, edit(settings)))).not.toContain('configmaps')
  })
})

describe('a person is asked', () => {
  it.each([
    ['for JSON', '{"kind": "Role", "metadata": {"name": "web"}, "rules": []}'],
    [
      'for a rule that is made of another',
      BLOCK.replace('rules:', 'more: &r [get, list]\nrules:').replace(/verbs:\n.*\n.*'list'/, 'verbs: *r'),
    ],
    ['for what is not there', BLOCK.replace('name: web', 'name: other')],
  ])('%s', (_, text) => {
    const before = rule(['configmaps', 'secrets'], ['get', 'list'])
    expect(changed(text, role(2, edit(before, rule(['secrets'], ['get']))))).toBeUndefined()
  })

  it('for what has an anchor, which others may use', () => {
    const before = rule(['pods'], ['get', 'watch'])
    expect(changed(BLOCK, role(2, edit(before)))).toBeDefined()
    for (const text of [
      BLOCK.replace('resources: ["pods"]', 'resources: &pods ["pods"]'),
      BLOCK.replace('rules:', 'rules: &rules'),
      BLOCK.replace('kind: Role\n', 'kind: Role\nx: &x {verbs: [get]}\n').replace('verbs: ["get", "watch"]', '<<: *x'),
      BLOCK.replace('verbs: ["get", "watch"]', '<<: {verbs: [get, watch]}'),
      BLOCK.replace('["pods"]', '[!!str pods]'),
    ]) {
      expect(changed(text, role(2, edit(before)))).toBeUndefined()
      expect(changed(text, { kind: 'Role', name: 'web', line: 2, gone: true })).toBeUndefined()
    }
  })

  it('for a change of something that does not stand there', () => {
    const [pods, other] = [rule(['pods'], ['get', 'watch']), rule(['pods'], ['get', 'list'])]
    expect(changed(BLOCK, role(2, edit(pods), edit(other)))).toBeUndefined()
  })
})

const BINDING = `kind: RoleBinding
metadata: {name: web}
subjects:
- kind: ServiceAccount
  name: web
- kind: ServiceAccount
  name: job
  namespace: ops
`

describe('a binding', () => {
  const gone = (...subjects: string[]) => ({
    kind: 'RoleBinding',
    name: 'web',
    line: 1,
    namespace: 'shop',
    subjects: new Set(subjects),
  })

  it('loses a subject', () => {
    expect(changed(BINDING, gone('ServiceAccount shop/web'))).toBe(
      BINDING.replace('- kind: ServiceAccount\n  name: web\n', ''),
    )
    expect(changed(BINDING, gone('ServiceAccount ops/job'))).toBe(BINDING.slice(0, BINDING.lastIndexOf('- kind')))
    expect(changed(BINDING, gone('ServiceAccount ops/job', 'User ann'))).toBeUndefined()
  })

  it('is removed with its document', () => {
    const stream = `${BLOCK}---\n${BINDING}---\n${BLOCK}`
    const line = stream.split('\n').indexOf('kind: RoleBinding') + 1
    expect(changed(stream, { kind: 'RoleBinding', name: 'web', line, gone: true })).toBe(`${BLOCK}---\n${BLOCK}`)
  })

  it('is removed from a list, unless nothing would be left in it', () => {
    const [first, second] = ['a', 'b'].map((name) => `- kind: RoleBinding\n  metadata: {name: ${name}}\n`)
    const list = `items:\n${first}${second}`
    const text = `${list}kind: List\n---\n${list}kind: List\n`
    const manifest = new EditedManifest(text)
    const remove = (name: string, line: number) => manifest.change({ kind: 'RoleBinding', name, line, gone: true })
    expect([remove('b', 11), remove('a', 2), remove('b', 4)]).toEqual([true, true, false])
    expect(manifest.result()).toBe(`items:\n${second}kind: List\n---\nitems:\n${first}kind: List\n`)
  })

  it('makes way for documents at the end', () => {
    const manifest = new EditedManifest(BINDING.trimEnd())
    manifest.add(['kind: Role\n'])
    expect(manifest.result()).toBe(`${BINDING}---\nkind: Role\n`)
  })
})
