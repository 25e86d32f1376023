import { Buffer } from 'node:buffer'
import {
  type Fact,
  type FactKind,
  type Gap,
  isFact,
  type ScanContext,
  type Scanner,
  type Skip,
  type Targets,
  type Tree,
} from '../../src/model.ts'

/** A tree that exists in memory only: for scanners that read through `tree.text`. */
export function memoryTree(files: Readonly<Record<string, string>>, scope = 'repo:.'): Tree {
  return {
    root: '/nowhere',
    scope,
    isGit: false,
    files: () =>
      Object.entries(files).map(([path, text]) => ({
        path,
        absolute: `/nowhere/${path}`,
        size: Buffer.byteLength(text),
        tracked: true,
      })),
    text: (file) => files[file.path],
  }
}

export const NO_TARGETS: Targets = {
  history: false,
  aws: [],
  kubernetes: [],
  kubernetesDumps: [],
  auditLogs: [],
  cloudtrail: [],
  github: [],
}

/** Runs one scanner and gives everything it saw and could not see. */
export async function collect(
  scanner: Scanner,
  context: Partial<Omit<ScanContext, 'gap' | 'skip'>>,
): Promise<{ facts: Fact[]; gaps: Gap[]; skips: Skip[]; of<K extends FactKind>(kind: K): Fact<K>[] }> {
  const facts: Fact[] = []
  const gaps: Gap[] = []
  const skips: Skip[] = []
  const full: ScanContext = {
    trees: [],
    targets: NO_TARGETS,
    detectors: [],
    limits: { maxFileSize: 10 << 20, timeoutSeconds: 60 },
    trustedAccounts: [],
    breakGlassRoles: [],
    signal: new AbortController().signal,
    now: new Date('2026-06-01T00:00:00Z'),
    wants: () => true,
    earlier: () => [],
    progress: () => undefined,
    ...context,
    gap: (gap) => void gaps.push(gap),
    skip: (skip) => void skips.push(skip),
  }
  for await (const fact of scanner.scan(full)) facts.push(fact)
  return { facts, gaps, skips, of: (kind) => facts.filter((candidate) => isFact(kind, candidate)) }
}
