/** What a margin is made of, for the Explain drawer: revenue less cost, each with its own explanation. */
import { type DecimalText, negateDecimal, sumDecimals } from '../../domain/decimal.ts'
import { type Month, monthName } from '../../domain/period.ts'
import type { ExplainTarget } from './explain-context.tsx'

/**
 * Null where one of the two is not known: there is no margin then. `customerId` narrows both; without it the cost
 * is direct cost (`unattributed` says what the bill has beside it) or, without `unattributed`, the whole bill.
 */
export const marginTarget = (input: {
  readonly month: Month
  readonly currency: string
  readonly revenue: DecimalText | null
  readonly cost: DecimalText | null
  readonly customer?: { readonly id: string; readonly name: string }
  readonly unattributed?: DecimalText
}): ExplainTarget | null => {
  const { month, currency, revenue, cost, customer, unattributed } = input
  if (revenue === null || cost === null) return null
  return {
    kind: 'sum',
    title: `${customer === undefined ? 'Margin' : `Margin of ${customer.name}`}, ${monthName(month)}`,
    currency,
    total: sumDecimals([revenue, negateDecimal(cost)]),
    parts: [
      {
        label: 'Revenue',
        amount: revenue,
        target: { kind: 'revenue', month, ...(customer === undefined ? {} : { customerId: customer.id }) },
      },
      {
        label: customer === undefined && unattributed === undefined ? 'Cost, the whole bill' : 'Direct cost',
        amount: negateDecimal(cost),
        target:
          customer !== undefined
            ? { kind: 'cost', scope: { month, filters: [{ field: 'customer', values: [customer.id] }] } }
            : unattributed === undefined
              ? { kind: 'cost', scope: { month, filters: [] } }
              : directTarget({ month, currency, direct: cost, unattributed }),
      },
    ],
  }
}

/** Direct cost: the bill less what no rule claims. */
export const directTarget = (input: {
  readonly month: Month
  readonly currency: string
  readonly direct: DecimalText
  readonly unattributed: DecimalText
}): ExplainTarget => {
  const { month, currency, direct, unattributed } = input
  return {
    kind: 'sum',
    title: `Direct cost, ${monthName(month)}`,
    currency,
    total: direct,
    parts: [
      {
        label: 'The whole bill',
        amount: sumDecimals([direct, unattributed]),
        target: { kind: 'cost', scope: { month, filters: [] } },
      },
      {
        label: 'Unattributed: no rule claims it',
        amount: negateDecimal(unattributed),
        target: { kind: 'cost', scope: { month, filters: [{ field: 'tenant', values: [null] }] } },
      },
    ],
  }
}
