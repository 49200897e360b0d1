/** Rules that the cost itself suggests: from its tags' keys, its accounts, its namespaces, or a list of accounts. */
import { costToUnits } from '../decimal.ts'
import { type ClaimReport, type CostSet, claims, type RuleClaim } from './claims.ts'
import { compileRules } from './match.ts'
import type { AttributionRule, RuleField } from './rule.ts'

export type ProposalKind = 'tag' | 'namespace' | 'account'

export interface Proposal {
  readonly kind: ProposalKind
  /** To be put after the rules there are. */
  readonly rule: AttributionRule
  /** What it would claim of what no rule claims now. */
  readonly claim: RuleClaim
}

/** Tags whose value is a namespace of a cluster: split cost allocation of EKS, GKE, AKS and OpenCost write such. */
const NAMESPACE = /namespace/i

const idFor = (field: RuleField, taken: ReadonlySet<string>): string => {
  const stem = `by-${field
    .replace(/^tag:/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')}`
  let id = stem
  for (let number = 2; taken.has(id); number += 1) id = `${stem}-${number}`
  return id
}

const namedBy = (field: RuleField, name: string, taken: ReadonlySet<string>): AttributionRule => ({
  id: idFor(field, taken),
  name,
  conditions: [{ field, operator: 'present', value: '' }],
  target: { kind: 'value' },
})

/**
 * One proposal for each tag key, namespace and kind of account among the cost that the rules leave unattributed, each
 * counted as if it alone were added; those that claim most first.
 */
export const proposeRules = (
  rules: readonly AttributionRule[],
  sets: readonly CostSet[],
): readonly Proposal[] => {
  const attribute = compileRules(rules)
  const left = sets.filter((set) => attribute(set.attributes, set.day ?? '') === null)
  const taken = new Set(rules.map(({ id }) => id))
  const keys = [...new Set(left.flatMap(({ attributes }) => Object.keys(attributes.tags ?? {})))].sort()
  const candidates: readonly (readonly [ProposalKind, AttributionRule])[] = [
    ...keys.map((key): readonly [ProposalKind, AttributionRule] =>
      NAMESPACE.test(key)
        ? ['namespace', namedBy(`tag:${key}`, `Namespace, by tag ${key}`, taken)]
        : ['tag', namedBy(`tag:${key}`, `Tag ${key} names the tenant`, taken)],
    ),
    ['account', namedBy('sub_account', 'Each sub account is a tenant', taken)],
    ['account', namedBy('billing_account', 'Each billing account is a tenant', taken)],
  ]
  return candidates
    .map(([kind, rule]) => ({ kind, rule, claim: firstClaim(claims([rule], left, 0), rule) }))
    .filter(({ claim }) => claim.entries > 0)
    .sort((a, b) => weight(b.claim) - weight(a.claim) || (a.rule.id < b.rule.id ? -1 : 1))
}

const firstClaim = (report: ClaimReport, rule: AttributionRule): RuleClaim =>
  report.rules[0] ?? { ruleId: rule.id, sets: 0, entries: 0, cost: [], tenants: [] }

/** Order only: the largest amount, whichever its currency and sign. */
const weight = ({ cost }: RuleClaim): number =>
  cost.reduce((most, { amount }) => {
    const units = costToUnits(amount)
    return Math.max(most, Number(units < 0n ? -units : units))
  }, 0)

/** One line of a pasted list: whose account it is. */
export interface AccountLine {
  readonly account: string
  readonly tenant: string
}

/**
 * Reads a pasted list, one `account, tenant` a line (comma, semicolon or tab between them). Lines that say nothing
 * else are named by their number.
 */
export const parseAccountList = (
  text: string,
): { readonly lines: readonly AccountLine[]; readonly faults: readonly string[] } => {
  const lines: AccountLine[] = []
  const faults: string[] = []
  const tenants = new Map<string, string>()
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '') return
    const cells = line.split(/[,;\t]/).map((cell) => cell.trim())
    const [account = '', tenant = ''] = cells
    if (cells.length !== 2 || account === '' || tenant === '')
      faults.push(`Line ${index + 1}: “${line.trim().slice(0, 80)}” is not an account, a comma and a tenant.`)
    else if (tenants.has(account) && tenants.get(account) !== tenant)
      faults.push(`Line ${index + 1}: account ${account} already belongs to “${tenants.get(account)}” above.`)
    else if (!tenants.has(account)) {
      tenants.set(account, tenant)
      lines.push({ account, tenant })
    }
  })
  return { lines, faults }
}

/** One rule for each account of a list; ids that are taken get a number. */
export const accountRules = (
  lines: readonly AccountLine[],
  rules: readonly AttributionRule[],
): readonly AttributionRule[] => {
  const taken = new Set(rules.map(({ id }) => id))
  return lines.map(({ account, tenant }) => {
    const id = idFor(`tag:account-${account}`, taken)
    taken.add(id)
    return {
      id,
      name: `Account ${account}`,
      conditions: [{ field: 'sub_account', operator: 'equals', value: account }],
      target: { kind: 'tenant', tenant },
    }
  })
}
