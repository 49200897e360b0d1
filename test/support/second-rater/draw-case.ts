/** A random charge, its usage and the days on which it is rated: all that one rating needs. */
import type { Charge, RatingSettings } from '../../../src/domain/pricing/ratecard.ts'
import { type Random, randomFrom } from '../../faults/simulation/random.ts'
import type { Question } from './charge.ts'
import { drawCharge, drawDecimal, FACTORS } from './draw-charge.ts'
import { drawEvents, METRICS, MONTHS, ZONES } from './draw-usage.ts'
import { decimal } from './rational.ts'
import { daysIn, firstDayOf, readMonth, writeDay } from './zone.ts'

export interface ChargeCase extends Question {
  readonly currency: string
}

export const CURRENCIES = ['USD', 'EUR', 'JPY', 'BHD'] as const

export const drawSettings = (random: Random): RatingSettings => ({
  ...(random.chance(20) ? { rounding: random.pick(['half_even', 'half_up'] as const) } : {}),
  ...(random.chance(25) ? { edgeUnit: random.pick(['lower', 'upper'] as const) } : {}),
  ...(random.chance(25) ? { tierFeeAtZero: random.chance(70) } : {}),
  ...(random.chance(20) ? { minimumAtZero: random.chance(50) } : {}),
  ...(random.chance(20)
    ? { boundsApply: random.pick(['after_discounts', 'before_discounts'] as const) }
    : {}),
  ...(random.chance(15) ? { creditsApply: random.pick(['after_tax', 'before_tax'] as const) } : {}),
})

/** Whether days that were rated before can be taken off: not of what is no sum. */
const canBeCut = (charge: Charge): boolean =>
  charge.kind === 'formula'
    ? !/m\.max|m\.last|m\.unique/.test(charge.formula)
    : !('metric' in charge) || ['m.sum', 'm.level'].includes(charge.metric)

/** Some days of the month: often all, or the rest after others. */
const drawDays = (random: Random, charge: Charge, count: number) => {
  if (random.chance(50)) return { firstDay: 0, endDay: count }
  const firstDay = random.below(count)
  const endDay = random.between(firstDay + 1, count)
  if (firstDay === 0 || !canBeCut(charge) || random.chance(40)) return { firstDay, endDay }
  return { firstDay, endDay, beforeFrom: random.chance(60) ? 0 : random.below(firstDay) }
}

/** The contract's days, so that they hold on the rated days, whose month they may begin or end in. */
const drawTerm = (random: Random, month: number, firstDay: number, endDay: number) => {
  const start = firstDayOf(month) + firstDay
  const end = firstDayOf(month) + endDay
  const startsHere = firstDay > 0 || random.chance(30)
  const endsHere = endDay < daysIn(month) || random.chance(20)
  const monthOfTerm = startsHere ? 0 : random.between(1, 14)
  const startDay = startsHere
    ? start
    : firstDayOf(month - monthOfTerm) + random.pick([0, 0, random.below(daysIn(month - monthOfTerm))])
  const endDayOfTerm = endsHere ? end : random.chance(50) ? end + random.below(400) : null
  return {
    monthOfTerm,
    term: {
      startDay: writeDay(startDay),
      endDay: endDayOfTerm === null ? null : writeDay(endDayOfTerm),
    },
  }
}

export const drawChargeCase = (seed: number): ChargeCase => {
  const random = randomFrom(seed)
  const { charge, edges } = drawCharge(random)
  const month = random.pick(MONTHS)
  const timeZone = random.pick(ZONES)
  const count = daysIn(readMonth(month))
  const days = drawDays(random, charge, count)
  const isFee = charge.kind === 'flat_fee'
  const isPlain =
    isFee && charge.timing !== 'advance' && (charge.every ?? 1) === 1 && charge.proration !== 'none'
  const term =
    isFee && !isPlain && !('beforeFrom' in days)
      ? drawTerm(random, readMonth(month), days.firstDay, days.endDay)
      : {}
  const isWhole = days.firstDay === 0 && days.endDay === count && !('beforeFrom' in days)
  const left = random.pick(['0', '1', '5', '10', '100', ...edges])
  const isIncluded = 'included' in charge && charge.included !== undefined
  return {
    charge: isFee && !isPlain && 'beforeFrom' in days ? { ...charge, every: 1, timing: 'arrears' } : charge,
    events: drawEvents(random, charge, edges, month, timeZone, [days.firstDay, days.endDay]),
    metrics: METRICS,
    month,
    timeZone,
    currency: random.pick(CURRENCIES),
    settings: drawSettings(random),
    ...days,
    ...term,
    ...(isIncluded && (!isWhole || random.chance(20)) ? { includedLeft: decimal(left) } : {}),
    ...(random.chance(25)
      ? {
          multipliers: (random.chance(30) ? ['1.05', random.pick(FACTORS)] : [random.pick(FACTORS)]).map(
            decimal,
          ),
        }
      : {}),
    ...(charge.kind === 'cost_plus'
      ? { cost: random.chance(10) ? null : decimal(drawDecimal(random, 5_000, 9)) }
      : {}),
  }
}
