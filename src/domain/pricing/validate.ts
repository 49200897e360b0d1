/** Checks a version of a rate card before it is kept: a list of issues, so that a draft can still be shown. */
import { Decimal, type DecimalText, parseDecimal } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import type { Metric } from '../metric.ts'
import { groupDigits } from './format.ts'
import type { Charge, GraduatedCharge, RateCardVersion } from './ratecard.ts'
import { UNIT_PRICE_DECIMALS_MAX, unitPriceDecimals } from './tiers.ts'

const error = (code: string, message: string, column: string): Issue => ({
  severity: 'error',
  code,
  message,
  column,
})

const isDay = (text: string): boolean => {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}

/** A price: a decimal, zero allowed, never negative (a negative price is a discount, which contracts hold). */
const checkPrice = (price: string, column: string, name: string): Issue[] => {
  const value = parseDecimal(price)
  if (value === null)
    return [error('price_is_not_a_number', `${name}: "${price}" is not a price. Write it as 0.40.`, column)]
  if (new Decimal(value).isNegative())
    return [
      error(
        'price_is_negative',
        `${name}: ${price} is negative. A price is zero or more; give discounts in the contract.`,
        column,
      ),
    ]
  return []
}

const checkPer = (charge: Exclude<Charge, { kind: 'flat_fee' }>, column: string): Issue[] => {
  const per = parseDecimal(charge.per)
  if (per === null || !new Decimal(per).gt(0))
    return [
      error(
        'per_is_not_above_zero',
        `${charge.name}: a price must be per more than zero units, not per "${charge.per}".`,
        `${column}.per`,
      ),
    ]
  const prices =
    charge.kind === 'per_unit' ? [charge.unitAmount] : charge.tiers.map((tier) => tier.unitAmount)
  const inexact = prices.find((text) => {
    const price = parseDecimal(text)
    return price !== null && unitPriceDecimals(price, per) === null
  })
  if (inexact === undefined) return []
  return [
    error(
      'price_per_unit_is_not_exact',
      `${charge.name}: ${inexact} per ${groupDigits(per)} is no exact price for one unit ` +
        `(it needs more than ${UNIT_PRICE_DECIMALS_MAX} decimals). Use a price per 1, 10, 100 or 1,000.`,
      `${column}.per`,
    ),
  ]
}

const checkTiers = (charge: GraduatedCharge, column: string): Issue[] => {
  if (charge.tiers.length === 0)
    return [error('tiers_are_missing', `${charge.name}: add at least one tier.`, `${column}.tiers`)]
  const issues: Issue[] = []
  let previous = '0' as DecimalText
  for (const [index, tier] of charge.tiers.entries()) {
    const path = `${column}.tiers[${index}]`
    const isLast = index === charge.tiers.length - 1
    issues.push(...checkPrice(tier.unitAmount, `${path}.unitAmount`, `${charge.name}, tier ${index + 1}`))
    if (tier.upTo === null) {
      if (isLast) continue
      const message = `${charge.name}, tier ${index + 1}: only the last tier may be open. Give it an upper edge.`
      issues.push(error('tier_is_open_before_the_last', message, `${path}.upTo`))
      continue
    }
    if (isLast) {
      const message = `${charge.name}: the last tier must be open, or units above ${tier.upTo} have no price.`
      issues.push(error('last_tier_is_not_open', message, `${path}.upTo`))
    }
    const edge = parseDecimal(tier.upTo)
    if (edge === null) {
      const message = `${charge.name}, tier ${index + 1}: "${tier.upTo}" is not a quantity.`
      issues.push(error('tier_edge_is_not_a_number', message, `${path}.upTo`))
    } else if (!new Decimal(edge).gt(previous)) {
      const message = `${charge.name}, tier ${index + 1}: its edge ${groupDigits(edge)} must be above ${groupDigits(previous)}.`
      issues.push(error('tiers_do_not_ascend', message, `${path}.upTo`))
    } else previous = edge
  }
  return issues
}

const checkCharge = (charge: Charge, column: string, metrics: ReadonlySet<string>): Issue[] => {
  const name = charge.name.trim() === '' ? `charge ${charge.id}` : charge.name
  if (charge.kind === 'flat_fee') return checkPrice(charge.amount, `${column}.amount`, name)
  const issues: Issue[] = []
  if (!metrics.has(charge.metric))
    issues.push(
      error(
        'metric_is_unknown',
        `${name}: there is no metric "${charge.metric}". Pick one of the book's, or define it first.`,
        `${column}.metric`,
      ),
    )
  if (charge.kind === 'per_unit') issues.push(...checkPrice(charge.unitAmount, `${column}.unitAmount`, name))
  else issues.push(...checkTiers(charge, column))
  return [...issues, ...checkPer(charge, column)]
}

/**
 * Everything wrong with a version; columns are JSON paths from the version (`charges[0].tiers[1].upTo`).
 * `previous` is the version before it on the card, null for the first.
 */
export const validateRateCardVersion = (
  version: RateCardVersion,
  metrics: readonly Metric[],
  previous: RateCardVersion | null = null,
): readonly Issue[] => {
  const issues: Issue[] = []
  if (!isDay(version.effectiveFrom))
    issues.push(
      error(
        'effective_from_is_not_a_day',
        `"${version.effectiveFrom}" is not a day. Write it as 2026-10-15.`,
        'effectiveFrom',
      ),
    )
  else if (previous !== null && version.effectiveFrom < previous.effectiveFrom)
    issues.push(
      error(
        'effective_from_is_before_the_previous_version',
        `Version ${version.version} takes effect on ${version.effectiveFrom}, before version ` +
          `${previous.version} (${previous.effectiveFrom}). Choose that day or a later one.`,
        'effectiveFrom',
      ),
    )
  if (version.charges.length === 0)
    issues.push({
      severity: 'warning',
      code: 'charges_are_missing',
      message: 'The version has no charges: nothing would be billed. Add one.',
      column: 'charges',
    })
  const known = new Set(metrics.map((metric) => metric.metric))
  const ids = new Set<string>()
  for (const [index, charge] of version.charges.entries()) {
    const column = `charges[${index}]`
    if (ids.has(charge.id))
      issues.push(
        error(
          'charge_id_is_used_twice',
          `The id "${charge.id}" is used by more than one charge. Give ${charge.name} another.`,
          `${column}.id`,
        ),
      )
    ids.add(charge.id)
    issues.push(...checkCharge(charge, column, known))
  }
  return issues
}
