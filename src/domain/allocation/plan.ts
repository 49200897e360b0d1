/** Allocation plans: which shared cost goes to whom, and how much of it, in which order. */
import type { RuleCondition } from '../attribution/rule.ts'
import type { DecimalText } from '../decimal.ts'
import type { Month } from '../period.ts'

/**
 * Which cost a pool may take. `unattributed`: what no rule claims. `without_customer`: that, and what the rules give to
 * tenants no customer has. `all`: any cost, direct cost of customers too, which then is allocated instead.
 */
export const POOL_TAKES = ['unattributed', 'without_customer', 'all'] as const
export type PoolTakes = (typeof POOL_TAKES)[number]

export interface CostPool {
  readonly takes: PoolTakes
  /** All must hold; none takes all that is left of what the pool may take. */
  readonly conditions: readonly RuleCondition[]
}

export interface Capacity {
  /** What the pool could serve in a month, in units of the metric. */
  readonly quantity: DecimalText
  /** `apart`: the unused part stays a figure of its own. `shared`: those who used some pay for it, too. */
  readonly idle: 'apart' | 'shared'
}

/** What a pool is split by. Weights at or below zero take no part. */
export type AllocationKey =
  | { readonly kind: 'usage'; readonly metric: string; readonly capacity?: Capacity | undefined }
  /** `withAllocated` counts what earlier steps allocated as well. */
  | { readonly kind: 'direct_cost'; readonly withAllocated: boolean }
  | { readonly kind: 'revenue' }
  /** A table of weights, such as heads: customers that are not in it take no part. */
  | { readonly kind: 'weights'; readonly weights: readonly CustomerWeight[] }
  /** Equal parts for every customer that has cost or revenue in the month. */
  | { readonly kind: 'evenly' }
  /** Percentages that add up to 100. */
  | { readonly kind: 'fixed'; readonly shares: readonly CustomerWeight[] }
export type AllocationKind = AllocationKey['kind']

export interface CustomerWeight {
  readonly customerId: string
  readonly weight: DecimalText
}

export interface AllocationStep {
  readonly id: string
  readonly name: string
  readonly pool: CostPool
  readonly key: AllocationKey
}

/** The steps in force from a month on, until a later plan begins. */
export interface AllocationPlan {
  readonly from: Month
  readonly steps: readonly AllocationStep[]
}

/** The plan in force in the month: the latest that began by then; null before the first. */
export const planOf = (plans: readonly AllocationPlan[], month: Month): AllocationPlan | null =>
  plans.reduce<AllocationPlan | null>(
    (found, plan) => (plan.from <= month && (found === null || plan.from > found.from) ? plan : found),
    null,
  )

/**
 * Who a part of a pool goes to: a customer, or a tenant that no customer has. One text, so that it can be a key and
 * has an order.
 */
export type Recipient = `customer:${string}` | `tenant:${string}`

export const customerRecipient = (customerId: string): Recipient => `customer:${customerId}`
export const tenantRecipient = (tenant: string): Recipient => `tenant:${tenant}`

/** The recipient of a tenant's usage or cost. */
export const recipientOf = (tenant: string, customerId: string | null): Recipient =>
  customerId === null ? tenantRecipient(tenant) : customerRecipient(customerId)

export const customerIdOf = (recipient: Recipient): string | null =>
  recipient.startsWith('customer:') ? recipient.slice('customer:'.length) : null
export const looseTenantOf = (recipient: Recipient): string | null =>
  recipient.startsWith('tenant:') ? recipient.slice('tenant:'.length) : null
