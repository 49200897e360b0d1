import { z } from 'zod'
import type { Contract } from '../domain/pricing/contract.ts'
import { contract } from './agreements.ts'
import {
  asOf,
  asOfAlone,
  base,
  currency,
  day,
  decimal,
  id,
  issue,
  jobStarted,
  known,
  milliseconds,
  month,
} from './common.ts'
import { cardTerms, charge, rateCard, versionTerms } from './rate-cards.ts'
import { simulation, simulationQuery } from './simulation.ts'

export const customer = z.object({
  id,
  name: z.string().trim().min(1).max(200),
  email: z.email().nullable(),
  /** Footprints of this customer; a tenant belongs to one customer at most. */
  tenants: z.array(z.string().min(1).max(500)),
  /** Known once an invoice was delivered. */
  stripeCustomerId: z.string().nullable(),
})
export type Customer = z.infer<typeof customer>

export const customerRow = z.object({
  customer,
  version: z.int(),
  rateCardName: z.string().nullable(),
  revenue: decimal.nullable(),
  directCost: decimal.nullable(),
  marginPercent: decimal.nullable(),
  lastUsageMs: milliseconds.nullable(),
})

export const tenantRow = z.object({
  tenant: z.string(),
  customerId: z.string().nullable(),
  events: z.int(),
  costEntries: z.int(),
  firstMs: milliseconds.nullable(),
  lastMs: milliseconds.nullable(),
})

export const customers = {
  list: base
    .route({ method: 'GET', path: '/customers', summary: 'Customers with their month' })
    .input(asOf.extend({ month: month.optional() }))
    .output(
      z.object({
        currency,
        month: month.nullable(),
        rows: z.array(customerRow),
        tenantsWithoutCustomer: z.int(),
        asOf: known,
      }),
    ),
  get: base
    .route({ method: 'GET', path: '/customers/{customerId}', summary: 'One customer' })
    .input(asOf.extend({ customerId: z.string() }))
    .output(
      z.object({
        customer,
        version: z.int(),
        contracts: z.array(z.object({ contract, version: z.int(), rateCardName: z.string() })),
        months: z.array(
          z.object({
            month,
            revenue: decimal.nullable(),
            directCost: decimal.nullable(),
            marginPercent: decimal.nullable(),
            invoiceId: z.string().nullable(),
            invoiceState: z.string().nullable(),
          }),
        ),
        usage: z.array(
          z.object({ metric: z.string(), name: z.string(), unit: z.string(), month, quantity: decimal }),
        ),
        currency,
        asOf: known,
      }),
    ),
  save: base
    .route({ method: 'PUT', path: '/customers/{id}', summary: 'Make or change a customer' })
    .input(customer.extend({ expectedVersion: z.int().describe('0 for a new one') }))
    .output(z.object({ version: z.int() })),
  tenants: base
    .route({ method: 'GET', path: '/tenants', summary: 'Every tenant seen in usage or attributed cost' })
    .input(asOfAlone)
    .output(z.array(tenantRow)),
  fromTenants: base
    .route({
      method: 'POST',
      path: '/customers/from-tenants',
      summary: 'Make one customer of each tenant named',
    })
    .input(
      z.object({
        tenants: z.array(z.string()).min(1).max(10_000),
        rateCardId: z.string().nullable(),
        startDay: day.nullable(),
      }),
    )
    .output(z.object({ made: z.int() })),
  contractHistory: base
    .route({
      method: 'GET',
      path: '/contracts/{contractId}/versions',
      summary: 'Every version of a contract, oldest first, with who wrote it and when, and what it has left',
    })
    .input(asOf.extend({ contractId: z.string() }))
    .output(
      z.object({
        versions: z.array(
          z.object({
            version: z.int(),
            contract,
            recordedMs: milliseconds,
            author: z.string(),
            changes: z.array(z.string()).describe('against the version before, a sentence a term'),
          }),
        ),
        balances: z
          .object({
            invoiceId: z.string(),
            month,
            credits: z.array(z.object({ grantId: z.string(), amount: decimal, left: decimal })),
            commitments: z.array(z.object({ id: z.string(), periodStart: month, counted: decimal })),
            allowances: z.array(z.object({ key: z.string(), left: decimal })),
          })
          .nullable()
          .describe('as the newest invoice of the contract that is not void hands them on; null without one'),
        asOf: known,
      }),
    ),
  saveContract: base
    .route({
      method: 'PUT',
      path: '/contracts/{id}',
      summary: 'Assign a rate card to a customer, or amend the contract',
    })
    .input(
      z.intersection(contract, z.object({ expectedVersion: z.int() })) as unknown as z.ZodType<
        Contract & { readonly expectedVersion: number }
      >,
    )
    .output(z.object({ version: z.int() })),
}

export const rateCards = {
  list: base
    .route({ method: 'GET', path: '/rate-cards', summary: 'Rate cards' })
    .input(asOfAlone)
    .output(z.array(z.object({ card: rateCard, version: z.int(), customers: z.int() }))),
  get: base
    .route({ method: 'GET', path: '/rate-cards/{rateCardId}', summary: 'One rate card with its versions' })
    .input(asOf.extend({ rateCardId: z.string() }))
    .output(
      z.object({
        card: rateCard,
        version: z.int(),
        customers: z.array(z.object({ customerId: z.string(), name: z.string() })),
        asOf: known,
      }),
    ),
  save: base
    .route({
      method: 'PUT',
      path: '/rate-cards/{id}',
      summary: 'A new card, or a new dated version of it; versions in use are never edited',
    })
    .input(
      z.object({
        ...cardTerms,
        ...versionTerms,
        charges: z.array(charge).min(1).max(200),
        privateTo: cardTerms.privateTo
          .nullable()
          .describe('ids of the only customers it is offered to; null for everybody; as before without it'),
        expectedVersion: z.int().describe('0 for a new card'),
      }),
    )
    .output(z.object({ version: z.int(), issues: z.array(issue) })),
  simulate: base
    .route({
      method: 'POST',
      path: '/rate-cards/{id}/simulation',
      summary: 'Who would pay more or less with a draft of a card, over past usage; nothing is saved',
    })
    .input(simulationQuery)
    .output(simulation),
  startSimulation: base
    .route({
      method: 'POST',
      path: '/rate-cards/{id}/simulation/job',
      summary: 'The same as a job, with progress, that can be cancelled; its result is the simulation',
    })
    .input(simulationQuery)
    .output(jobStarted),
}
