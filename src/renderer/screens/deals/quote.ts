/** A quote as a sheet: prices in words, terms, and what the months are expected to cost. */
import type { z } from 'zod'
import type { sheet } from '../../../contract/month.ts'
import type { Scenario } from '../../../domain/deal/deal.ts'
import type { DealModel, ModelMonth } from '../../../domain/deal/model.ts'
import { Decimal, type DecimalText, toDecimalText } from '../../../domain/decimal.ts'
import type { Metric } from '../../../domain/metric.ts'
import { monthName, toMonth } from '../../../domain/period.ts'
import { countUnits, formatAmount, groupDigits } from '../../../domain/pricing/format.ts'
import type { RateCard } from '../../../domain/pricing/ratecard.ts'
import { versionInForce } from '../../../domain/pricing/segments.ts'
import { chargeInWords } from '../../../domain/pricing/words.ts'

export type Sheet = z.input<typeof sheet>
type Row = Sheet['rows'][number]

interface QuoteInput {
  readonly customerName: string
  readonly scenario: Scenario
  readonly model: DealModel
  readonly card: RateCard
  readonly metrics: readonly Metric[]
}

const difference = (after: DecimalText | null, before: DecimalText | null): DecimalText | null =>
  after === null || before === null ? null : toDecimalText(new Decimal(after).minus(before))

const priceRows = ({ scenario, card, metrics }: QuoteInput): readonly Row[] => {
  const version = versionInForce(card, scenario.terms.startDay)
  return (version?.charges ?? []).map((charge) => {
    const own = scenario.terms.chargeDiscounts[charge.id]
    const words = chargeInWords(charge, { metrics, currency: card.currency })
    const discount = own === undefined ? '' : `; ${groupDigits(own)} % discount on this charge`
    return { item: `Price: ${charge.name}`, detail: `${words}${discount}` }
  })
}

const termRows = ({ scenario, model }: QuoteInput): readonly Row[] => {
  const { terms } = scenario
  const months = `${terms.termMonths} ${terms.termMonths === 1 ? 'month' : 'months'}`
  const own = Object.keys(terms.chargeDiscounts).length > 0
  return [
    { item: 'Term', detail: `${months} from ${terms.startDay}` },
    {
      item: 'Discount',
      detail: `${groupDigits(terms.discountPercent)} % off every charge${own ? ' without a discount of its own' : ''}`,
    },
    {
      item: 'Monthly commitment',
      detail:
        terms.monthlyCommitment === null
          ? 'none'
          : `at least ${formatAmount(terms.monthlyCommitment, model.currency)} ${model.currency} a month after discounts`,
    },
    {
      item: 'Expected usage',
      detail: `the average of ${model.baseMonths.join(', ') || 'no month'}, growing ${groupDigits(terms.monthlyGrowthPercent)} % a month`,
    },
  ]
}

const usageInWords = (month: ModelMonth, metrics: readonly Metric[]): string =>
  metrics
    .flatMap(({ metric, unit }) => {
      const quantity = month.quantities[metric]
      return quantity === undefined || quantity === '0' ? [] : [countUnits(quantity, unit)]
    })
    .join('; ')

const monthRow = (month: ModelMonth, metrics: readonly Metric[]): Row => ({
  item: monthName(toMonth(month.month)),
  detail: usageInWords(month, metrics),
  list: month.listRevenue,
  discount: difference(month.netRevenue, month.listRevenue),
  net: month.netRevenue,
})

const monthMargins = (month: ModelMonth): Row => ({
  cost: month.cost,
  margin: month.margin,
  marginPercent: month.marginPercent,
})

/**
 * A scenario as one sheet. `audience` decides whether cost and margin are in it: the customer's quote has
 * neither the columns nor a hidden trace of them.
 */
export const quoteSheet = (input: QuoteInput, audience: 'customer' | 'internal'): Sheet => {
  const { model, metrics, customerName, scenario } = input
  const money = { kind: 'money', currency: model.currency, total: true } as const
  const isInternal = audience === 'internal'
  return {
    title: `${isInternal ? 'Quote with margins' : 'Quote'} for ${customerName}, ${scenario.name}`.slice(
      0,
      120,
    ),
    columns: [
      { key: 'item', title: 'Item', kind: 'text' },
      { key: 'detail', title: 'Detail', kind: 'text' },
      { key: 'list', title: 'List price', ...money },
      { key: 'discount', title: 'Discount and commitment', ...money },
      { key: 'net', title: 'Net price', ...money },
      ...(isInternal
        ? [
            { key: 'cost', title: 'Cost', ...money },
            { key: 'margin', title: 'Margin', ...money },
            { key: 'marginPercent', title: 'Margin %', kind: 'percent' as const },
          ]
        : []),
    ],
    rows: [
      ...priceRows(input),
      ...termRows(input),
      ...model.months.map((month) => ({
        ...monthRow(month, metrics),
        ...(isInternal ? monthMargins(month) : {}),
      })),
    ],
  }
}
