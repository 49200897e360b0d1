import { z } from 'zod'
import type { BaselineMonth, Deal, DealTerms, Scenario } from '../domain/deal/deal.ts'
import {
  asOf,
  asOfAlone,
  base,
  currency,
  day,
  decimal,
  id,
  issue,
  known,
  milliseconds,
  month,
  percent,
} from './common.ts'
import { costBasis } from './cost.ts'
import { rateCard } from './rate-cards.ts'
import { metric } from './sources.ts'

export const dealTerms: z.ZodType<DealTerms> = z.object({
  rateCardId: id,
  discountPercent: percent,
  chargeDiscounts: z.record(z.string(), percent),
  monthlyCommitment: decimal.nullable(),
  monthlyGrowthPercent: decimal,
  termMonths: z.int().min(1).max(60),
  startDay: day,
}) as unknown as z.ZodType<DealTerms>

export const scenario: z.ZodType<Scenario> = z.object({
  name: z.string().trim().min(1).max(60),
  terms: dealTerms,
}) as unknown as z.ZodType<Scenario>

export const deal: z.ZodType<Deal> = z.object({
  id,
  name: z.string().trim().min(1).max(120),
  customerId: id,
  state: z.enum(['draft', 'approved', 'won', 'lost']),
  scenarios: z.array(scenario).min(1).max(3),
  chosen: z.int().min(0).max(2),
  note: z.string().max(2000),
  approvedBy: z.string().optional(),
  approvedAtMs: milliseconds.optional(),
  contractId: z.string().optional(),
}) as unknown as z.ZodType<Deal>

export const baselineMonth: z.ZodType<BaselineMonth> = z.object({
  month,
  quantities: z.record(z.string(), decimal),
  revenue: decimal.nullable(),
  cost: decimal.nullable().describe('direct and allocated'),
  allocatedCost: decimal.nullable().optional().describe('of the cost'),
}) as unknown as z.ZodType<BaselineMonth>

export const scenarioSummary = z.object({
  name: z.string(),
  totalContractValue: decimal,
  cost: decimal.nullable(),
  margin: decimal.nullable(),
  marginPercent: decimal.nullable(),
  breakEvenDiscountPercent: decimal.nullable(),
  belowFloor: z.boolean(),
})

export const deals = {
  list: base
    .route({ method: 'GET', path: '/deals', summary: 'Deals, newest first' })
    .input(asOfAlone)
    .output(
      z.array(
        z.object({
          deal,
          version: z.int(),
          customerName: z.string(),
          recordedMs: milliseconds,
          summary: scenarioSummary.nullable(),
        }),
      ),
    ),
  get: base
    .route({ method: 'GET', path: '/deals/{dealId}', summary: 'One deal' })
    .input(asOf.extend({ dealId: z.string() }))
    .output(
      z.object({
        deal,
        version: z.int(),
        history: z.array(
          z.object({ version: z.int(), author: z.string(), recordedMs: milliseconds, state: z.string() }),
        ),
        asOf: known,
      }),
    ),
  /** Everything a model needs; the model itself runs where the sliders are. */
  baseline: base
    .route({
      method: 'GET',
      path: '/deals/baseline/{customerId}',
      summary: 'A customer’s trailing twelve months of usage, revenue and cost',
    })
    .input(asOf.extend({ customerId: z.string() }))
    .output(
      z.object({
        customerId: z.string(),
        customerName: z.string(),
        currency,
        basis: costBasis.describe('of the cost'),
        timeZone: z.string(),
        floorPercent: decimal,
        months: z.array(baselineMonth),
        rateCards: z.array(rateCard),
        currentRateCardId: z.string().nullable(),
        currentDiscountPercent: decimal.nullable(),
        currentMonthlyCommitment: decimal.nullable(),
        metrics: z.array(metric),
        asOf: known,
      }),
    ),
  model: base
    .route({
      method: 'POST',
      path: '/deals/model',
      summary: 'Model scenarios for a customer; changes nothing',
    })
    .input(asOf.extend({ customerId: id, scenarios: z.array(scenario).min(1).max(3) }))
    .output(
      z.object({
        currency,
        scenarios: z.array(scenarioSummary),
        comparison: z.string(),
        issues: z.array(issue),
        asOf: known,
      }),
    ),
  save: base
    .route({ method: 'PUT', path: '/deals/{id}', summary: 'Save a draft' })
    .input(
      z.object({
        id,
        name: z.string().trim().min(1).max(120),
        customerId: id,
        scenarios: z.array(scenario).min(1).max(3),
        chosen: z.int().min(0).max(2),
        note: z.string().max(2000),
        expectedVersion: z.int(),
      }),
    )
    .output(z.object({ version: z.int() })),
  approve: base
    .route({
      method: 'POST',
      path: '/deals/{dealId}/approve',
      summary: 'Approve the chosen scenario; below floor only with a reason',
    })
    .input(z.object({ dealId: z.string(), expectedVersion: z.int(), reason: z.string().max(2000) }))
    .output(z.object({ version: z.int() })),
  close: base
    .route({
      method: 'POST',
      path: '/deals/{dealId}/close',
      summary: 'Won: becomes the customer’s contract. Lost: kept',
    })
    .input(z.object({ dealId: z.string(), expectedVersion: z.int(), outcome: z.enum(['won', 'lost']) }))
    .output(z.object({ version: z.int(), contractId: z.string().nullable() })),
}
