/** Fees in advance and for several months, with free days and without a contract. */
import { expect, test } from 'vitest'
import { rateContract } from '../../../src/domain/invoice/build.ts'
import { addMonths, toMonth } from '../../../src/domain/period.ts'
import type { Charge, FlatFeeCharge } from '../../../src/domain/pricing/ratecard.ts'
import { cardOf } from '../pricing/cards.ts'
import { contractOf, fee, run } from './contracts.ts'

const feeOf = (changes: Partial<FlatFeeCharge>): Charge => ({ ...(fee('300') as FlatFeeCharge), ...changes })
const totals = (charge: Charge, changes: Parameters<typeof contractOf>[0], months: number) =>
  run(contractOf(changes), Array(months).fill('0'), { charges: [charge] }).map(({ total }) => total)

test('a free month within a quarter in advance costs nothing of it', () => {
  const quarterly = feeOf({ every: 3, timing: 'advance' })
  // 62 of the 90 days of January to March; all of April to June in March.
  expect(totals(quarterly, { freeMonths: [2] }, 4)).toEqual(['206.67', '0', '300', '0'])
  // In June, July to September without August.
  expect(totals(quarterly, { freeMonths: [8] }, 6)).toEqual(['300', '0', '300', '0', '0', '198.91'])
})

/** The months of 2026 in which list prices owe the fee, with what they owe. */
const owedIn2026 = (charge: Charge) =>
  Array.from({ length: 12 }, (_, index) => addMonths(toMonth('2026-01'), index)).flatMap((month) => {
    const { rated } = rateContract({
      card: cardOf(['2020-01-01', [charge]]),
      contract: null,
      metrics: [],
      month,
      timeZone: 'UTC',
      currency: 'USD',
      usage: [],
    })
    const amount = rated.lines[0]?.amount
    return amount === '0' ? [] : [`${month.slice(5)}: ${amount}`]
  })

test.each<[string, Partial<FlatFeeCharge>, string[]]>([
  ['a quarter in arrears', { every: 3 }, ['03: 300', '06: 300', '09: 300', '12: 300']],
  ['half a year', { every: 6 }, ['06: 300', '12: 300']],
  ['a year', { every: 12 }, ['12: 300']],
  ['a quarter in advance', { every: 3, timing: 'advance' }, ['03: 300', '06: 300', '09: 300', '12: 300']],
  ['a year, never shared', { every: 12, proration: 'none' }, ['12: 300']],
  ['once', { every: 'once' }, []],
])('without a contract months are counted from January: %s', (_what, changes, expected) => {
  expect(owedIn2026(feeOf(changes))).toEqual(expected)
})

test('what is due, and what is not, in words', () => {
  const wordsOf = (
    changes: Partial<FlatFeeCharge>,
    contract: Parameters<typeof contractOf>[0],
    months: number,
  ) =>
    run(contractOf(contract), Array(months).fill('0'), { charges: [feeOf(changes)] })
      .at(-1)
      ?.lines[0]?.steps.map(({ text, amount }) => `${text}: ${amount}`)
  expect(wordsOf({ every: 3, timing: 'advance' }, {}, 2)).toEqual([
    'not due this month: every 3 months, in advance: 0',
  ])
  expect(wordsOf({ every: 6 }, {}, 2)).toEqual(['not due this month: every 6 months: 0'])
  expect(wordsOf({ every: 'once' }, {}, 2)).toEqual(['not due: once, with the contract’s first month: 0'])
  expect(wordsOf({ every: 'once' }, {}, 1)).toEqual(['flat fee once: 300'])
  expect(wordsOf({ every: 3 }, {}, 3)).toEqual(['flat fee for 3 months, January 2026 to March 2026: 300'])
  expect(wordsOf({ timing: 'advance' }, {}, 2)).toEqual(['flat fee for March 2026: 300'])
  expect(wordsOf({ proration: 'second' }, { startDay: '2026-01-16' }, 1)).toEqual([
    '16–31 January 2026, version 1: flat fee for the month: 300',
    '16–31 January 2026, version 1: prorated: 16 of 31 days, to the second: -145.16129032258064516129',
    'rounded half-even, once: 0.00129032258064516129',
  ])
})
