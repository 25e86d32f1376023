import type { ScanOptions } from './options.ts'

/** What is being done, on stderr, while it takes time and somebody looks. */
export interface Progress {
  update(text: string): void
  stop(): void
}

/** Quick runs show nothing: a line that flashes up says nothing and costs loading the spinner. */
const DELAY_MS = 400

export function startProgress(options: Pick<ScanOptions, 'progress' | 'quiet'>): Progress {
  if (!options.progress || options.quiet || !process.stderr.isTTY || process.env.CI)
    return { update: () => undefined, stop: () => undefined }
  let text = 'Auditing'
  let spinner: { text: string; stop(): unknown } | undefined
  let stopped = false
  const timer = setTimeout(async () => {
    const { default: ora } = await import('ora')
    if (!stopped) spinner = ora({ text, stream: process.stderr, discardStdin: false }).start()
  }, DELAY_MS)
  return {
    update(next) {
      text = next
      if (spinner) spinner.text = next
    },
    stop() {
      stopped = true
      clearTimeout(timer)
      spinner?.stop()
    },
  }
}
