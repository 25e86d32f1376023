import { createInterface } from 'node:readline/promises'

/** Ctrl-C, or the end of the input, at a question. */
export class Stopped extends Error {}

/** Questions on the terminal; each has an answer that Enter takes. */
export interface Questions {
  /** One of `choices`, by name or by the letters that it begins with. */
  choose<T extends string>(text: string, choices: readonly T[], byDefault: T): Promise<T>
  confirm(text: string, byDefault: boolean): Promise<boolean>
  close(): void
}

/** Opens the terminal for questions, which go to stderr as all that is no result. A question throws {@link Stopped}. */
export function openQuestions(): Questions {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const stop = new AbortController()
  terminal.on('SIGINT', () => stop.abort()).on('close', () => stop.abort())
  const ask = async (text: string) => {
    try {
      return (await terminal.question(text, { signal: stop.signal })).trim().toLowerCase()
    } catch (error) {
      if (!stop.signal.aborted) throw error
      throw new Stopped()
    }
  }
  return {
    async choose(text, choices, byDefault) {
      for (;;) {
        const answer = await ask(`${text} (${choices.join(', ')}) [${byDefault}] `)
        if (answer === '') return byDefault
        const fitting = choices.filter((choice) => choice.startsWith(answer))
        const exact = choices.find((choice) => choice === answer) ?? (fitting.length === 1 ? fitting[0] : undefined)
        if (exact !== undefined) return exact
        process.stderr.write(`  one of ${choices.join(', ')}, please\n`)
      }
    },
    async confirm(text, byDefault) {
      for (;;) {
        const answer = await ask(`${text} [${byDefault ? 'Y/n' : 'y/N'}] `)
        if (answer === '') return byDefault
        if (/^(?:y|yes)$/.test(answer)) return true
        if (/^(?:n|no)$/.test(answer)) return false
        process.stderr.write('  y or n, please\n')
      }
    },
    close: () => terminal.close(),
  }
}
