import { compareReports, parseReport } from '../diff.ts'
import { renderDiff, renderDiffMarkdown } from '../diff-text.ts'
import type { Severity } from '../model.ts'
import { type ExitCode, reaches } from '../verdict.ts'
import { readReport } from './earlier.ts'
import { colorLevel, print, terminalWidth } from './output.ts'

export interface DiffOptions {
  readonly format: 'pretty' | 'json' | 'markdown'
  readonly failOn: Severity | 'never'
}

/** `zt-audit diff OLD.json NEW.json`: exit 1 if something came up, 3 if the later run could not see what the earlier one found. */
export async function diff(files: readonly string[], options: DiffOptions): Promise<void> {
  const reports = await Promise.all(files.map(async (file) => parseReport(file, await readReport(file))))
  const result = compareReports(reports)
  const raised = [...result.new, ...result.reopened, ...result.spread, ...result.worse.map(({ finding }) => finding)]
  const code: ExitCode = raised.some(({ severity }) => reaches(severity, options.failOn))
    ? 1
    : result.unseen.length > 0
      ? 3
      : 0
  process.exitCode = code
  if (options.format === 'json') await print(`${JSON.stringify(result, null, 2)}\n`)
  else if (options.format === 'markdown') await print(renderDiffMarkdown(result))
  else await print(renderDiff(result, { color: colorLevel('auto', process.stdout), width: terminalWidth() }))
}
