/** What a margin is made of, for the Explain drawer: revenue less cost, each with its own explanation. */
import type { CostBasis, CostEquation } from '../../contract/cost.ts'
import { type DecimalText, negateDecimal, sumDecimals, ZERO } from '../../domain/decimal.ts'
import { type Month, monthName } from '../../domain/period.ts'
import type { ExplainTarget } from './explain-context.tsx'

/**
 * Null where one of the two is not known: there is no margin then. `customer` narrows both; `equation` makes the cost
 * what is direct and allocated of the whole bill; without either it is the whole bill.
 */
export const marginTarget = (input: {
  readonly month: Month
  readonly currency: string
  readonly basis: CostBasis
  readonly revenue: DecimalText | null
  /** The whole cost that the margin is less of. */
  readonly cost: DecimalText | null
  readonly allocatedCost?: DecimalText | null
  readonly customer?: { readonly id: string; readonly name: string }
  readonly equation?: CostEquation
}): ExplainTarget | null => {
  const { month, currency, basis, revenue, cost, customer, equation } = input
  if (revenue === null || cost === null) return null
  const allocated = input.allocatedCost ?? ZERO
  const direct = sumDecimals([cost, negateDecimal(allocated)])
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
        label: customer === undefined && equation === undefined ? 'Cost, the whole bill' : 'Direct cost',
        amount: negateDecimal(direct),
        target:
          customer !== undefined
            ? directCostTarget(month, 'customer', customer.id, basis)
            : equation === undefined
              ? { kind: 'cost', basis, scope: { month, filters: [] } }
              : directTarget({ month, currency, basis, equation }),
      },
      ...(allocated === ZERO
        ? []
        : [
            {
              label: 'Allocated cost',
              amount: negateDecimal(allocated),
              target: allocatedTarget(month, basis, customer),
            },
          ]),
    ],
  }
}

/** A customer's cost: what is direct alone, or both parts. Null where it is not known. */
export const costTarget = (input: {
  readonly month: Month
  readonly currency: string
  readonly basis: CostBasis
  readonly cost: DecimalText | null
  readonly allocatedCost: DecimalText | null
  readonly customer: { readonly id: string; readonly name: string }
}): ExplainTarget | null => {
  const { month, currency, basis, cost, allocatedCost, customer } = input
  if (cost === null) return null
  const direct = directCostTarget(month, 'customer', customer.id, basis)
  if (allocatedCost === null || allocatedCost === ZERO) return direct
  return {
    kind: 'sum',
    title: `Cost of ${customer.name}, ${monthName(month)}`,
    currency,
    total: cost,
    parts: [
      { label: 'Direct cost', amount: sumDecimals([cost, negateDecimal(allocatedCost)]), target: direct },
      { label: 'Allocated cost', amount: allocatedCost, target: allocatedTarget(month, basis, customer) },
    ],
  }
}

const allocatedTarget = (
  month: Month,
  basis: CostBasis,
  customer: { readonly id: string; readonly name: string } | undefined,
): ExplainTarget => ({
  kind: 'allocation',
  month,
  basis,
  ...(customer === undefined
    ? {}
    : { recipient: { customerId: customer.id, tenant: null, name: customer.name } }),
})

/** Direct cost of a customer or tenant: without what a pool takes of it. */
export const directCostTarget = (
  month: Month,
  field: 'customer' | 'tenant',
  value: string,
  basis: CostBasis,
): ExplainTarget => ({
  kind: 'cost',
  basis,
  scope: {
    month,
    filters: [
      { field, values: [value] },
      { field: 'pool', values: [null] },
    ],
  },
})

interface OfEquation {
  readonly month: Month
  readonly currency: string
  readonly basis: CostBasis
  readonly equation: CostEquation
}

/** Direct cost: the bill less what is allocated, idle or unattributed. */
export const directTarget = ({ month, currency, basis, equation }: OfEquation): ExplainTarget => {
  const { bill, direct, allocated, idle, unattributed } = equation
  const allocation: ExplainTarget = { kind: 'allocation', month, basis }
  const less = (label: string, amount: DecimalText, target: ExplainTarget) =>
    amount === ZERO ? [] : [{ label, amount: negateDecimal(amount), target }]
  return {
    kind: 'sum',
    title: `Direct cost, ${monthName(month)}`,
    currency,
    total: direct,
    parts: [
      {
        label: 'The whole bill',
        amount: bill,
        target: { kind: 'cost', basis, scope: { month, filters: [] } },
      },
      ...less('Allocated by steps', allocated, allocation),
      ...less('Idle capacity kept apart', idle, allocation),
      {
        label: 'Unattributed: no rule claims it',
        amount: negateDecimal(unattributed),
        target: unattributedTarget({ month, currency, basis, equation }),
      },
    ],
  }
}

/** What no rule claims and no pool takes; with what pools hold and nobody could be given. */
export const unattributedTarget = ({ month, currency, basis, equation }: OfEquation): ExplainTarget => {
  const { unattributed, left } = equation
  const unclaimed: ExplainTarget = {
    kind: 'cost',
    basis,
    scope: {
      month,
      filters: [
        { field: 'tenant', values: [null] },
        { field: 'pool', values: [null] },
      ],
    },
  }
  if (left === ZERO) return unclaimed
  return {
    kind: 'sum',
    title: `Unattributed cost, ${monthName(month)}`,
    currency,
    total: unattributed,
    parts: [
      {
        label: 'No rule claims it and no pool takes it',
        amount: sumDecimals([unattributed, negateDecimal(left)]),
        target: unclaimed,
      },
      {
        label: 'In pools that could go to nobody',
        amount: left,
        target: { kind: 'allocation', month, basis },
      },
    ],
  }
}
