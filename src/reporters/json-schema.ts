import * as v from 'valibot'
import { CAPABILITIES, CONFIDENCES, LIFETIMES, PILLARS, SEVERITIES, SKIP_REASONS } from '../model.ts'
import { CAUSES } from '../posture.ts'
import { SCHEMA_VERSION } from './json.ts'

/** The form of the JSON report. Published as docs/schema/report.schema.json; tests hold real reports against it. */

const lineNumber = v.pipe(v.number(), v.integer(), v.minValue(1))
const fileLocation = v.strictObject({
  file: v.pipe(v.string(), v.description('POSIX path below the root of the repository')),
  line: v.optional(lineNumber),
  column: v.optional(v.pipe(lineNumber, v.description('1-based, in UTF-16 units'))),
  endLine: v.optional(lineNumber),
  endColumn: v.optional(v.pipe(lineNumber, v.description('Exclusive'))),
  commit: v.optional(v.pipe(v.string(), v.description('Set if the place is in history only'))),
  repository: v.optional(v.pipe(v.string(), v.description('Set if the file is in a further repository'))),
})
const location = v.union([
  fileLocation,
  v.strictObject({
    resource: v.pipe(v.string(), v.description('ARN, k8s://cluster/ns/Kind/name or github://owner/repo')),
    declaredAt: v.optional(fileLocation),
  }),
])
export const gap = v.strictObject({
  kind: v.pipe(v.string(), v.description('Kind of fact that would have been seen')),
  scope: v.string(),
  fields: v.optional(v.array(v.string())),
  class: v.pipe(
    v.picklist(['fault', 'limit']),
    v.description('fault: the audit is incomplete; limit: left out on purpose'),
  ),
  reason: v.string(),
  detail: v.string(),
})
const fact = v.strictObject({
  kind: v.string(),
  scope: v.string(),
  data: v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.array(v.string())])),
  unknown: v.optional(v.pipe(v.array(v.string()), v.description('Fields that were not seen'))),
  at: location,
})
const excerpt = v.strictObject({
  startLine: lineNumber,
  lines: v.pipe(v.array(v.string()), v.description('Secrets are masked')),
})

const finding = v.strictObject({
  ruleId: v.string(),
  title: v.string(),
  severity: v.picklist(SEVERITIES),
  confidence: v.picklist(CONFIDENCES),
  pillar: v.picklist(PILLARS),
  message: v.string(),
  location,
  otherLocations: v.optional(v.array(fileLocation)),
  scope: v.string(),
  fingerprint: v.pipe(v.string(), v.regex(/^v1:[0-9a-f]{64}$/), v.description('Stays the same when lines move')),
  kin: v.pipe(v.string(), v.description('Like the fingerprint, and equal in a file of another name')),
  baselineState: v.optional(
    v.pipe(v.picklist(['new', 'unchanged', 'updated']), v.description('Set if the run was held against a baseline')),
  ),
  properties: v.optional(v.record(v.string(), v.unknown())),
  steps: v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          text: v.string(),
          at: location,
          follows: v.optional(
            v.pipe(v.number(), v.integer(), v.minValue(0), v.description('Index of the step that it follows from')),
          ),
        }),
      ),
      v.description('What leads from one thing to the next, in the words of the rule'),
    ),
  ),
  assumptions: v.optional(v.array(v.string())),
  excerpt: v.optional(excerpt),
  description: v.string(),
  remediation: v.string(),
  references: v.array(v.string()),
  credential: v.optional(
    v.strictObject({
      lifetime: v.picklist(LIFETIMES),
      opens: v.pipe(v.string(), v.description('What it opens')),
      revoke: v.pipe(v.string(), v.description('Where its provider says how it is revoked')),
    }),
  ),
  mappings: v.record(v.string(), v.array(v.string())),
  fix: v.optional(v.strictObject({ description: v.string(), diff: v.optional(v.string()) })),
  suppressed: v.optional(
    v.strictObject({
      by: v.picklist(['inline', 'config', 'foreign']),
      reason: v.string(),
      expires: v.optional(v.string()),
      at: v.string(),
    }),
  ),
  evidence: v.record(v.string(), v.array(fact)),
})

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const target = v.strictObject({
  kind: v.string(),
  name: v.string(),
  audited: v.boolean(),
  asked: v.optional(v.pipe(v.boolean(), v.description('False if the operator did not ask for it'))),
  detail: v.string(),
  scope: v.pipe(v.string(), v.description('What the scopes of its findings begin with; empty if not reached')),
  complete: v.pipe(v.boolean(), v.description('Whether all of it was seen, but for single files')),
  revision: v.optional(
    v.strictObject({
      commit: v.string(),
      branch: v.optional(v.string()),
      remote: v.optional(v.string()),
      folder: v.optional(v.pipe(v.string(), v.description('Where the audited folder is in the repository'))),
    }),
  ),
  declaredAt: v.optional(v.pipe(fileLocation, v.description('The line of the config that names it'))),
})
const points = v.pipe(count, v.maxValue(100))
const score = v.pipe(
  v.nullable(v.strictObject({ least: points, most: points })),
  v.description(
    'Of 100, see docs/posture.md: what was not seen counts as bad in least, as good in most; null: not looked at',
  ),
)
const unknowns = v.pipe(
  v.optional(
    v.array(
      v.strictObject({
        cause: v.picklist(CAUSES),
        options: v.pipe(v.array(v.string()), v.description('What to add to the command line')),
        count: v.pipe(count, v.description('Rules; of suppressed and unsure: findings')),
        points: v.pipe(points, v.description('How much `least` would rise if this alone were seen, and good')),
      }),
    ),
  ),
  v.description('Why it is a range, what holds most back first'),
)
const posture = v.strictObject({
  overall: score,
  unknowns,
  pillars: v.array(
    v.strictObject({
      pillar: v.picklist([...PILLARS, ...CAPABILITIES]),
      score,
      rules: v.pipe(
        v.strictObject({
          evaluated: count,
          undetermined: count,
          notRequested: count,
          leftOut: v.optional(count),
          nothingToJudge: count,
        }),
        v.description(
          'How many of its rules were decided, were not decided everywhere, were not asked for, were left out (--only, --skip), had nothing to judge',
        ),
      ),
      findings: v.strictObject({ info: count, low: count, medium: count, high: count, critical: count }),
      suppressed: v.optional(v.pipe(count, v.description('They count as bad in least, not in most'))),
      unknowns,
    }),
  ),
})
const firstFix = v.strictObject({
  what: v.pipe(v.string(), v.description('What to do')),
  why: v.string(),
  at: v.optional(
    v.pipe(v.array(location), v.description('Where, up to 20 places, the one of the gravest finding first')),
  ),
  rules: v.optional(v.pipe(v.array(v.string()), v.description('Whose findings it removes, the gravest first'))),
  effort: v.picklist(['small', 'medium', 'large']),
  chains: v.pipe(count, v.description('How many of its findings are chains')),
  findings: v.pipe(
    v.array(v.strictObject({ ruleId: v.string(), fingerprint: v.string(), message: v.string() })),
    v.description('What it removes'),
  ),
})

export const reportSchema = v.strictObject({
  schemaVersion: v.literal(SCHEMA_VERSION),
  tool: v.strictObject({ name: v.string(), version: v.string() }),
  startedAt: v.optional(v.pipe(v.string(), v.description('Only if SOURCE_DATE_EPOCH is set'))),
  interrupted: v.boolean(),
  minConfidence: v.pipe(v.picklist(CONFIDENCES), v.description('Findings below it are only counted')),
  partial: v.optional(
    v.pipe(
      v.strictObject({ by: v.picklist(['since', 'staged']), ref: v.optional(v.string()), files: count }),
      v.description('Set if only what changed was judged'),
    ),
  ),
  baseline: v.optional(v.strictObject({ file: v.string(), known: count, gone: count, unseen: count })),
  targets: v.array(target),
  summary: v.strictObject({
    findings: count,
    bySeverity: v.strictObject({ info: count, low: count, medium: count, high: count, critical: count }),
    gaps: v.strictObject({ fault: count, limit: count }),
    undetermined: count,
    // Reports of before this field can still be compared.
    skipped: v.optional(
      v.pipe(
        v.record(v.picklist(SKIP_REASONS), count),
        v.description('What was not read, or read in part, by reason; --verbose lists the paths'),
      ),
    ),
    hidden: v.strictObject({ byConfidence: count, bySuppression: count, byPath: count, byBaseline: count }),
  }),
  // Reports of before these two fields can still be compared.
  posture: v.optional(posture),
  firstFixes: v.optional(
    v.pipe(v.array(firstFix), v.description('What removes most risk for its effort, the best first')),
  ),
  findings: v.array(finding),
  undetermined: v.array(v.strictObject({ rule: v.string(), scope: v.string(), rows: count, gaps: v.array(gap) })),
  gaps: v.array(gap),
  coverage: v.array(
    v.strictObject({
      rule: v.string(),
      scope: v.string(),
      status: v.picklist(['evaluated', 'undetermined', 'not-requested']),
      rows: count,
      undetermined: count,
      ask: v.optional(v.pipe(v.array(v.string()), v.description('If not requested: the options that ask for it'))),
    }),
  ),
  notices: v.array(v.string()),
})
