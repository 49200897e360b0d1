/**
 * A rater written apart from the program, from docs/pricing/README.md, over rationals (test/support/second-rater), must
 * agree to the last digit. Set COUNTINGHOUSE_RATER_SEED to the seed that a run printed to have the same cases again; all
 * 100,000 are in test/peers/second-rater.test.ts.
 */
import { expect, test } from 'vitest'
import { chargeDisagreements, contractDisagreements } from '../../support/second-rater/compare.ts'

const seed = Number(process.env.COUNTINGHOUSE_RATER_SEED ?? 20261126)

test(`random charges are rated as the second rater does (seed ${seed})`, () => {
  expect(chargeDisagreements(seed, 0, 2_000)).toEqual([])
})

test(`random contracts are billed as the second rater does (seed ${seed})`, () => {
  expect(contractDisagreements(seed, 0, 300)).toEqual([])
})
