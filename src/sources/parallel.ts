/** Runs `work` on the items, some at a time, and gives the results in order. */
export async function* inParallel<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  atOnce = PARALLEL_CALLS,
): AsyncGenerator<R> {
  const running: Promise<R>[] = []
  try {
    for (const item of items) {
      running.push(work(item))
      if (running.length >= atOnce) yield await (running.shift() as Promise<R>)
    }
    while (running.length > 0) yield await (running.shift() as Promise<R>)
  } finally {
    // Whoever stops early must not leave rejections behind that nobody hears.
    for (const each of running) each.catch(() => undefined)
  }
}

/** AWS throttles accounts, not connections; this many keep well below it. */
const PARALLEL_CALLS = 8
