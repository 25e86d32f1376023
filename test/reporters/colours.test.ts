import { Chalk } from 'chalk'
import { describe, expect, it } from 'vitest'
import type { Severity } from '../../src/model.ts'
import { MARK, severityPainter } from '../../src/reporters/severity-paint.ts'

type Rgb = readonly [number, number, number]
const rgb = (hex: string): Rgb => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb

/** What the terminals make of the codes, as their default settings say. */
const PALETTES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  xterm: { 95: 'ff00ff', 31: 'cd0000', 33: 'cdcd00', 36: '00cdcd' },
  'VS Code, dark': { 95: 'd670d6', 31: 'cd3131', 33: 'e5e510', 36: '11a8cd' },
  'Windows Terminal': { 95: 'b4009e', 31: 'c50f1f', 33: 'c19c00', 36: '3a96dd' },
  'GNOME Terminal': { 95: 'c061cb', 31: 'c01c28', 33: 'a2734c', 36: '2aa1b3' },
}

/** Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB. */
const SIGHT: Readonly<Record<string, readonly number[]>> = {
  usual: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
}

const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)

/** CIELAB under D65 of what an eye sees of a colour. */
function seen(hex: string, sight: readonly number[]): Rgb {
  const given = rgb(hex).map((value) => linear(value / 255))
  const [r = 0, g = 0, b = 0] = [0, 3, 6].map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        given.reduce((sum, value, i) => sum + value * (sight[row + i] ?? 0), 0),
      ),
    ),
  )
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : (t * 24389) / 27 / 116 + 16 / 116)
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047)
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b)
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}
const distance = (a: Rgb, b: Rgb) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])

const chalk = new Chalk({ level: 1 })
const codeOf = (severity: Severity) => /^\x1b\[(\d+)m/.exec(severityPainter(chalk)(severity)('x'))?.[1] ?? ''
const COLOURED: readonly Severity[] = ['critical', 'high', 'medium', 'low']
/** The worst and the least of four are told apart by a full square and an empty circle. */
const PAIRS = COLOURED.slice(1).map((b, i) => [COLOURED[i] as Severity, b] as const)

describe('severities', () => {
  it.each(Object.keys(PALETTES).flatMap((palette) => Object.keys(SIGHT).map((sight) => ({ palette, sight }))))(
    'have colours that are told from their neighbours in $palette with $sight',
    ({ palette, sight }) => {
      const lab = (severity: Severity) => seen(PALETTES[palette]?.[codeOf(severity)] ?? '', SIGHT[sight] ?? [])
      // Two and a half is what an eye just tells apart beside each other; ten is plain at a glance.
      for (const [a, b] of PAIRS) expect(distance(lab(a), lab(b)), `${a} and ${b}`).toBeGreaterThan(10)
    },
  )
  it('have each a mark, for whoever sees no colours', () => {
    expect(new Set(Object.values(MARK)).size).toBe(5)
  })
})
