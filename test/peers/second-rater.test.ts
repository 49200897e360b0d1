/**
 * The program and a rater written apart from it agree on 100,000 random charges and contracts with their usage, to the
 * last digit: quantities on and beside edges, reversals, half hours, days of 23 and 25 hours, leap days. Set
 * COUNTINGHOUSE_RATER_SEED to the seed that a run printed to have the same cases again. A smaller run is
 * test/domain/pricing/second-rater.test.ts.
 */
import { beforeAll, expect, test } from 'vitest'
import {
  chargeDisagreements,
  contractDisagreements,
  listDisagreements,
} from '../support/second-rater/compare.ts'

const seed = Number(process.env.COUNTINGHOUSE_RATER_SEED ?? 20261126)
const CHARGES = 94_000
const CONTRACTS = 5_000
const LISTS = 1_000

beforeAll(() =>
  console.info(
    `COUNTINGHOUSE_RATER_SEED=${seed}: ${CHARGES} charges, ${CONTRACTS} contracts, ${LISTS} without`,
  ),
)

const startsOf = (count: number, atOnce: number) =>
  Array.from({ length: count / atOnce }, (_, i) => [i * atOnce, atOnce] as const)

test.each(startsOf(CHARGES, 9_400))('charges from %i on, %i of them', (from, count) => {
  expect(chargeDisagreements(seed, from, count)).toEqual([])
})

test.each(startsOf(CONTRACTS, 1_000))('contracts from %i on, %i of them', (from, count) => {
  expect(contractDisagreements(seed, from, count)).toEqual([])
})

test('customers without a contract', () => {
  expect(listDisagreements(seed, 0, LISTS)).toEqual([])
})
