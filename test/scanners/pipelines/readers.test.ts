import { describe, expect, it } from 'vitest'
import { ciJob, ciStep } from '../../../src/facts/pipeline.ts'
import { ciUse } from '../../../src/facts/pipeline-uses.ts'
import type { Gap, Scanner, Tree } from '../../../src/model.ts'
import { gitlabScanner } from '../../../src/scanners/pipelines/gitlab/index.ts'
import { pipelineScanner } from '../../../src/scanners/pipelines/index.ts'
import { collect, memoryTree } from '../../support/context.ts'

const WORKFLOW = '.github/workflows/a.yml'
const ROOT = '.gitlab-ci.yml'
const DEEP = `echo ${'$(a '.repeat(20_000)}`

/** A tree whose one file cannot be read; as in a run, the tree records that for the kind that asked. */
function unreadableTree(path: string, gaps: Gap[]): Tree {
  const text: Tree['text'] = (file, { kind }) => {
    gaps.push({ kind, scope: `repo:./${file.path}`, class: 'fault', reason: 'unreadable', detail: file.path })
    return undefined
  }
  return { ...memoryTree({ [path]: '' }), text }
}

describe('readers of pipelines', () => {
  it.each([
    [
      pipelineScanner,
      WORKFLOW,
      `on: push\njobs: { a: { runs-on: x, steps: [{ run: '${DEEP}' }, { uses: acme/b@v1 }] } }\n`,
    ],
    [gitlabScanner, ROOT, `a: { image: 'b:1', script: '${DEEP}' }\n`],
  ])('%#: one that runs out of stack loses its own kinds only', async (scanner, path, text) => {
    const { of, gaps } = await collect(scanner, { trees: [memoryTree({ [path]: text })] })
    expect(of(ciJob)).toHaveLength(1)
    expect(of(ciUse).length).toBeGreaterThan(0)
    expect(gaps.length).toBeGreaterThan(0)
    expect(new Set(gaps.map((gap) => `${gap.class} ${gap.detail}`))).toEqual(
      new Set([`fault ${path}: nested too deeply`]),
    )
    const lost = gaps.map(({ kind }) => kind)
    expect(lost).not.toContain(ciJob.kind)
    expect(lost).not.toContain(ciUse.kind)
  })

  it.each<[Scanner, string]>([
    [pipelineScanner, WORKFLOW],
    [gitlabScanner, ROOT],
  ])('%#: a file that cannot be read is a gap of every kind', async (scanner, path) => {
    const gaps: Gap[] = []
    await collect(scanner, { trees: [unreadableTree(path, gaps)] })
    expect(gaps.map(({ kind }) => kind).sort()).toEqual(scanner.emits.map(({ kind }) => kind).sort())
  })

  it('read only what a rule asks for', async () => {
    const text = 'on: push\njobs: { a: { runs-on: x, steps: [{ uses: acme/b@v1 }] } }\n'
    const wants = (kind: { kind: string }) => kind.kind === ciUse.kind
    const { facts } = await collect(pipelineScanner, { trees: [memoryTree({ [WORKFLOW]: text })], wants })
    expect(facts.map(({ kind }) => kind)).toEqual([ciUse.kind])
    const steps = await collect(pipelineScanner, {
      trees: [memoryTree({ [WORKFLOW]: text })],
      wants: (kind) => kind === ciStep,
    })
    expect(steps.of(ciStep)).toHaveLength(1)
    expect(steps.of(ciUse)).toHaveLength(0)
  })

  it('tell of includes beyond the limit', async () => {
    const files = Object.fromEntries(Array.from({ length: 160 }, (_, i) => [`ci/${i}.yml`, `j${i}: { script: x }\n`]))
    const { of, gaps } = await collect(gitlabScanner, {
      trees: [memoryTree({ [ROOT]: 'include: /ci/*.yml\n', ...files })],
    })
    expect(of(ciJob)).toHaveLength(149)
    expect(gaps.filter(({ kind }) => kind === ciJob.kind).map(({ reason }) => reason)).toEqual(['too many includes'])
  })
})
