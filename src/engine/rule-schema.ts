import * as v from 'valibot'
import { CAPABILITIES, CONFIDENCES, LIFETIMES, PILLARS, SEVERITIES } from '../model.ts'

/** The form of a rule file. `zt-audit rules schema` prints it as JSON Schema, so that editors complete and check it. */

const text = (description: string) => v.pipe(v.string(), v.minLength(1), v.description(description))
const cel = (description: string) =>
  v.pipe(v.string(), v.minLength(1), v.description(`${description} (CEL, gives bool)`))

const clause = v.pipe(
  v.strictObject({
    fact: text('Kind of fact'),
    on: v.optional(
      v.pipe(
        v.record(v.string(), v.string()),
        v.description(
          'Join: field of this fact → field of an earlier binding, `user.arn`. A list field matches each of its items',
        ),
      ),
    ),
    where: v.optional(cel('What must hold besides the join')),
    says: v.optional(
      v.pipe(
        v.union([text('A sentence'), v.pipe(v.array(text('A sentence')), v.minLength(1))]),
        v.description(
          'What the step tells a reader, in a sentence or several; {{binding.field}} stands for a value, and a sentence that is nothing but a list for each of its items. Reports draw the steps of a finding from them',
        ),
      ),
    ),
    reach: v.optional(
      v.pipe(
        v.picklist(['scope', 'target']),
        v.description(
          'How far a gap counts: in the scope of an earlier binding (a namespace, a file), or, where the fact may stand elsewhere, in the whole target',
        ),
      ),
    ),
  }),
  v.description('A step of the join: facts of a kind'),
)
const clauses = v.record(v.pipe(v.string(), v.regex(/^[a-z][A-Za-z0-9]*$/, 'a binding is a lower-case word')), clause)

const byCase = <const T extends readonly string[]>(values: T, what: string) =>
  v.pipe(
    v.union([
      v.picklist(values),
      v.strictObject({
        default: v.picklist(values),
        when: v.pipe(
          v.array(v.strictObject({ is: v.picklist(values), if: cel('When') })),
          v.description('The first whose condition holds wins; what was not seen leaves the default'),
        ),
      }),
    ]),
    v.description(what),
  )

const detect = v.pipe(
  v.strictObject({
    by: v.pipe(
      v.picklist(['pattern', 'structure', 'score']),
      v.description(
        'pattern: text matches; structure: key and value of a known syntax; score: key, value and context judged together',
      ),
    ),
    pattern: v.optional(text('RE2 syntax; group `secret`, else group 1, else all of it is the value')),
    keywords: v.optional(
      v.pipe(
        v.array(v.pipe(v.string(), v.minLength(2), v.regex(/^[^A-Z]*$/, 'keywords are lower case'))),
        v.description('Lower case; one of them must stand near by. Required with `pattern`'),
      ),
    ),
    minEntropy: v.optional(v.pipe(v.number(), v.description('Shannon bits per character that a value has at least'))),
    ignore: v.optional(v.pipe(v.array(v.string()), v.description('RE2; a value that matches one is no secret'))),
    validator: v.optional(text('Offline check by name (checksum, structure)')),
    syntaxes: v.optional(
      v.pipe(
        v.array(v.string()),
        v.description('For structure and score: text, dotenv, yaml, json, dockerfile, compose, kubernetes-secret, …'),
      ),
    ),
    keys: v.optional(text('For structure and score: RE2 that the key must match')),
    acceptPlaceholders: v.optional(v.pipe(v.boolean(), v.description('Values like "changeme" count, too'))),
    lowEntropy: v.optional(
      v.pipe(v.boolean(), v.description('Guessable values: their fingerprints are made with scrypt')),
    ),
    priority: v.optional(
      v.pipe(v.number(), v.description('Where rules overlap, the higher wins; 100 pattern, 50 structure, 10 score')),
    ),
  }),
  v.description('How the secrets scanner recognises a credential'),
)

const credential = v.pipe(
  v.strictObject({
    lifetime: v.pipe(
      v.picklist(LIFETIMES),
      v.description(
        'until-revoked: holds until somebody ends it; long-lived: ends after months or years, or may be made without an end; days, hours: ends by itself; by-claim: says in itself when it ends',
      ),
    ),
    opens: text('What it opens, in a line'),
    revoke: v.pipe(
      v.string(),
      v.regex(/^https:\/\//, 'where to revoke it is an https URL'),
      v.description('Where its provider says how it is revoked'),
    ),
  }),
  v.description('What a credential of one provider is good for, how long, and how it is ended'),
)

const factData = v.looseObject({ kind: text('Kind of fact') })
const test = v.pipe(
  v.strictObject({
    name: text('What is shown'),
    facts: v.optional(v.array(factData)),
    gaps: v.optional(
      v.array(
        v.strictObject({
          kind: v.string(),
          scope: v.string(),
          fields: v.optional(v.array(v.string())),
          class: v.optional(v.picklist(['fault', 'limit'])),
        }),
      ),
    ),
    text: v.optional(
      v.pipe(v.string(), v.description('Secrets rules: text to scan; {{sample}} is a value drawn from the pattern')),
    ),
    path: v.optional(v.pipe(v.string(), v.description('Secrets rules: the name of the file that holds the text'))),
    finds: v.pipe(v.number(), v.integer(), v.minValue(0)),
    undetermined: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    severity: v.optional(v.picklist(SEVERITIES)),
    because: v.optional(text('Why it is none: required where finds is 0')),
  }),
  v.check(
    (t) => t.finds > 0 || t.because !== undefined || (t.undetermined ?? 0) > 0,
    'a test that finds nothing needs its reason: `because`',
  ),
)

const changedFile = v.strictObject({
  before: v.optional(v.pipe(v.string(), v.description('Its text; left out: the file is not there'))),
  after: v.optional(v.pipe(v.string(), v.description('Its text; left out: it stays as it is; empty: it is deleted'))),
})
const example = v.pipe(
  v.strictObject({
    file: v.optional(text('The file, as its path in a repository')),
    files: v.optional(v.pipe(v.record(v.string(), changedFile), v.description('Several files, by path'))),
    command: v.optional(
      text(
        'For what stands in no file: the command or setting; `before` and `after` are what it answers. It is not run: the facts of `tests` show the same',
      ),
    ),
    before: v.optional(
      v.pipe(
        v.string(),
        v.description(
          'The smallest text on which the rule fires; {{sample}} is a made-up secret of this rule, {{sample secrets/x}} of another',
        ),
      ),
    ),
    after: v.optional(v.pipe(v.string(), v.description('The same, mended: no rule of medium or above fires on it'))),
    also: v.optional(
      v.pipe(v.array(v.string()), v.description('Rules of medium or above that rightly fire on `after`, too')),
    ),
  }),
  v.check(
    ({ file, files, command }) => [file, files, command].filter((form) => form !== undefined).length === 1,
    'an example has one of `file`, `files` and `command`',
  ),
  v.check(
    ({ files, before, after }) =>
      files ? before === undefined && after === undefined : before !== undefined && after !== undefined,
    'an example needs `before` and `after`; with `files`, each file has its own',
  ),
  v.description('One thing wrong, and the smallest right fix; `rules test` audits both'),
)

type References = { readonly [name: string]: string | References }
const references: v.GenericSchema<References> = v.record(v.string(), v.union([v.string(), v.lazy(() => references)]))

export const ruleSchema = v.pipe(
  v.strictObject({
    title: text('A short name of what is wrong'),
    severity: byCase(SEVERITIES, 'How bad it is'),
    confidence: byCase(CONFIDENCES, 'How sure a finding is'),
    pillar: v.pipe(v.picklist(PILLARS), v.description('Pillar of the CISA Zero Trust Maturity Model')),
    capabilities: v.optional(
      v.pipe(
        v.array(v.picklist(CAPABILITIES)),
        v.description('Cross-cutting capabilities of that model that it is about, too'),
      ),
    ),
    description: text('Why it matters, in a sentence or two'),
    credential: v.optional(credential),
    detect: v.optional(detect),
    match: v.optional(v.pipe(clauses, v.description('Every clause must hold; the first gives the primary location'))),
    unless: v.optional(v.pipe(clauses, v.description('None of these may hold'))),
    context: v.optional(v.pipe(clauses, v.description('Looked up if seen; for severity, confidence and message only'))),
    identity: v.optional(
      v.pipe(
        v.array(v.string()),
        v.description('The bindings that make a finding this one; equal rows merge. Default: the first'),
      ),
    ),
    message: v.optional(text('One sentence; {{binding.field}} stands for a value')),
    properties: v.optional(v.pipe(references, v.description('Machine-readable values, name → binding.field'))),
    assumptions: v.optional(
      v.pipe(v.string(), v.description('binding.field with a list of what the judgement rests on')),
    ),
    fix: v.optional(v.pipe(v.string(), v.description('binding.field with a unified diff'))),
    remediation: text('What to do'),
    references: v.array(v.pipe(v.string(), v.regex(/^https:\/\//, 'a reference is an https URL'))),
    mappings: v.optional(
      v.strictObject({
        cwe: v.optional(v.array(v.pipe(v.string(), v.regex(/^CWE-\d+$/)))),
        cis: v.optional(v.array(v.string())),
        nist: v.optional(
          v.pipe(v.array(v.string()), v.description('Tenets of NIST SP 800-207, section 2.1, as "tenet 4"')),
        ),
      }),
    ),
    example: v.optional(example),
    tests: v.pipe(
      v.array(test),
      v.check((all) => all.some((t) => t.finds > 0), 'a rule needs a test that fires'),
      v.check(
        (all) => all.some((t) => t.finds === 0 && t.because !== undefined),
        'a rule needs a test that does not fire',
      ),
    ),
  }),
  v.check((rule) => rule.detect !== undefined || rule.match !== undefined, 'a rule needs `match` or `detect`'),
  v.check((rule) => rule.detect !== undefined || rule.message !== undefined, 'a rule with `match` needs a `message`'),
  v.check(
    (rule) =>
      rule.detect?.by !== 'pattern' || (rule.detect.pattern !== undefined && (rule.detect.keywords?.length ?? 0) > 0),
    'detect by pattern needs `pattern` and `keywords`',
  ),
)

/** A rule file as written, its form checked; the joins and expressions are not yet. */
export type RuleSource = v.InferOutput<typeof ruleSchema>
export type RuleClause = v.InferOutput<typeof clause>
export type RuleTest = v.InferOutput<typeof test>
export type RuleExample = v.InferOutput<typeof example>
export type DetectSource = v.InferOutput<typeof detect>
