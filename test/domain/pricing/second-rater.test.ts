/**
 * A rater written apart from the program, from docs/pricing/README.md, over rationals (test/support/second-rater), must
 * agree to the last digit. Set COUNTINGHOUSE_RATER_SEED to the seed that a run printed to have the same cases again; all
 * 100,000 are in test/peers/second-rater.test.ts.
 */
import { expect, test, vi } from 'vitest'
import { counted, heldByCharge, heldByContract } from '../../support/second-rater/census.ts'
import { answer } from '../../support/second-rater/charge.ts'
import {
  caseNumbers,
  chargeDisagreements,
  contractDisagreements,
  listDisagreements,
} from '../../support/second-rater/compare.ts'
import { answerContract } from '../../support/second-rater/contract.ts'
import { drawChargeCase } from '../../support/second-rater/draw-case.ts'
import { drawContractCase } from '../../support/second-rater/draw-contract.ts'

/** A busy machine takes its time. */
vi.setConfig({ testTimeout: 240_000 })

const seed = Number(process.env.COUNTINGHOUSE_RATER_SEED ?? 20261126)

test(`random charges are rated as the second rater does (seed ${seed})`, () => {
  expect(chargeDisagreements(seed, 0, 2_000)).toEqual([])
})

test(`random contracts are billed as the second rater does (seed ${seed})`, () => {
  expect(contractDisagreements(seed, 0, 250)).toEqual([])
})

test(`customers without a contract are billed as the second rater does (seed ${seed})`, () => {
  expect(listDisagreements(seed, 0, 60)).toEqual([])
})

const WORDS = ['filters', 'multiplier', 'after days before', 'above zero']
const SUMS = [
  ...WORDS,
  'below zero',
  'convert',
  'included units used',
  'increment of period',
  'increment of event',
]
const LEVELS = [
  ...WORDS,
  'convert',
  'included units used',
  'increment of period',
  'values level',
  'values change',
]
const OF_WINDOWS = SUMS.filter((name) => name !== 'filters')
const PRICES = ['per_unit', 'graduated', 'volume', 'stair_step', 'package']
/** What charges of each kind must be drawn with, and come to something. */
const HELD_BY_CHARGES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(PRICES.map((kind) => [kind, SUMS])),
  ...Object.fromEntries(
    PRICES.flatMap((kind) => [`${kind} by the hour`, `${kind} by the day`]).map((kind) => [kind, OF_WINDOWS]),
  ),
  volume: [...SUMS, 'edge of the next tier', 'fee at zero'],
  stair_step: [...SUMS, 'edge of the next tier', 'fee at zero'],
  package: [...SUMS, 'lastBlock whole', 'lastBlock prorated'],
  matrix: [...SUMS, 'usage_without_cell'],
  time_of_day: SUMS,
  graduated_percentage: SUMS,
  revenue_share: [...SUMS, 'platformFee'],
  percentage: [
    ...[...WORDS, 'below zero', 'convert', 'fixedPerEvent', 'freeEvents', 'freeAmount'],
    ...['minimumPerEvent', 'maximumPerEvent'],
  ],
  dynamic: [...WORDS, 'below zero', 'convert', 'carries unit_price', 'carries amount', 'event_without_price'],
  seat: [...LEVELS, 'proration day', 'proration second', 'proration none'],
  time_weighted: [...LEVELS, 'heldFor second', 'heldFor hour', 'heldFor day', 'heldFor month'],
  formula: [
    'multiplier',
    'after days before',
    'above zero',
    'below zero',
    'included units used',
    'formula_has_no_value',
  ],
  cost_plus: ['multiplier', 'above zero', 'cost_is_unknown'],
  flat_fee: [
    ...[
      'multiplier',
      'after days before',
      'above zero',
      'every',
      'every once',
      'timing advance',
      'timing arrears',
    ],
    ...['proration day', 'proration second', 'proration none'],
  ],
}

test('the drawn charges hold every kind with every option, and come to something', () => {
  const counts = counted(
    caseNumbers(seed, 0, 9_000).map((number) => {
      const drawn = drawChargeCase(number)
      return heldByCharge(drawn, answer(drawn))
    }),
  )
  const wanted = Object.entries(HELD_BY_CHARGES).flatMap(([kind, all]) => all.map((one) => `${kind}: ${one}`))
  expect(wanted.filter((name) => (counts.get(name) ?? 0) < 2)).toEqual([])
})

const HELD_BY_CONTRACTS = [
  ...['charge', 'discount', 'minimum', 'maximum', 'overage', 'true_up'].map((kind) => `line of ${kind}`),
  ...['charge below zero', 'overage below zero', 'tax to pay', 'top-up bought', 'credit drawn'],
  ...['credit drawn at its cost', 'amended', 'another card', 'written anew', 'billTo', 'three addresses'],
  ...['two contracts on one invoice', 'more than a year', 'a kind that changes', 'a charge that comes later'],
  ...[
    'currency',
    'renewal',
    'rateCardVersion',
    'charges',
    'multipliers',
    'chargeDiscounts',
    'uplift',
    'freeMonths',
  ],
  ...['trial of days', 'trial of credit', 'trial of usage', 'tax external', 'tax none', 'tax stripe'],
  ...['percent', 'amount', 'volume spend', 'graduated spend'].map((kind) => `discount of ${kind}`),
  ...['discount on charges', 'discount on invoice', 'fromDay', 'untilDay', 'maximumPerMonth', 'maximumInAll'],
  ...['month', 'quarter', 'year', 'term'].map((period) => `commitment by ${period}`),
  ...['multiplier', 'discountPercent', 'commitments', 'fees'].map((what) => `ramp of ${what}`),
  ...['pool', 'roll-over', 'units of the term', 'minimum of a line', 'maximum of a line'],
  ...['boundsApply before_discounts', 'creditsApply before_tax', 'rounding half_up', 'minimumAtZero false'],
  ...[
    'credit_lapsed',
    'below_commitment',
    'usage_without_cell',
    'event_without_price',
    'cost_is_unknown',
  ].map((issue) => `issue ${issue}`),
]

test('the drawn contracts hold every term, and come to something', () => {
  const counts = counted(
    caseNumbers(seed, 0, 300).map((number) => {
      const drawn = drawContractCase(number)
      return heldByContract(drawn, answerContract(drawn))
    }),
  )
  expect(HELD_BY_CONTRACTS.filter((name) => (counts.get(name) ?? 0) < 2)).toEqual([])
})
