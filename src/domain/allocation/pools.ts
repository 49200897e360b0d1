/** Which pool takes a cost: evaluated once per attribute set, as attribution rules are. */
import { compileCondition } from '../attribution/match.ts'
import type { CostAttributes } from '../attribution/rule.ts'
import type { AllocationStep, PoolTakes } from './plan.ts'

/** Whose a cost is before any pool: nobody's, a tenant's that no customer has, or a customer's. */
export type Standing = 'unattributed' | 'without_customer' | 'customer'

const MAY_TAKE: Readonly<Record<PoolTakes, readonly Standing[]>> = {
  unattributed: ['unattributed'],
  without_customer: ['unattributed', 'without_customer'],
  all: ['unattributed', 'without_customer', 'customer'],
}

/** The step whose pool takes a cost of these attributes, for each standing it may have; null where none does. */
export type PoolsOf = (attributes: CostAttributes) => Readonly<Record<Standing, string | null>>

/**
 * Compiles the steps' pools; of those that may take a cost, the first whose conditions hold does.
 * @throws SyntaxError where a regex does not compile; `validatePlan` reports that as an issue beforehand.
 */
export const compilePools = (steps: readonly AllocationStep[]): PoolsOf => {
  const pools = steps.map(({ id, pool }) => ({
    id,
    standings: MAY_TAKE[pool.takes],
    conditions: pool.conditions.map(compileCondition),
  }))
  return (attributes) => {
    const found: Record<Standing, string | null> = {
      unattributed: null,
      without_customer: null,
      customer: null,
    }
    for (const { id, standings, conditions } of pools) {
      if (!standings.some((standing) => found[standing] === null)) continue
      if (!conditions.every((holds) => holds(attributes) !== null)) continue
      for (const standing of standings) found[standing] ??= id
    }
    return found
  }
}
