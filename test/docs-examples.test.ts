import { readFileSync } from 'node:fs'
import { type Command, CommanderError } from 'commander'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { createProgram } from '../src/cli.ts'
import { configSchema, parseConfig } from '../src/config.ts'
import { isFormat } from '../src/formats.ts'
import { writtenDocuments } from './support/markdown.ts'

const documents = writtenDocuments()

/** A piece of a document, with its place. */
interface Piece {
  readonly at: string
  readonly text: string
}

/** Blocks of code in the languages given; indentation of a list is taken off. */
function blocks(languages: readonly string[]): (Piece & { readonly language: string })[] {
  return documents.flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)]
      .filter(([, , language = '']) => languages.includes(language))
      .map(({ 1: indent = '', 2: language = '', 3: code = '', index }) => ({
        at: `${file}:${text.slice(0, index).split('\n').length}`,
        language,
        text: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      }))
  })
}

/** Everything in the documents that calls zt-audit: in shell, in workflows, between backticks. */
function commandLines(): Piece[] {
  const inCode = blocks(['sh', 'console', 'yaml', '']).flatMap(({ at, language, text }) =>
    text
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((line) => line.replace(/\s#.*$/, ''))
      .flatMap((line) => line.split(/ && | \| |; /))
      .map((line) => ({ at, text: callIn(line.trim(), language) })),
  )
  const inText = documents.flatMap((file) =>
    [
      ...readFileSync(file, 'utf8')
        .replace(/^ *```[\s\S]*?^ *```$/gm, '')
        .matchAll(/`(zt-audit [^`]+)`/g),
    ].map(([, text = '']) => ({ at: file, text: text.replace(/\s+/g, ' ') })),
  )
  return [...inCode, ...inText].filter(({ text }) => text !== '')
}

/** The call in a line of code; empty if there is none. */
function callIn(line: string, language: string): string {
  const start =
    language === 'yaml' ? /^(?:- )?(?:run: |script: |entry: )?/ : /^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:node bin\/)?/
  const call = line.replace(start, '').replace(/^zt-audit\.js\b/, 'zt-audit')
  // Two spaces end a command: prose follows.
  return /^zt-audit(?= [^:]|$)/.test(call) ? call.replace(/ {2,}.*$/, '').replace(/ >>? ?\S+$/, '') : ''
}

/** The words of a call. What stands for something has a value, and of alternatives (`aws|k8s`) each is meant. */
function wordsOf(call: string): string[][] {
  const words = call
    .split(' ')
    .slice(1)
    .filter((word) => word !== '…' && word !== '')
  const choice = words.find((word) => /^[a-z0-9-]+(?:\|[a-z0-9-]+)+$/.test(word))
  if (choice === undefined) return [words.map((word) => (word === 'SHELL' ? 'bash' : word === 'N' ? '50' : word))]
  return choice.split('|').flatMap((one) => wordsOf(call.replace(choice, one)))
}

/** Holds a call against the real command line, without running it. */
function problem(words: readonly string[]): string {
  const program = createProgram()
  const silence = (command: Command) => {
    command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} })
    command.action(() => {})
    command.commands.forEach(silence)
  }
  for (const command of program.commands) silence(command)
  program.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} })
  const optional = new Set(['--aws', '--k8s', '--history'])
  try {
    program.parse(
      words.map((word) => (optional.has(word) ? `${word}=` : word)),
      { from: 'user' },
    )
    return unknownFormat(words, program)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? '' : error.message
  }
}

/** Formats are looked up when the audit runs, since plugins bring some. */
function unknownFormat(words: readonly string[], program: Command): string {
  if (words.includes('--plugin') || program.commands.some((command) => command.name() === words[0])) return ''
  const named = words.flatMap((word, index) => {
    if (words[index - 1] === '--format') return [word]
    return words[index - 1] === '--output' ? [word.replace(/=.*/, '')] : []
  })
  const unknown = named.filter((name) => !isFormat(name) && !['FORMAT', 'ID'].includes(name))
  return unknown.length > 0 ? `no such format: ${unknown.join(', ')}` : ''
}

describe('commands in the documentation', () => {
  const calls = commandLines()
  it('are found', () => {
    expect(calls.length).toBeGreaterThan(80)
  })
  it('have options and values that the program takes', () => {
    const wrong = calls.flatMap(({ at, text }) =>
      wordsOf(text)
        .map(problem)
        // In a sentence a command may be named without what it takes.
        .filter((message) => /:\d+$/.test(at) || !/argument missing$|^error: missing required/.test(message))
        .filter((message) => message !== '')
        .map((message) => `${at}: ${text}: ${message}`),
    )
    expect(wrong).toEqual([])
  })
  it('are noticed when they are wrong', () => {
    expect(problem(['.', '--no-such-option'])).toContain('unknown option')
    expect(problem(['.', '--output', 'no-such-format=a.json'])).toContain('no-such-format')
    expect(problem(['.', '--fail-on', 'no-such-severity'])).toContain('no-such-severity')
    expect(problem(['suggest', 'aws', '--account', 'x'])).toContain('unknown option')
  })
})

describe('YAML in the documentation', () => {
  const snippets = blocks(['yaml'])
  it('is valid', () => {
    expect(snippets.length).toBeGreaterThan(10)
    expect(
      snippets.flatMap(({ at, text }) => parseDocument(text).errors.map(({ message }) => `${at}: ${message}`)),
    ).toEqual([])
  })
  it('is valid as a config where it is one', () => {
    const keys = new Set(Object.keys(configSchema.entries))
    const configs = snippets.filter(({ text }) => {
      const value: unknown = parseDocument(text).toJS()
      const own = v.is(v.record(v.string(), v.unknown()), value) ? Object.keys(value) : []
      return /^# (?:\S+\/)?zt-audit\.yaml\b/.test(text) || (own.length > 0 && own.every((key) => keys.has(key)))
    })
    expect(configs.length).toBeGreaterThan(0)
    for (const { at, text } of configs) expect(() => parseConfig(at, text, true), at).not.toThrow()
  })
})

it('JSON in the documentation is valid', () => {
  for (const { at, text } of blocks(['json'])) expect(() => JSON.parse(text), at).not.toThrow()
})
