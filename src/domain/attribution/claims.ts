/** What rules claim of a period's cost, and what none of them claims: shown before the rules are saved. */
import { costFromUnits, costToUnits, type DecimalText } from '../decimal.ts'
import type { Currency, Money } from '../money.ts'
import { compileRules } from './match.ts'
import type { AttributionRule, CostAttributes } from './rule.ts'

/** Cost that rules cannot tell apart, of one span of days, and what the period's entries of it cost. */
export interface CostSet {
  /** All that the rules look at, the service and the resource: what else an entry says may be left out. */
  readonly attributes: CostAttributes
  /** A day of service of its entries, where a rule is dated: all of them lie in one span of the rules. */
  readonly day?: string | undefined
  readonly currency: Currency
  /** The sum of its entries, at most 18 decimals. */
  readonly cost: DecimalText
  /** How many entries have these attributes. */
  readonly entries: number
}

export interface Claim {
  readonly entries: number
  /** One amount per currency, in order of its code; amounts of different currencies are never added. */
  readonly cost: readonly Money[]
}

export interface TenantClaim extends Claim {
  readonly tenant: string
}

export interface RuleClaim extends Claim {
  readonly ruleId: string
  readonly tenantCount: number
  /** Largest cost first, as many as asked for. */
  readonly tenants: readonly TenantClaim[]
}

/** What one service, or one resource whichever its service, adds to unattributed cost. */
export interface Contributor extends Claim {
  /** Null for all cost that names no resource. */
  readonly key: string | null
}

export interface Unattributed extends Claim {
  readonly byService: readonly Contributor[]
  readonly byResource: readonly Contributor[]
}

/** A service: all of its cost, and what rules claim of it. */
export interface ServiceClaim {
  readonly service: string
  readonly whole: Claim
  readonly claimed: Claim
}

export interface ClaimReport {
  readonly total: Claim
  /** Largest cost first, as many as asked for. */
  readonly byService: readonly ServiceClaim[]
  /** One per rule, in the rules' order, also where it claims nothing. */
  readonly rules: readonly RuleClaim[]
  readonly unattributed: Unattributed
}

class Tally {
  entries = 0
  readonly units = new Map<Currency, bigint>()

  add(set: CostSet): void {
    this.entries += set.entries
    this.units.set(set.currency, (this.units.get(set.currency) ?? 0n) + costToUnits(set.cost))
  }

  claim(): Claim {
    const cost = [...this.units]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, units]) => ({ currency, amount: costFromUnits(units) }))
    return { entries: this.entries, cost }
  }

  /** Order only, never shown: the largest single amount whichever its currency. */
  weight(): bigint {
    let weight = 0n
    for (const units of this.units.values()) if (magnitude(units) > weight) weight = magnitude(units)
    return weight
  }
}

const magnitude = (units: bigint): bigint => (units < 0n ? -units : units)

const tallyOf = <Key>(tallies: Map<Key, Tally>, key: Key): Tally => {
  const known = tallies.get(key)
  if (known !== undefined) return known
  const tally = new Tally()
  tallies.set(key, tally)
  return tally
}

/** Largest first, whatever the sign: a large credit is as worth a look as a large charge. Ties by name. */
const byWeight = <Key extends string>(tallies: ReadonlyMap<Key, Tally>): readonly (readonly [Key, Tally])[] =>
  [...tallies]
    .map(([key, tally]) => ({ key, tally, weight: tally.weight() }))
    .sort((a, b) => (a.weight === b.weight ? (a.key < b.key ? -1 : 1) : a.weight > b.weight ? -1 : 1))
    .map(({ key, tally }) => [key, tally] as const)

/** Adds sets up one by one, so that a caller with many of them can do other work in between. */
export interface ClaimTally {
  readonly add: (set: CostSet) => void
  /** @param countMax length of every list but that of the rules */
  readonly report: (countMax: number) => ClaimReport
}

/**
 * What each rule claims of the sets that are added, first match wins, and what most of that is which none claims.
 * Claimed and unattributed add up to the total exactly.
 * @throws SyntaxError where a regex does not compile; `validateRules` reports that as an issue beforehand.
 */
export const tallyClaims = (rules: readonly AttributionRule[]): ClaimTally => {
  const attribute = compileRules(rules)
  const total = new Tally()
  const claimed = new Map<string, Tally>()
  const tenants = new Map<string, Map<string, Tally>>()
  const services = new Map<string, Tally>()
  const claimedOf = new Map<string, Tally>()
  const unattributed = new Tally()
  const leftOf = new Map<string, Tally>()
  const leftResources = new Map<string, Tally>()
  const nothing = new Tally().claim()
  const contributors = (tallies: ReadonlyMap<string, Tally>, countMax: number): readonly Contributor[] =>
    byWeight(tallies)
      .slice(0, countMax)
      .map(([key, tally]) => ({ key: key === '' ? null : key, ...tally.claim() }))
  return {
    add: (set) => {
      const { service, resource_id: resource } = set.attributes
      total.add(set)
      tallyOf(services, service).add(set)
      const attribution = attribute(set.attributes, set.day ?? '')
      if (attribution === null) {
        unattributed.add(set)
        tallyOf(leftOf, service).add(set)
        tallyOf(leftResources, resource ?? '').add(set)
        return
      }
      const { ruleId, tenant } = attribution
      tallyOf(claimed, ruleId).add(set)
      tallyOf(claimedOf, service).add(set)
      const ofRule = tenants.get(ruleId) ?? new Map<string, Tally>()
      tenants.set(ruleId, ofRule)
      tallyOf(ofRule, tenant).add(set)
    },
    report: (countMax) => ({
      total: total.claim(),
      byService: byWeight(services)
        .slice(0, countMax)
        .map(([service, whole]) => ({
          service,
          whole: whole.claim(),
          claimed: claimedOf.get(service)?.claim() ?? nothing,
        })),
      rules: rules.map(({ id }) => {
        const ofRule = tenants.get(id) ?? new Map<string, Tally>()
        return {
          ruleId: id,
          ...(claimed.get(id)?.claim() ?? nothing),
          tenantCount: ofRule.size,
          tenants: byWeight(ofRule)
            .slice(0, countMax)
            .map(([tenant, tally]) => ({ tenant, ...tally.claim() })),
        }
      }),
      unattributed: {
        ...unattributed.claim(),
        byService: contributors(leftOf, countMax),
        byResource: contributors(leftResources, countMax),
      },
    }),
  }
}

/** {@link tallyClaims} of a list. */
export const claims = (
  rules: readonly AttributionRule[],
  sets: Iterable<CostSet>,
  countMax = 10,
): ClaimReport => {
  const tally = tallyClaims(rules)
  for (const set of sets) tally.add(set)
  return tally.report(countMax)
}
