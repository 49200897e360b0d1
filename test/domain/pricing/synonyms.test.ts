import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { KIND_LABELS, kindNamed, SYNONYMS } from '../../../src/domain/pricing/synonyms.ts'

test.each(Object.entries(KIND_LABELS))('%s and %s are ours and mean what they mean here', (kind, label) => {
  for (const word of [kind, label, label.toUpperCase()])
    expect(kindNamed(word)).toEqual({ meanings: [{ kind, products: [] }], sentence: '' })
})

test.each([
  ['slab', ['graduated'], '“slab”, the word of Flexprice and Oracle Banking, is read as graduated.'],
  ['Tiers_Mode = volume', ['volume'], '“Tiers_Mode = volume”, the word of Stripe, is read as volume.'],
  ['Unit pricing', ['per_unit'], '“Unit pricing”, the word of OpenMeter and Orb, is read as per unit.'],
  [
    'TIERED_PERCENTAGE',
    ['graduated_percentage'],
    '“TIERED_PERCENTAGE”, the word of Metronome, is read as graduated percentage.',
  ],
  [
    'Per block with dimensions',
    ['matrix'],
    '“Per block with dimensions”, the word of Amberflo, is read as matrix.',
  ],
  [
    'Pre-rated per unit pricing',
    ['dynamic'],
    '“Pre-rated per unit pricing”, the word of Zuora, is read as dynamic.',
  ],
  [
    'Dynamic pricing',
    ['dynamic', 'matrix'],
    '“Dynamic pricing” is dynamic at OpenMeter and matrix at Zuora; write dynamic or matrix.',
  ],
  ['standing charge', ['flat_fee'], '“standing charge”, the word of m3ter, is read as flat fee.'],
  ['Volume Pricing', ['volume'], ''],
  ['Package pricing', ['package'], ''],
  ['Bulk', ['volume', 'package'], '“Bulk” is volume at Orb and package at Suger; write volume or package.'],
])('%s', (word, kinds, sentence) => {
  const named = kindNamed(word)
  expect([named?.meanings.map(({ kind }) => kind), named?.sentence]).toEqual([kinds, sentence])
})

test.each(['', 'constructor', 'wholesale', 'BPS', 'pricing'])('"%s" names nothing', (word) => {
  expect(kindNamed(word)).toBeNull()
})

test('every word that import understands stands in the table of the documentation', () => {
  const text = readFileSync(new URL('../../../docs/pricing/synonyms.md', import.meta.url), 'utf8')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
  expect(SYNONYMS.filter(({ word }) => !text.includes(word)).map(({ word }) => word)).toEqual([])
})
