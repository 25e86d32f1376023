import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../errors.ts'
import { CONFIG_FILE } from '../report.ts'

const TEMPLATE = `# zt-audit.yaml: settings of zt-audit for this repository.
# yaml-language-server: $schema=https://raw.githubusercontent.com/zt-audit/zt-audit/main/docs/schema/config.schema.json

# Paths that are not audited. What they hide is counted in every report.
# exclude:
#   - test/fixtures/**

# Findings that are accepted, each with its reason. Without a path, resource or fingerprint use \`skip\`.
# suppressions:
#   - rule: secrets/hardcoded-password
#     path: docs/**
#     reason: the examples of the manual
#     expires: 2027-06-30

# The settings below count only with --trust-target or --config: a repository must not decide how it is judged.
# fail-on: medium            # info, low, medium, high, critical or never
# fail-on-score: 60          # the posture, of 100, below which the run fails, too
# min-confidence: medium     # low, medium or high
# skip: [ci]                 # rules or areas that are off
# rules: [security/rules]    # folders with rules of your own
# trusted-accounts: ["123456789012"]
# break-glass-roles: [emergency-admin]
# targets:
#   aws: [{ profile: audit }]
#   kubernetes: [{ context: prod }]
#   github: [{ owner: acme }]
`

/** `zt-audit init`: writes a commented config; one that exists is left alone. */
export async function init(folder: string): Promise<void> {
  const file = join(folder, CONFIG_FILE)
  try {
    await writeFile(file, TEMPLATE, { flag: 'wx' })
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST'
    throw new UsageError(
      exists ? `${file} exists already; nothing was changed` : `cannot write ${file}: ${(error as Error).message}`,
    )
  }
  process.stdout.write(`wrote ${file}\nnext: zt-audit ${folder === '.' ? '' : folder}\n`)
}
