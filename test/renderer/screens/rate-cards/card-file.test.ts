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

const own = { ...calls, kind: 'per_unit', per: '1', unitAmount: '0.20' }

test.each<[string, object, string]>([
  [
    'a price left out',
    { charges: [{ ...own, unitAmount: undefined }] },
    'charges[0].unitAmount: it is missing; write it.',
  ],
  [
    'a price as a JSON number',
    { charges: [{ ...own, unitAmount: 0.2 }] },
    'charges[0].unitAmount: a text is expected here; prices and quantities are written in quotes, "0.40", because a JSON number loses digits.',
  ],
  [
    'a price with a comma',
    { charges: [{ ...own, unitAmount: '0,2' }] },
    'charges[0].unitAmount: "0,2" does not fit: a decimal number, like 12.5.',
  ],
  [
    'a word that nobody uses',
    { charges: [{ ...own, kind: 'wholesale' }] },
    'charges[0].kind: "wholesale" is no kind of charge or price that fits here; write one of flat_fee, per_unit, graduated, volume, stair_step, package, percentage, graduated_percentage, matrix, seat, time_weighted, time_of_day, dynamic, revenue_share, cost_plus, formula.',
  ],
  [
    'a member that is none',
    { charges: [{ ...own, discount: '5' }] },
    'charges[0]: "discount": nothing is known by that name here; mend its spelling, or leave it out.',
  ],
  ['no charges', { charges: undefined }, 'charges: it is missing; write it.'],
  [
    'a day that is none',
    { effectiveFrom: '2026-13-01' },
    'effectiveFrom: "2026-13-01" is no day; write it as 2026-10-31.',
  ],
])('%s is named with its place and what to write', (_what, changes, message) => {
  expect(read(changes)).toMatchObject({ issues: [{ message }] })
})
