import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { inParallel } from '../../src/sources/parallel.ts'

it('a failure waits for its turn while an earlier item is awaited, and kills nothing', async () => {
  const unheard: unknown[] = []
  const hear = (reason: unknown) => unheard.push(reason)
  // The test runner's own listeners would fail the run.
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', hear)
  const work = async (n: number) => {
    if (n === 1) throw new Error('second')
    await sleep(20)
    return n
  }
  const results: number[] = []
  try {
    await expect(async () => {
      for await (const n of inParallel([0, 1, 2], work, 3)) results.push(n)
    }).rejects.toThrow('second')
  } finally {
    process.off('unhandledRejection', hear)
    for (const each of others) process.on('unhandledRejection', each)
  }
  expect([results, unheard]).toEqual([[0], []])
})

it.each(['a failure', 'who stops early'])('%s leaves nothing running', async (how) => {
  let running = 0
  const work = async (n: number) => {
    running++
    try {
      await sleep(n * 5)
      if (n === 0 && how === 'a failure') throw new Error('first')
    } finally {
      running--
    }
  }
  const walk = async () => {
    for await (const _ of inParallel([0, 1, 2, 3], work, 4)) break
  }
  await walk().catch(() => undefined)
  expect(running).toBe(0)
})
