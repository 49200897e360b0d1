/**
 * The program and a rater written apart from it agree on 100,000 random charges, to the last digit: quantities on and
 * beside edges, reversals, half hours, days of 23 and 25 hours, leap days. Set COUNTINGHOUSE_RATER_SEED to the seed that
 * a run printed to have the same cases again. A smaller run is test/domain/pricing/second-rater.test.ts.
 */
import { beforeAll, expect, test } from 'vitest'
import { chargeDisagreements } from '../support/second-rater/compare.ts'

const seed = Number(process.env.COUNTINGHOUSE_RATER_SEED ?? process.pid)
const CHARGES = 100_000
const AT_ONCE = 5_000

beforeAll(() => console.info(`COUNTINGHOUSE_RATER_SEED=${seed}: ${CHARGES} charges`))

const starts = Array.from({ length: CHARGES / AT_ONCE }, (_, i) => i * AT_ONCE)

test.each(starts)('charges from %i on', (from) => {
  expect(chargeDisagreements(seed, from, AT_ONCE)).toEqual([])
})
