import { Buffer } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { createDetection, type Detection } from '../../src/detect/detect.ts'
import { type DetectSource, toDetector } from '../../src/detect/detector.ts'
import type { Match } from '../../src/detect/match.ts'
import type { Detector } from '../../src/model.ts'

/** The `detect` blocks of the built-in secrets rules, by id. */
export const detectSources: ReadonlyMap<string, DetectSource> = new Map(
  readdirSync('rules/secrets')
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => {
      const { detect } = parse(readFileSync(`rules/secrets/${name}`, 'utf8')) as { detect: DetectSource }
      return [`secrets/${name.replace('.yaml', '')}`, detect]
    }),
)
export const builtInDetectors: readonly Detector[] = [...detectSources].map(([id, detect]) => toDetector(id, detect))
export const builtIn: Detection = createDetection(builtInDetectors)

export function scanText(text: string, path = 'src/app.py', detection = builtIn): readonly Match[] {
  const buffer = Buffer.from(text, 'utf8')
  return detection.scan(path, buffer, buffer.length)
}

/** Rules that found something, each once, sorted. */
export function rulesIn(text: string, path?: string): string[] {
  return [...new Set(scanText(text, path).map((match) => match.rule.replace('secrets/', '')))].sort()
}
