/** The program's answer to a case of the second rater, and where the two disagree. */
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Metric } from '../../../src/domain/metric.ts'
import { toMonth } from '../../../src/domain/period.ts'
import { usageFromEvents } from '../../../src/domain/pricing/events.ts'
import { usageNeeds } from '../../../src/domain/pricing/needs.ts'
import { rateCharge } from '../../../src/domain/pricing/rate.ts'
import type { RatedCharge } from '../../../src/domain/pricing/rating.ts'
import { answer, spanOf } from './charge.ts'
import type { ChargeCase } from './draw-case.ts'
import { add, compare, decimal, NOUGHT, type Rational, write } from './rational.ts'
import { daysIn, readMonth } from './zone.ts'

const written = (value: Rational) => write(value) as DecimalText

export const rateByProgram = (asked: ChargeCase): RatedCharge => {
  const { charge, events, metrics, timeZone, firstDay, endDay, beforeFrom } = asked
  const usageOf = (first: number, end: number) =>
    usageFromEvents(
      usageNeeds(charge, spanOf(asked, first, end), { timeZone, metrics }),
      events,
      metrics,
      timeZone,
    )
  const ofMonth = daysIn(readMonth(asked.month))
  return rateCharge({
    charge,
    usage: usageOf(firstDay, endDay),
    ...(beforeFrom === undefined ? {} : { before: usageOf(beforeFrom, firstDay) }),
    month: toMonth(asked.month),
    timeZone,
    ...(firstDay === 0 && endDay === ofMonth
      ? {}
      : { days: { first: firstDay, count: endDay - firstDay, ofMonth } }),
    metrics: metrics as Metric[],
    currency: asked.currency,
    settings: asked.settings,
    ...(asked.includedLeft ? { includedLeft: written(asked.includedLeft) } : {}),
    ...(asked.multipliers
      ? {
          factors: asked.multipliers.map((multiplier) => ({
            words: 'factor',
            multiplier: written(multiplier),
          })),
        }
      : {}),
    ...(asked.cost === undefined ? {} : { cost: asked.cost === null ? null : written(asked.cost) }),
    ...(asked.monthOfTerm === undefined ? {} : { monthOfTerm: asked.monthOfTerm }),
    ...(asked.term ? { term: asked.term } : {}),
  })
}

/** Issues that both raters know by name. */
export const SHARED_ISSUES = [
  'usage_without_cell',
  'event_without_price',
  'formula_has_no_value',
  'cost_is_unknown',
]

/** What the program says otherwise than the second rater, in words; null where they agree. */
export const disagreement = (asked: ChargeCase): string | null => {
  const own = answer(asked)
  let product: RatedCharge
  try {
    product = rateByProgram(asked)
  } catch (error) {
    return `it threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  }
  const steps = product.steps.reduce((sum, step) => add(sum, decimal(step.amount)), NOUGHT)
  const findings: string[] = []
  const hold = (what: string, expected: Rational, got: string | null) => {
    if (got === null || compare(expected, decimal(got)) !== 0)
      findings.push(`${what}: expected ${write(expected)}, got ${got}`)
  }
  hold('amount', own.amount, product.amount)
  hold('sum of the steps', own.amount, written(steps))
  hold('included used', own.includedUsed, product.includedUsed)
  if (asked.beforeFrom === undefined && product.billed !== null) hold('billed', own.billed, product.billed)
  if (product.quantity !== null) hold('quantity', own.measured, product.quantity)
  for (const code of SHARED_ISSUES)
    if (own.issues.has(code) !== product.issues.some((issue) => issue.code === code))
      findings.push(`issue ${code}: ${own.issues.has(code) ? 'is missing' : 'should not be'}`)
  return findings.length === 0 ? null : findings.join('; ')
}
