/** Checks a version of a rate card before it is kept: a list of issues, so that a draft can still be shown. */
import { canonicalJson, type Json } from '../canonical.ts'
import type { Issue } from '../issue.ts'
import type { Metric } from '../metric.ts'
import { checkCharge } from './check-charge.ts'
import { error } from './check-price.ts'
import type { Charge, RateCardVersion } from './ratecard.ts'

const isDay = (text: string): boolean => {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}

const includedOf = (charge: Charge) => ('included' in charge ? charge.included : undefined)

/** What a charge says of a pool that another before it states otherwise. */
const checkPool = (charges: readonly Charge[], charge: Charge, column: string): readonly Issue[] => {
  const own = includedOf(charge)
  const first = charges.find((each) => own?.pool !== undefined && includedOf(each)?.pool === own.pool)
  const stated = first === undefined ? undefined : includedOf(first)
  if (own === undefined || first === undefined || stated === undefined || first === charge) return []
  const text = (allowance: object) => canonicalJson(allowance as unknown as Json)
  if (text(own) === text(stated)) return []
  return [
    {
      severity: 'warning',
      code: 'pool_is_stated_before',
      message: `${charge.name}: ${first.name} comes first and says what the pool “${own.pool}” holds; what is included here is not used.`,
      column: `${column}.included.quantity`,
    },
  ]
}

const checkCharges = (charges: readonly Charge[], column: string, metrics: readonly Metric[]): Issue[] => {
  const ids = new Set<string>()
  return charges.flatMap((charge, index) => {
    const path = `${column}[${index}]`
    const twice = ids.has(charge.id)
      ? [
          error(
            'charge_id_is_used_twice',
            `The id "${charge.id}" is used by more than one charge. Give ${charge.name} another.`,
            `${path}.id`,
          ),
        ]
      : []
    ids.add(charge.id)
    return [...twice, ...checkCharge(charge, path, metrics), ...checkPool(charges, charge, path)]
  })
}

/** Prices in other currencies are of the same charges: the same ids, kinds and metrics. */
const checkOtherCurrencies = (version: RateCardVersion, metrics: readonly Metric[]): Issue[] =>
  Object.entries(version.otherCurrencies ?? {}).flatMap(([currency, charges]) => {
    const column = `otherCurrencies.${currency}`
    const known = new Map(version.charges.map((charge) => [charge.id, charge]))
    const given = new Set(charges.map(({ id }) => id))
    const strange = charges.flatMap((charge, index) => {
      const own = known.get(charge.id)
      const path = `${column}[${index}]`
      if (own === undefined)
        return [
          error(
            'charge_is_not_of_the_version',
            `${charge.name}: the version has no charge "${charge.id}" that it could be the price in ${currency} of. Remove it, or add that charge.`,
            `${path}.id`,
          ),
        ]
      const metricOf = (each: Charge) => ('metric' in each ? each.metric : null)
      if (own.kind === charge.kind && metricOf(own) === metricOf(charge)) return []
      return [
        error(
          'charge_differs_in_more_than_its_price',
          `${charge.name}: in ${currency} it must be of the same kind and metric as in the card's currency.`,
          path,
        ),
      ]
    })
    const missing = version.charges
      .filter(({ id }) => !given.has(id))
      .map(({ id, name }) =>
        error(
          'charge_has_no_price_in_a_currency',
          `${name}: there is no price in ${currency}. Add the charge "${id}", or remove that currency.`,
          column,
        ),
      )
    return [...strange, ...missing, ...checkCharges(charges, column, metrics)]
  })

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
  issues.push(...checkCharges(version.charges, 'charges', metrics), ...checkOtherCurrencies(version, metrics))
  return issues
}
