/** What `rate --json` answers, and what any command answers that failed. */
import { z } from 'zod'
import { currency, decimal, issue, month } from './common.ts'
import { invoice, priceStep } from './invoices.ts'

const base = {
  version: z.literal(1).describe('of this shape: raised where a member changes its meaning or goes'),
  timeZone: z.string(),
  currency,
  amount: decimal,
  issues: z.array(issue).describe('an error says that the amount is not what is owed'),
  notes: z.array(z.string()).describe('words of other products in the files, and what they were read as'),
}

export const chargeRating = z.strictObject({
  ...base,
  charge: z.string().describe('its id'),
  words: z.string().describe('the price in words'),
  month,
  steps: z.array(priceStep).describe('they add up to the amount'),
  amount: decimal.describe('exact, after the charge’s minimum and maximum'),
  rounded: decimal.describe('the amount to the currency’s minor unit'),
  quantity: decimal.nullable().describe('measured; null for fees, formulas and cost'),
  billed: decimal
    .nullable()
    .describe('converted and rounded up, before included units; null for fees and cost'),
  includedUsed: decimal,
})

export const contractRating = z.strictObject({
  ...base,
  contract: z.string().describe('its id'),
  amount: decimal.describe('net, of all invoices'),
  due: decimal.describe('of all invoices: net, tax and top-ups, less credits'),
  months: z.array(
    z.strictObject({
      month,
      invoices: z.array(invoice).describe('each with its total, which is net, and due'),
    }),
  ),
})

export const failure = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string(), issues: z.array(issue) }),
})

export const rating = z.union([chargeRating, contractRating, failure])
