import type { Buffer } from 'node:buffer'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import type { Gap, Skip } from '../../src/model.ts'
import { type OpenedTree, openTree } from '../../src/sources/tree.ts'

const created: string[] = []
afterAll(() => {
  for (const folder of created) rmSync(folder, { recursive: true, force: true })
})

/** A folder of its own for a test, removed afterwards. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'zt-audit-test-'))
  #time = 1_700_000_000

  constructor(files: Readonly<Record<string, string | Buffer>> = {}) {
    created.push(this.path)
    this.write(files)
  }

  write(files: Readonly<Record<string, string | Buffer>>): this {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, path)), { recursive: true })
      writeFileSync(join(this.path, path), content)
    }
    return this
  }

  git(...args: string[]): string {
    const identity = {
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@b',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@b',
    }
    const date = `${this.#time} +0000`
    const env = {
      ...process.env,
      ...identity,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
      GIT_CONFIG_GLOBAL: '/dev/null',
    }
    return execFileSync('git', ['-C', this.path, '-c', 'init.defaultBranch=main', ...args], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  }

  /** Commits everything, a day after the commit before; gives the id. */
  commit(files: Readonly<Record<string, string | Buffer>> = {}): string {
    this.write(files)
    this.#time += 86_400
    this.git('add', '-A')
    this.git('commit', '--quiet', '--allow-empty', '-m', 'change')
    return this.git('rev-parse', 'HEAD')
  }

  async open(
    gaps: Gap[] = [],
    excluded: (path: string) => boolean = () => false,
    skips: Skip[] = [],
  ): Promise<OpenedTree> {
    return openTree({
      root: this.path,
      scope: 'repo:.',
      maxFileSize: 10 << 20,
      excluded,
      signal: new AbortController().signal,
      gap: (gap) => gaps.push({ kind: 'secret.match', ...gap }),
      skip: (skip) => skips.push(skip),
      kindGap: (gap) => gaps.push(gap),
    })
  }
}
