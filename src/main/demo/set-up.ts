/** The configuration of the demo book: settings, metrics, rules, prices, customers, contracts, views. */
import { addMonths } from '../../domain/period.ts'
import type { Client } from './client.ts'
import { ALLOCATION, RULES } from './cloud.ts'
import { DEDICATED_TENANT } from './company.ts'
import { CURRENCY, type DemoPlan, firstMonthOf, TIME_ZONE } from './plan.ts'
import { cardsOf, METRICS } from './prices.ts'
import { BOOK_NAME } from './story-text.ts'

const AUTHOR = 'Mira Vogel'
/** So that the last month's two largest drafts ask for a second look. */
const REVIEW_LIMIT = '25000'

export const setUp = async (client: Client, plan: DemoPlan): Promise<void> => {
  await client.book.create({
    name: BOOK_NAME,
    currency: CURRENCY,
    timeZone: TIME_ZONE,
    invoiceReviewLimit: REVIEW_LIMIT,
  })
  await client.book.saveAuthor({ author: AUTHOR })
  for (const definition of METRICS)
    await client.metrics.save({ metric: definition.metric, definition, expectedVersion: 0 })
  await client.rules.save({ rules: [...RULES], expectedVersion: 0 })
  for (const { id, name, versions } of cardsOf(plan))
    for (const [index, { effectiveFrom, charges, note }] of versions.entries())
      await client.rateCards.save({
        id,
        name,
        currency: CURRENCY,
        effectiveFrom,
        charges: [...charges],
        note,
        expectedVersion: index,
      })
  for (const customer of plan.customers) {
    const { id, name } = customer
    await client.customers.save({
      id,
      name,
      email: `accounts@${id}.example`,
      tenants: [...customer.tenants],
      stripeCustomerId: null,
      expectedVersion: 0,
    })
    await client.customers.saveContract({
      id: `${id}-1`,
      customerId: id,
      rateCardId: customer.card,
      startDay: `${firstMonthOf(plan, customer)}-01`,
      endDay: null,
      discountPercent: customer.discountPercent,
      chargeDiscounts: {},
      monthlyCommitment: customer.monthlyCommitment,
      expectedVersion: 0,
    })
  }
  // From the month after the tagging gap on, which is to be seen as it was.
  const lastGap = plan.gapMonths.at(-1)
  if (lastGap !== undefined)
    await client.allocation.save({
      plan: { from: addMonths(lastGap, 1), steps: ALLOCATION },
      expectedVersion: 0,
    })
}

/** The address's search as the screens write it: values that are no plain text as JSON. */
const search = (values: Readonly<Record<string, unknown>>): string =>
  `?${Object.entries(values)
    .map(
      ([key, value]) =>
        `${key}=${encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value))}`,
    )
    .join('&')}`

export const saveViews = async (client: Client, plan: DemoPlan): Promise<void> => {
  const [from, to] = [plan.months[0], plan.months.at(-1)]
  const views = [
    {
      name: 'API calls by customer, all months',
      screen: 'usage',
      search: search({ metric: 'api.calls', group: ['customer'], grain: 'month', from, to }),
    },
    {
      name: 'What calls are for, by region',
      screen: 'usage',
      search: search({
        metric: 'api.calls',
        group: ['dimension:endpoint', 'dimension:region'],
        grain: 'day',
        compare: 'previous',
      }),
    },
    {
      name: 'Northwind’s own account, by service',
      screen: 'cost',
      search: search({
        tab: 'slice',
        group: ['service'],
        grain: 'day',
        filters: [{ field: 'tenant', values: [DEDICATED_TENANT] }],
      }),
    },
    {
      name: 'Unattributed, by service and month',
      screen: 'cost',
      search: search({
        tab: 'slice',
        group: ['service'],
        grain: 'month',
        from,
        to,
        filters: [{ field: 'tenant', values: [null] }],
      }),
    },
  ] as const
  for (const view of views) await client.usage.saveView(view)
}
