/** The worked examples of docs/pricing are what the program makes of them: the tables themselves are read and rated. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ContractBalances } from '../../../src/domain/invoice/invoice.ts'
import { KIND_LABELS } from '../../../src/domain/pricing/synonyms.ts'
import { validateRateCardVersion } from '../../../src/domain/pricing/validate.ts'
import { compareRow, explainExample } from './example-rating.ts'
import { disagreementOn } from './example-second-rater.ts'
import { readExamples, type Terms } from './example-tables.ts'

const folder = `${import.meta.dirname}/../../../docs/pricing`
const files = [
  ...readdirSync(`${folder}/examples`)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => `examples/${name}`),
  'settings.md',
]

const errorsOf = (terms: Terms) => {
  const versions = terms.charge === null ? terms.versions : [{ from: '2000-01-01', charges: [terms.charge] }]
  return versions.flatMap(({ from, charges }) =>
    validateRateCardVersion({ version: 1, effectiveFrom: from, charges }, terms.metrics).filter(
      ({ severity }) => severity === 'error',
    ),
  )
}

const read = files.map((name) => ({
  name,
  examples: readExamples(readFileSync(`${folder}/${name}`, 'utf8')),
}))

describe.each(read)('$name', ({ name, examples }) => {
  test.each(examples.map((example) => [example.line, example] as const))(
    'the price of line %i',
    (_, example) => {
      expect(errorsOf(example.terms)).toEqual([])
      expect(example.tables.flat().length).toBeGreaterThan(0)
      for (const rows of example.tables) {
        let opening: ContractBalances | null = null
        for (const { line, cells } of rows) {
          const where = `${name}:${line}`
          const { compared, closing, steps } = compareRow(cells, example.terms, opening)
          expect(compared.length, where).toBeGreaterThan(0)
          for (const { heading, expected, actual } of compared)
            expect(`${where} ${heading} ${actual}`).toBe(`${where} ${heading} ${expected}`)
          expect(steps, `${where}: the steps add up`).toBe(true)
          expect(cells.get('source'), where).toMatch(/\S/)
          if (cells.has('month')) opening = closing
        }
        expect(disagreementOn(rows, example.terms), 'the second rater').toBeNull()
      }
      for (const { usage, text } of example.explained) expect(explainExample(example.terms, usage)).toBe(text)
    },
  )
})

test('every kind of charge is explained', () => {
  const explained = read.flatMap(({ examples }) =>
    examples.flatMap(({ terms, explained }) =>
      terms.charge === null || explained.length === 0 ? [] : [terms.charge.kind],
    ),
  )
  expect([...new Set(explained)].sort()).toEqual(Object.keys(KIND_LABELS).sort())
})

test('there are hundreds of them', () =>
  expect(
    read.flatMap(({ examples }) => examples.flatMap(({ tables }) => tables.flat())).length,
  ).toBeGreaterThan(400))
