/**
 * Runs `work` on the items, some at a time, and gives the results in order. Throws what the first item in order throws. Ends when
 * everything that was begun has ended, so that nobody cleans up under what still runs: what may last long ends it by a signal.
 */
export async function* inParallel<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  atOnce = PARALLEL_CALLS,
): AsyncGenerator<R> {
  const running: Promise<R>[] = []
  try {
    for (const item of items) {
      const started = work(item)
      // It may fail while one before it is awaited: that is heard when it is its turn.
      started.catch(() => undefined)
      running.push(started)
      if (running.length >= atOnce) yield await (running.shift() as Promise<R>)
    }
    while (running.length > 0) yield await (running.shift() as Promise<R>)
  } finally {
    await Promise.allSettled(running)
  }
}

/** AWS throttles accounts, not connections; this many keep well below it. */
const PARALLEL_CALLS = 8
