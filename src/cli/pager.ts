import { spawn } from 'node:child_process'
import { print } from './output.ts'

/**
 * Prints a text; through $PAGER, as git does, if it is longer than the terminal. Only a pager that the user has set is run. One that is
 * left early, or cannot be run, is no error.
 */
export async function page(text: string, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const { isTTY, rows } = process.stdout
  const pager = env.PAGER?.trim()
  if (!isTTY || !pager || pager === 'cat' || text.split('\n').length <= (rows ?? 0)) {
    await print(text)
    return
  }
  if (!(await runPager(pager, text, env))) await print(text)
}

/** False if there is no such program: then nothing was shown. */
function runPager(pager: string, text: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return new Promise((resolve) => {
    // As git: quits if it fits, shows colours, leaves the text on the screen.
    const child = spawn(pager, {
      shell: true,
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { LESS: 'FRX', LV: '-c', ...env },
    })
    child.on('error', () => resolve(false))
    // 126 and 127 are the shell's: not executable, not found.
    child.on('close', (code) => resolve(code !== 126 && code !== 127))
    // Who quits before the end has read enough.
    child.stdin.on('error', () => {})
    child.stdin.end(text)
    // Ctrl-C is the pager's to handle.
    const ignore = () => {}
    process.on('SIGINT', ignore)
    child.on('close', () => process.off('SIGINT', ignore))
  })
}
