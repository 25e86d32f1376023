// Hostile texts for every pattern: the time of the worst one for each rule. Built with esbuild by bench/fuzz-rules.mjs.
import { Buffer } from 'node:buffer'
import type { Range } from '../src/detect/byte-ranges.ts'
import { createDetection } from '../src/detect/detect.ts'
import { type DetectSource, toDetector } from '../src/detect/detector.ts'
import type { Node } from '../src/detect/pattern-node.ts'
import { parsePattern } from '../src/detect/re2-syntax.ts'
import { createSample } from '../src/detect/sample.ts'
import { builtInRules } from '../src/rule-packs.ts'

const SIZE = 65_536
/** Milliseconds that one rule may take for a text of this size. */
const AIM = 50
/** Runs of one text; the fastest counts, so that a pause of the machine does not. */
const RUNS = 3
const smoke = process.env.FUZZ_SMOKE === '1'

interface Worst {
  readonly id: string
  readonly milliseconds: number
  readonly text: string
}

const fill = (unit: string) => unit.repeat(Math.ceil(SIZE / Math.max(1, unit.length))).slice(0, SIZE)

/** A character of each class that the pattern repeats. */
function repeatedCharacters(node: Node, found = new Set<string>(), repeated = false): Set<string> {
  switch (node.type) {
    case 'class':
      if (repeated) for (const [first, last] of ends(node.ranges)) found.add(first).add(last)
      return found
    case 'assertion':
      return found
    case 'group':
      return repeatedCharacters(node.body, found, repeated)
    case 'concat':
      for (const part of node.parts) repeatedCharacters(part, found, repeated)
      return found
    case 'alternation':
      for (const branch of node.branches) repeatedCharacters(branch, found, repeated)
      return found
    case 'repeat':
      return repeatedCharacters(node.body, found, true)
  }
}

function ends(ranges: readonly Range[]): [string, string][] {
  return ranges.slice(0, 4).map(([first, last]) => [String.fromCharCode(first), String.fromCharCode(last)])
}

/** Prefixes alone, matches that fail at their end, runs of what the pattern repeats, with and without what comes before. */
function* hostileTexts(detect: DetectSource): Generator<readonly [what: string, text: string]> {
  const { text, value } = createSample(detect, 11)
  const start = text.slice(0, Math.max(1, text.indexOf(value)))
  for (const keyword of (detect.keywords ?? []).slice(0, smoke ? 1 : 8)) {
    yield [`${keyword} again and again`, fill(keyword)]
    yield [`${keyword} and spaces`, fill(`${keyword} `)]
  }
  yield ['matches', fill(`${text} `)]
  yield ['matches without a gap', fill(text)]
  for (const cut of [1, 2, Math.ceil(value.length / 2)])
    yield [`matches without their last ${cut}`, fill(`${text.slice(0, -cut)}\u0001`)]
  yield ['what stands before the value', fill(start)]
  for (const character of repeatedCharacters(parsePattern(detect.pattern ?? ''))) {
    const run = JSON.stringify(character)
    yield [`the beginning, then a run of ${run}`, text.slice(0, 12) + fill(character)]
    yield [`what stands before the value, then a run of ${run}`, start + fill(character)]
    for (const length of smoke ? [40] : [8, 40, 300])
      yield [`beginnings with ${length} of ${run} between`, fill(start + character.repeat(length))]
    for (const keyword of (detect.keywords ?? []).slice(0, 2))
      yield [`${keyword} with 30 of ${run} between`, fill(keyword + character.repeat(30))]
  }
}

function worstOf(id: string, detect: DetectSource): Worst {
  const detection = createDetection([toDetector(id, detect)])
  let worst: Worst = { id, milliseconds: 0, text: '' }
  for (const [what, text] of hostileTexts(detect)) {
    const buffer = Buffer.from(text, 'latin1')
    let fastest = Number.POSITIVE_INFINITY
    for (let run = 0; run < RUNS; run++) {
      // The time of the processor: other programs of the machine do not count.
      const begin = process.cpuUsage()
      detection.scan('fuzz.txt', buffer, buffer.length)
      const { user, system } = process.cpuUsage(begin)
      fastest = Math.min(fastest, (user + system) / 1000)
      if (fastest <= worst.milliseconds) break
    }
    if (fastest > worst.milliseconds) worst = { id, milliseconds: fastest, text: what }
  }
  return worst
}

const detects = (await builtInRules()).flatMap(({ id, source }) =>
  source.detect?.pattern === undefined ? [] : [[id, source.detect] as const],
)
const worst = (smoke ? detects.slice(0, 5) : detects)
  .map(([id, detect]) => worstOf(id, detect))
  .sort((a, b) => b.milliseconds - a.milliseconds)
const above = worst.filter(({ milliseconds }) => milliseconds > AIM)
for (const { id, milliseconds, text } of worst.slice(0, smoke ? 3 : Math.max(15, above.length)))
  console.log(`${milliseconds.toFixed(1).padStart(8)} ms  ${id}: ${text}`)
console.log(`fuzz of ${worst.length} rules on ${SIZE / 1024} kB: ${above.length} above ${AIM} ms`)
