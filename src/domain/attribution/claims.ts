/** What rules claim of a period's cost, and what none of them claims: shown before the rules are saved. */
import { costFromUnits, costToUnits, type DecimalText } from '../decimal.ts'
import type { Currency, Money } from '../money.ts'
import { compileRules } from './match.ts'
import type { AttributionRule, CostAttributes } from './rule.ts'

/** One distinct attribute set, of one span of days, and what the period's entries with it cost. */
export interface CostSet {
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
  /** Distinct attribute sets. */
  readonly sets: number
  readonly entries: number
  /** One amount per currency, in order of its code; amounts of different currencies are never added. */
  readonly cost: readonly Money[]
}

export interface TenantClaim extends Claim {
  readonly tenant: string
}

export interface RuleClaim extends Claim {
  readonly ruleId: string
  /** Largest cost first. */
  readonly tenants: readonly TenantClaim[]
}

export interface Contributor {
  readonly provider: string
  readonly service: string
  /** The resource's id; null for all cost of the service that names no resource, and in the list by service. */
  readonly resource: string | null
  readonly currency: Currency
  readonly cost: DecimalText
  readonly entries: number
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
  /** Largest cost first. */
  readonly byService: readonly ServiceClaim[]
  /** One per rule, in the rules' order, also where it claims nothing. */
  readonly rules: readonly RuleClaim[]
  readonly unattributed: Unattributed
}

class Tally {
  sets = 0
  entries = 0
  readonly units = new Map<Currency, bigint>()

  add(set: CostSet): void {
    this.sets += 1
    this.entries += set.entries
    this.units.set(set.currency, (this.units.get(set.currency) ?? 0n) + costToUnits(set.cost))
  }

  claim(): Claim {
    const cost = [...this.units]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, units]) => ({ currency, amount: costFromUnits(units) }))
    return { sets: this.sets, entries: this.entries, cost }
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
  [...tallies].sort(([aKey, a], [bKey, b]) => {
    const difference = b.weight() - a.weight()
    if (difference !== 0n) return difference < 0n ? -1 : 1
    return aKey < bKey ? -1 : 1
  })

const contributors = (
  sets: readonly CostSet[],
  resourceOf: (attributes: CostAttributes) => string | null,
  countMax: number,
): readonly Contributor[] => {
  const tallies = new Map<string, Tally>()
  const heads = new Map<string, Omit<Contributor, 'cost' | 'entries'>>()
  for (const set of sets) {
    const { provider, service } = set.attributes
    const head = { provider, service, resource: resourceOf(set.attributes), currency: set.currency }
    const key = JSON.stringify([provider, service, head.resource, set.currency])
    heads.set(key, head)
    tallyOf(tallies, key).add(set)
  }
  return byWeight(tallies)
    .slice(0, countMax)
    .flatMap(([key, tally]) => {
      const head = heads.get(key)
      const units = head === undefined ? undefined : tally.units.get(head.currency)
      return head === undefined || units === undefined
        ? []
        : [{ ...head, cost: costFromUnits(units), entries: tally.entries }]
    })
}

/**
 * What each rule claims of the sets, first match wins, and the largest contributors to what none claims.
 * Claimed and unattributed add up to the total exactly.
 * @param contributorsMax length of the two lists of contributors.
 */
export const claims = (
  rules: readonly AttributionRule[],
  sets: readonly CostSet[],
  contributorsMax = 10,
): ClaimReport => {
  const attribute = compileRules(rules)
  const total = new Tally()
  const claimed = new Map<string, Tally>()
  const tenants = new Map<string, Map<string, Tally>>()
  const unclaimed: CostSet[] = []
  const services = new Map<string, Tally>()
  const claimedOf = new Map<string, Tally>()
  for (const set of sets) {
    total.add(set)
    tallyOf(services, set.attributes.service).add(set)
    const attribution = attribute(set.attributes, set.day ?? '')
    if (attribution === null) {
      unclaimed.push(set)
      continue
    }
    const { ruleId, tenant } = attribution
    tallyOf(claimed, ruleId).add(set)
    tallyOf(claimedOf, set.attributes.service).add(set)
    const ofRule = tenants.get(ruleId) ?? new Map<string, Tally>()
    tenants.set(ruleId, ofRule)
    tallyOf(ofRule, tenant).add(set)
  }
  const unattributed = new Tally()
  for (const set of unclaimed) unattributed.add(set)
  return {
    total: total.claim(),
    byService: byWeight(services).map(([service, whole]) => ({
      service,
      whole: whole.claim(),
      claimed: (claimedOf.get(service) ?? new Tally()).claim(),
    })),
    rules: rules.map(({ id }) => ({
      ruleId: id,
      ...tallyOf(claimed, id).claim(),
      tenants: byWeight(tenants.get(id) ?? new Map<string, Tally>()).map(([tenant, tally]) => ({
        tenant,
        ...tally.claim(),
      })),
    })),
    unattributed: {
      ...unattributed.claim(),
      byService: contributors(unclaimed, () => null, contributorsMax),
      byResource: contributors(unclaimed, ({ resource_id }) => resource_id || null, contributorsMax),
    },
  }
}
