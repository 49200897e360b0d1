import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { rateCardFile } from '../../../src/contract/rate-cards.ts'
import { inOwnWords } from '../../../src/domain/pricing/own-words.ts'
import { readDocument } from '../../../src/main/cli/documents.ts'
import { Refusal } from '../../../src/main/cli/failure.ts'
import { customersFile, mappingFile, rulesFile } from '../../../src/main/cli/formats.ts'
import { temporaryFolder, writeDocument } from './support.ts'

const refusalOf = (schema: z.ZodType, document: unknown): Refusal => {
  const folder = temporaryFolder()
  writeDocument(folder, 'given.json', document)
  try {
    readDocument(schema, 'given.json', folder)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('it was taken')
}

const card = {
  id: 'standard',
  name: 'Standard',
  currency: 'USD',
  effectiveFrom: '2026-01-01',
  charges: [
    { kind: 'per_unit', id: 'calls', name: 'Calls', metric: 'api.calls', unitAmount: '0.40', per: '1000' },
  ],
}
const charge = card.charges[0]
const rule = {
  id: 'a',
  name: 'A',
  conditions: [{ field: 'service', operator: 'equals', value: 'S3' }],
  target: { kind: 'tenant', tenant: 'acme' },
}

test('a document is read in canonical form, with a byte order mark and a $schema or without', () => {
  const folder = temporaryFolder()
  writeDocument(
    folder,
    'card.json',
    `\uFEFF${JSON.stringify({ $schema: './ratecard.schema.json', ...card })}`,
  )
  expect(readDocument(rateCardFile, 'card.json', folder)).toEqual({
    ...card,
    charges: [{ ...charge, unitAmount: '0.4' }],
  })
})

test('other products’ words for a kind are ours in every currency, and those that mean several things are refused', () => {
  const folder = temporaryFolder()
  const { unitAmount: _, kind: __, ...rest } = charge ?? {}
  const slab = { ...rest, kind: 'Slab', tiers: [{ upTo: null, unitAmount: '0.4' }] }
  const read = (given: object) => {
    writeDocument(folder, 'words.json', given)
    return readDocument(rateCardFile, 'words.json', folder, inOwnWords)
  }
  const ours = { ...slab, kind: 'graduated' }
  expect(read({ ...card, charges: [slab], otherCurrencies: { EUR: [slab] } })).toMatchObject({
    charges: [ours],
    otherCurrencies: { EUR: [ours] },
  })
  expect(() => read({ ...card, otherCurrencies: { EUR: [{ ...slab, kind: 'tiered' }] } })).toThrow(
    'words.json, otherCurrencies.EUR[0].kind: “tiered” is graduated at',
  )
})

test.each([
  [
    'a word where a decimal is',
    rateCardFile,
    { ...card, charges: [{ ...charge, unitAmount: 'forty' }] },
    'charges[0].unitAmount: expected a decimal number, like 12.5, not "forty".',
  ],
  [
    'a decimal with too many digits',
    rateCardFile,
    { ...card, charges: [{ ...charge, unitAmount: '1'.repeat(61) }] },
    `charges[0].unitAmount: expected a decimal number of at most 60 digits before the point and 60 after it, not "${'1'.repeat(56)}…".`,
  ],
  ['a number where a name is', rateCardFile, { ...card, name: 7 }, 'name: expected a text in quotes, not 7.'],
  [
    'a currency that is none',
    rateCardFile,
    { ...card, currency: 'dollars' },
    'currency: expected a currency code of three capital letters, like USD, not "dollars".',
  ],
  [
    'a misspelt field',
    rateCardFile,
    { ...card, charges: [{ ...charge, discont: '1' }] },
    'charges[0].discont: there is no such field. There are: kind, unitAmount, per, id, name, multiplier, minimum, maximum, metric, filters, convert, increment, included, window.',
  ],
  [
    'another product’s field',
    rateCardFile,
    { ...card, charges: [{ ...charge, free_units: '1' }] },
    'charges[0].free_units: there is no such field. Did you mean included?',
  ],
  [
    'a field in another spelling, in a part of a charge',
    rateCardFile,
    {
      ...card,
      charges: [
        { ...charge, kind: 'graduated', unitAmount: undefined, tiers: [{ unitAmount: '1', up_to: '5' }] },
      ],
    },
    'charges[0].tiers[0].up_to: there is no such field. Did you mean upTo?',
  ],
  [
    'a kind that is nearly one',
    rateCardFile,
    { ...card, charges: [{ ...charge, kind: 'graduatde' }] },
    'charges[0].kind: "graduatde" is none. Did you mean graduated?',
  ],
  [
    'a tier without a price',
    rateCardFile,
    { ...card, charges: [{ ...charge, kind: 'volume', unitAmount: undefined, tiers: [{ upTo: null }] }] },
    'charges[0].tiers[0]: expected a tier with a unitAmount, a flatAmount or both; a free one has "unitAmount": "0".',
  ],
  ['a missing field', rateCardFile, { ...card, name: undefined }, 'name: is missing: a text in quotes.'],
  [
    'an operator that is none',
    rulesFile,
    { rules: [rule, { ...rule, conditions: [{ ...rule.conditions[0], operator: 'is' }] }] },
    'rules[1].conditions[0].operator: expected "equals", "prefix", "regex", "present" or "absent", not "is".',
  ],
  [
    'a tenant without a name',
    rulesFile,
    { rules: [{ ...rule, target: { kind: 'tenant', tenant: ' ' } }] },
    'rules[0].target.tenant: expected a text that is not empty, not "".',
  ],
  [
    'an email that is none',
    customersFile,
    [{ id: 'acme', name: 'Acme', email: 'acme' }],
    '[0].email: Invalid email address.',
  ],
  ['a list that is none', customersFile, { id: 'acme' }, 'document: expected a list in [ ], not an object.'],
  [
    'a mapping with a column too many',
    mappingFile,
    {
      tenant: { column: 'a' },
      metric: { fixed: 'm' },
      quantity: { column: 'q' },
      time: { column: 't', format: 'iso', timeZone: 'UTC' },
      dimensions: [],
      id2: 'x',
    },
    'id2: there is no such field. Did you mean id?',
  ],
] as const)('%s is refused by its place', (_what, schema, document, message) => {
  const { code, issues } = refusalOf(schema, document)
  expect(code).toBe('document_is_wrong')
  expect(issues.map((issue) => issue.message)).toEqual([message])
})

test('every fault is told, not the first only', () => {
  const refusal = refusalOf(rateCardFile, { ...card, currency: 'usd', effectiveFrom: '2026-02-30' })
  expect(refusal.message).toBe('given.json has 2 faults. Nothing was changed.')
  expect(refusal.issues.map(({ column }) => column)).toEqual(['currency', 'effectiveFrom'])
})

test('what is not JSON says where', () => {
  const refusal = refusalOf(rateCardFile, '{"id": "a",\n "name" "b"}')
  expect(refusal.code).toBe('document_is_not_json')
  expect(refusal.message).toMatch(
    /^given\.json is not JSON: line 2, column 9: .* stands where a colon should\. Nothing was changed\.$/,
  )
})

test('a file that is not there, and a folder', () => {
  const folder = temporaryFolder()
  mkdirSync(`${folder}/folder.json`)
  expect(() => readDocument(rulesFile, 'none.json', folder)).toThrow(
    'none.json is not there. Nothing was changed.',
  )
  expect(() => readDocument(rulesFile, 'folder.json', folder)).toThrow(
    'folder.json is a folder, not a file. Nothing was changed.',
  )
})
