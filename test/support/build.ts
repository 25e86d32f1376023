import { execFileSync } from 'node:child_process'

/** Builds dist/ once for all tests: those that start the program must never see an old one. */
export default function build(): void {
  execFileSync(process.execPath, ['build/build.mjs'], { stdio: 'inherit' })
}
