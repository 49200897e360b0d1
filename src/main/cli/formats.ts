/**
 * The documents the command line reads from files. Each is checked by the contract's own schemas; the JSON Schemas
 * in docs/formats are written from here by scripts/schemas.mjs.
 */
import { z } from 'zod'
import { contract } from '../../contract/agreements.ts'
import { allocationPlan } from '../../contract/allocation.ts'
import { id } from '../../contract/common.ts'
import { customer } from '../../contract/customers.ts'
import { scenario } from '../../contract/deals.ts'
import { pastInvoices } from '../../contract/invoices.ts'
import { charge, rateCardFile } from '../../contract/rate-cards.ts'
import { rating } from '../../contract/rating.ts'
import { ratingMetric, ratingUsage } from '../../contract/rating-usage.ts'
import { rule } from '../../contract/rules.ts'
import { csvMapping, metric } from '../../contract/sources.ts'

const name = z.string().trim().min(1).max(120)

export const rulesFile = z.object({ rules: z.array(rule).max(1000) })

export const allocationFile = allocationPlan

export const contractFile = contract

/** What is left out stays as the book has it; a new customer has no email and no tenants then. */
export const customersFile = z
  .array(customer.partial({ email: true, tenants: true, stripeCustomerId: true }))
  .min(1)
  .max(10_000)

export const pastInvoicesFile = pastInvoices

export const metricsFile = z.array(metric).min(1).max(1000)

/** `deal model` needs the customer and the scenarios only; `deal save` an id and a name too. */
export const dealFile = z.object({
  id: id.optional(),
  name: name.optional(),
  customerId: id,
  scenarios: z.array(scenario).min(1).max(3),
  chosen: z.int().min(0).max(2).optional(),
  note: z.string().max(2000).optional(),
})

export const mappingFile = csvMapping

export const ratingUsageFile = ratingUsage

export const ratingMetricsFile = z.array(ratingMetric).max(1000)

export interface Format {
  readonly schema: z.ZodType
  readonly title: string
  readonly description: string
  /** Whether parts that come up again are written once, under $defs: a price is in many kinds of charge. */
  readonly isShared?: boolean
  /** Whether it is what the program answers; else what it reads, where a decimal may be a number too. */
  readonly isAnswer?: boolean
  /** Fields that this file may leave out, though what it is a part of may not. */
  readonly mayLack?: readonly string[]
}

/** Formats with a generated schema, by the name of their file in docs/formats. rules.schema.json is written by hand. */
export const FORMATS: Readonly<Record<string, Format>> = {
  allocation: {
    schema: allocationFile,
    title: 'Countinghouse allocation plan',
    description:
      'How shared cost is split from a month on: steps in order, each with a pool of cost and what it is split by.',
  },
  ratecard: {
    schema: rateCardFile,
    isShared: true,
    title: 'Countinghouse rate card',
    description:
      'A rate card, or a new version of one, that takes effect on a day. Prices are decimals, every digit as written.',
  },
  charge: {
    schema: charge,
    isShared: true,
    mayLack: ['id', 'name', 'metric'],
    title: 'Countinghouse charge',
    description:
      'One charge of a rate card, for `rate --charge`. In a card id, name and metric may not be left out.',
  },
  contract: {
    schema: contractFile,
    isShared: true,
    title: 'Countinghouse contract',
    description:
      'What one customer agreed: a rate card, discounts, commitments, credits, a term. docs/pricing says what they come to.',
  },
  deal: {
    schema: dealFile,
    title: 'Countinghouse deal',
    description: 'One to three proposed contracts of a customer, to be modelled and saved.',
  },
  customers: {
    schema: customersFile,
    title: 'Countinghouse customers',
    description:
      'Customers to make or change. Customers that are not named stay as they are, and so does what is left out of one.',
  },
  'past-invoices': {
    schema: pastInvoicesFile,
    title: 'Countinghouse past invoices',
    description:
      'Invoices that were issued elsewhere, to be kept as they came. All are imported, or none where one is wrong.',
  },
  metrics: {
    schema: metricsFile,
    title: 'Countinghouse metrics',
    description: 'Metrics to define or redefine. Metrics that are not named stay as they are.',
  },
  'rating-usage': {
    schema: ratingUsageFile,
    title: 'Countinghouse usage to rate',
    description:
      'A quantity or events, for `rate`: what a charge or a contract makes of them, without a book.',
  },
  rating: {
    schema: rating,
    isShared: true,
    isAnswer: true,
    title: 'Countinghouse rating',
    description: 'What `rate --json` answers: of a charge, of a contract, or why it could not be rated.',
  },
  mapping: {
    schema: mappingFile,
    title: 'Countinghouse column mapping',
    description: 'How the columns of a usage CSV become usage events.',
  },
}
