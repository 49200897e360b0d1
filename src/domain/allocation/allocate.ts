/**
 * Splits pools between their recipients, step by step. Every unit of 10^-18 of a pool ends in exactly one place: with a
 * recipient, with idle capacity kept apart, or left over where there is nobody to split it between.
 */
import { costFromUnits, costToUnits, type DecimalText, ZERO } from '../decimal.ts'
import { splitExactly } from '../split.ts'
import { type AllocationKey, type AllocationStep, customerRecipient, type Recipient } from './plan.ts'

export interface AllocationFacts {
  /** What each step's pool holds, by the step's id; a pool that took nothing may be missing. */
  readonly pools: ReadonlyMap<string, DecimalText>
  /** Direct cost, without what pools took of it. */
  readonly direct: ReadonlyMap<Recipient, DecimalText>
  readonly revenue: ReadonlyMap<Recipient, DecimalText>
  /** Quantities in units, by metric. */
  readonly usage: ReadonlyMap<string, ReadonlyMap<Recipient, DecimalText>>
  /** Customers that have cost or revenue in the month. */
  readonly active: readonly Recipient[]
}

export interface StepShare {
  readonly recipient: Recipient
  readonly weight: DecimalText
  readonly amount: DecimalText
}

/** Why nothing of a pool could be split. */
export type LeftReason = 'nobody_has_weight' | null

export interface StepResult {
  readonly stepId: string
  /** pool = allocated + idle + left */
  readonly pool: DecimalText
  readonly allocated: DecimalText
  /** Kept apart for capacity that nobody used. */
  readonly idle: DecimalText
  /** Stays unattributed: there was nobody to split it between. */
  readonly left: DecimalText
  readonly leftReason: LeftReason
  /** The sum of the weights that took part. */
  readonly weights: DecimalText
  /** Units of capacity that nobody used, shared or not; null where the step has no capacity. */
  readonly idleQuantity: DecimalText | null
  /** Largest weight first. */
  readonly shares: readonly StepShare[]
  /** Weights below zero, which take no part. */
  readonly leftOut: readonly { readonly recipient: Recipient; readonly weight: DecimalText }[]
}

export interface Allocation {
  readonly steps: readonly StepResult[]
  readonly byRecipient: ReadonlyMap<Recipient, DecimalText>
  readonly allocated: DecimalText
  readonly idle: DecimalText
  readonly left: DecimalText
}

const weightsOf = (
  key: AllocationKey,
  facts: AllocationFacts,
  allocated: ReadonlyMap<Recipient, bigint>,
): ReadonlyMap<Recipient, bigint> => {
  const units = (amounts: Iterable<readonly [Recipient, DecimalText]>) =>
    new Map([...amounts].map(([recipient, amount]) => [recipient, costToUnits(amount)] as const))
  const table = (rows: readonly { readonly customerId: string; readonly weight: DecimalText }[]) =>
    units(rows.map(({ customerId, weight }) => [customerRecipient(customerId), weight] as const))
  switch (key.kind) {
    case 'usage':
      return units(facts.usage.get(key.metric) ?? [])
    case 'revenue':
      return units(facts.revenue)
    case 'evenly':
      return new Map(facts.active.map((recipient) => [recipient, costToUnits('1' as DecimalText)]))
    case 'weights':
      return table(key.weights)
    case 'fixed':
      return table(key.shares)
    case 'direct_cost': {
      const weights = new Map(units(facts.direct))
      if (key.withAllocated)
        for (const [recipient, amount] of allocated)
          weights.set(recipient, (weights.get(recipient) ?? 0n) + amount)
      return weights
    }
  }
}

const takeStep = (
  step: AllocationStep,
  facts: AllocationFacts,
  allocated: Map<Recipient, bigint>,
): StepResult => {
  const pool = facts.pools.get(step.id) ?? ZERO
  const total = costToUnits(pool)
  // Of equal remainders the first in the list wins: an order of its own makes the split the same in any order of facts.
  const weights = [...weightsOf(step.key, facts, allocated)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const taking = weights.filter(([, weight]) => weight > 0n)
  const used = taking.reduce((sum, [, weight]) => sum + weight, 0n)
  const capacity = step.key.kind === 'usage' ? step.key.capacity : undefined
  const unused = capacity === undefined ? null : costToUnits(capacity.quantity) - used
  const idleUnits = unused === null ? null : unused > 0n ? unused : 0n
  const apart = capacity?.idle === 'apart' ? (idleUnits ?? 0n) : 0n
  const isSplit = total !== 0n && used + apart > 0n
  const parts = isSplit ? splitExactly(total, [...taking.map(([, weight]) => weight), apart]) : []
  const idle = isSplit ? (parts.at(-1) ?? 0n) : 0n
  const shares = taking.map(([recipient, weight], index) => ({
    recipient,
    weight,
    amount: parts[index] ?? 0n,
  }))
  let shared = 0n
  for (const { recipient, amount } of shares) {
    shared += amount
    // Of a pool that took nothing nobody is given nothing: who was reached by no step has no allocated cost.
    if (!isSplit) continue
    allocated.set(recipient, (allocated.get(recipient) ?? 0n) + amount)
  }
  const left = total - shared - idle
  return {
    stepId: step.id,
    pool,
    allocated: costFromUnits(shared),
    idle: costFromUnits(idle),
    left: costFromUnits(left),
    leftReason: left === 0n ? null : 'nobody_has_weight',
    weights: costFromUnits(used),
    idleQuantity: idleUnits === null ? null : costFromUnits(idleUnits),
    shares: shares
      .map(({ recipient, weight, amount }) => ({
        recipient,
        weight: costFromUnits(weight),
        amount: costFromUnits(amount),
        order: weight,
      }))
      .sort((a, b) => (a.order === b.order ? 0 : a.order > b.order ? -1 : 1))
      .map(({ order: _order, ...share }) => share),
    leftOut: weights
      .filter(([, weight]) => weight < 0n)
      .map(([recipient, weight]) => ({ recipient, weight: costFromUnits(weight) })),
  }
}

/**
 * Splits every pool in the order of the steps. `allocated + idle + left` is the sum of the pools, exactly.
 * @throws RangeError where an amount or a weight has more than 18 decimals
 */
export const allocate = (steps: readonly AllocationStep[], facts: AllocationFacts): Allocation => {
  const allocated = new Map<Recipient, bigint>()
  const results = steps.map((step) => takeStep(step, facts, allocated))
  const sumOf = (pick: (result: StepResult) => DecimalText) =>
    costFromUnits(results.reduce((sum, result) => sum + costToUnits(pick(result)), 0n))
  return {
    steps: results,
    byRecipient: new Map([...allocated].map(([recipient, amount]) => [recipient, costFromUnits(amount)])),
    allocated: sumOf((result) => result.allocated),
    idle: sumOf((result) => result.idle),
    left: sumOf((result) => result.left),
  }
}
