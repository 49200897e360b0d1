/** Margin is revenue less cost, and margin percent a share of revenue (markup, a share of cost, is not used). */
import { Decimal, type DecimalText, toDecimalText } from './decimal.ts'

export interface Margin {
  /** Revenue less cost, exact; null (a dash) where either is unknown. */
  readonly margin: DecimalText | null
  /** Share of revenue, rounded half-even to one decimal; null where the margin is, or revenue is not above zero. */
  readonly marginPercent: DecimalText | null
}

/** Both in one currency. What has no price or no cost is null, never zero. */
export const marginOf = (revenue: DecimalText | null, cost: DecimalText | null): Margin => {
  if (revenue === null || cost === null) return { margin: null, marginPercent: null }
  const income = new Decimal(revenue)
  const margin = income.minus(cost)
  return {
    margin: toDecimalText(margin),
    marginPercent: income.gt(0) ? toDecimalText(margin.times(100).div(income).toDecimalPlaces(1)) : null,
  }
}

/** `58` as `58.0 %`; an unknown percentage is a dash. Takes at most one decimal, as {@link marginOf} gives. */
export const formatPercent = (percent: DecimalText | null): string =>
  percent === null ? '–' : `${percent.includes('.') ? percent : `${percent}.0`} %`.replace('-', '−')
