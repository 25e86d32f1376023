import type { Command } from 'commander'
import { namesOf } from '../rule-names.ts'
import { builtInRules } from '../rule-packs.ts'
import { bashScript } from './completion/bash.ts'
import { describeProgram } from './completion/describe.ts'
import { fishScript } from './completion/fish.ts'
import { zshScript } from './completion/zsh.ts'

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const

/**
 * `zt-audit completion SHELL`. The rule ids stand in the script: to ask the program at each key would cost 0.25 s a time, and
 * whoever updates zt-audit needs a new script for its options anyway.
 */
export async function printCompletion(
  shell: keyof typeof SCRIPTS,
  program: Command,
  defaultCommand: string,
): Promise<void> {
  const ids = (await builtInRules()).map(({ id }) => id)
  process.stdout.write(SCRIPTS[shell](describeProgram(program, defaultCommand), namesOf(ids).sort()))
}
