/** Cards from files that use other products' words for the kinds of charge. */
import { expect, test } from 'vitest'
import { readCardFile } from '../../../../src/renderer/screens/rate-cards/card-file.ts'

const tiers = [{ upTo: null, unitAmount: '0.10' }]
const calls = { id: 'calls', name: 'Calls', metric: 'api.calls' }

const read = (changes: object) =>
  readCardFile(
    JSON.stringify({
      id: 'api',
      name: 'API',
      currency: 'USD',
      effectiveFrom: '2026-01-01',
      charges: [{ ...calls, kind: 'per_unit', per: '1', unitAmount: '0.20' }],
      ...changes,
    }),
  )

test.each([
  ['charges', { charges: [{ ...calls, kind: 'slab', per: '1', tiers }] }, 'charges[0]'],
  [
    'prices in another currency',
    { otherCurrencies: { EUR: [{ ...calls, kind: 'slab', per: '1', tiers }] } },
    'otherCurrencies.EUR[0]',
  ],
  [
    'the cells of a matrix',
    {
      charges: [
        {
          ...calls,
          kind: 'matrix',
          dimensions: ['region'],
          cells: [{ values: [null], price: { kind: 'slab', per: '1', tiers } }],
        },
      ],
    },
    'charges[0].cells[0].price',
  ],
  [
    'the rest of the day',
    {
      charges: [
        {
          ...calls,
          kind: 'time_of_day',
          bands: [{ name: 'night', from: 22, to: 6, price: { kind: 'slab', per: '1', tiers } }],
          otherwise: { kind: 'standard', per: '1', unitAmount: '0.20' },
        },
      ],
    },
    'charges[0].bands[0].price',
  ],
])('another product’s word is understood in %s', (_where, changes, path) => {
  const found = read(changes)
  if (!('terms' in found)) throw new Error(JSON.stringify(found.issues))
  expect(found.notes).toContain(
    `${path}.kind: “slab”, the word of Flexprice and Oracle Banking, is read as graduated.`,
  )
  expect(JSON.stringify(found.terms)).not.toMatch(/slab|standard/)
})

test('a word that means several things is said, where it stands', () => {
  const found = read({ otherCurrencies: { EUR: [{ ...calls, kind: 'bulk', per: '1', tiers }] } })
  expect(found).toMatchObject({
    issues: [{ code: 'kind_is_ambiguous', column: 'otherCurrencies.EUR[0].kind' }],
  })
})
