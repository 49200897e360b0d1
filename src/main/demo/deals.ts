/** Two deals: one still argued about and below the floor, one approved. */

import type { DealTerms, Scenario } from '../../domain/deal/deal.ts'
import type { DecimalText } from '../../domain/decimal.ts'
import { addMonths } from '../../domain/period.ts'
import type { Client } from './client.ts'
import { LOSS_MAKER, RENEWING } from './company.ts'
import type { DemoPlan } from './plan.ts'

const scenario = (
  name: string,
  startDay: string,
  terms: { discount: string; commitment?: string; growth: string },
): Scenario => ({
  name,
  terms: {
    rateCardId: 'scale',
    discountPercent: terms.discount as DecimalText,
    chargeDiscounts: {},
    monthlyCommitment: (terms.commitment as DecimalText | undefined) ?? null,
    monthlyGrowthPercent: terms.growth as DecimalText,
    termMonths: 12,
    startDay,
  } satisfies DealTerms,
})

export const makeDeals = async (client: Client, plan: DemoPlan): Promise<void> => {
  const startDay = `${addMonths(plan.months.at(-1) as DemoPlan['lastClosed'], 2)}-01`
  await client.deals.save({
    id: 'globex-renewal',
    name: 'Globex renewal',
    customerId: LOSS_MAKER,
    scenarios: [
      scenario('A as asked', startDay, { discount: '62', growth: '2' }),
      scenario('B counter-offer', startDay, { discount: '30', commitment: '20000', growth: '1' }),
      scenario('C at list', startDay, { discount: '0', growth: '0' }),
    ],
    chosen: 0,
    note: 'They want the old discount for another year. It has never covered what they cost.',
    expectedVersion: 0,
  })
  const { version } = await client.deals.save({
    id: 'northwind-renewal',
    name: 'Northwind renewal',
    customerId: RENEWING,
    scenarios: [
      scenario('A 15 % for a commitment', startDay, { discount: '15', commitment: '30000', growth: '2' }),
      scenario('B as today', startDay, { discount: '12', commitment: '25000', growth: '2' }),
    ],
    chosen: 0,
    note: 'Three points more for five thousand a month more committed.',
    expectedVersion: 0,
  })
  await client.deals.approve({ dealId: 'northwind-renewal', expectedVersion: version, reason: '' })
}
