/** Rules that the cost itself suggests: from its tags' keys, its accounts, its namespaces, or a list of accounts. */
import { costToUnits } from '../decimal.ts'
import { type ClaimTally, type CostSet, type RuleClaim, tallyClaims } from './claims.ts'
import { compileRules, tagKeyOf, textsOf } from './match.ts'
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

/** A tag's key may be longer than what a rule may be called. */
const ID_WORDS_MAX = 100
const NAME_MAX = 120

const idFor = (field: RuleField, taken: ReadonlySet<string>): string => {
  const words = field
    .replace(/^tag:/, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, ID_WORDS_MAX)
    .replace(/^-+|-+$/g, '')
  const stem = words === '' ? 'by-tag' : `by-${words}`
  let id = stem
  for (let number = 2; taken.has(id); number += 1) id = `${stem}-${number}`
  return id
}

const namedBy = (field: RuleField, name: string, taken: ReadonlySet<string>): AttributionRule => ({
  id: idFor(field, taken),
  name: name.slice(0, NAME_MAX),
  conditions: [{ field, operator: 'present', value: '' }],
  target: { kind: 'value' },
})

/** Adds sets up one by one, so that a caller with many of them can do other work in between. */
export interface ProposalTally {
  /** With all attributes of the set. */
  readonly add: (set: CostSet) => void
  /** Those that claim most first. @param tenantsMax length of each list of tenants */
  readonly proposals: (tenantsMax: number) => readonly Proposal[]
}

/**
 * One proposal for each tag key, namespace and kind of account among the cost that the rules leave unattributed, each
 * counted as if it alone were added.
 */
export const tallyProposals = (rules: readonly AttributionRule[]): ProposalTally => {
  const attribute = compileRules(rules)
  const found = new Map<RuleField, ClaimTally>()
  const probe = (field: RuleField) => namedBy(field, '', new Set())
  return {
    add: (set) => {
      const { attributes } = set
      if (attribute(attributes, set.day ?? '') !== null) return
      const tags = Object.entries(attributes.tags ?? {}).filter(([, value]) => value !== '')
      const accounts = ACCOUNTS.filter(({ field }) => textsOf(attributes, field).length > 0)
      for (const field of [
        ...tags.map(([key]): RuleField => `tag:${key}`),
        ...accounts.map((each) => each.field),
      ]) {
        const tally = found.get(field) ?? tallyClaims([probe(field)])
        found.set(field, tally)
        tally.add(set)
      }
    },
    proposals: (tenantsMax) => {
      const taken = new Set(rules.map(({ id }) => id))
      return [...found]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([field, tally]): Proposal[] => {
          const [claim] = tally.report(tenantsMax).rules
          if (claim === undefined) return []
          const { kind, name } = kindOf(field)
          const rule = namedBy(field, name, taken)
          taken.add(rule.id)
          return [{ kind, rule, claim: { ...claim, ruleId: rule.id } }]
        })
        .sort((a, b) => weight(b.claim) - weight(a.claim) || (a.rule.id < b.rule.id ? -1 : 1))
    },
  }
}

const ACCOUNTS: readonly { readonly field: RuleField; readonly name: string }[] = [
  { field: 'sub_account', name: 'Each sub account is a tenant' },
  { field: 'billing_account', name: 'Each billing account is a tenant' },
]

const kindOf = (field: RuleField): { readonly kind: ProposalKind; readonly name: string } => {
  const key = tagKeyOf(field)
  const account = ACCOUNTS.find((each) => each.field === field)
  if (key === null) return { kind: 'account', name: account?.name ?? field }
  return NAMESPACE.test(key)
    ? { kind: 'namespace', name: `Namespace, by tag ${key}` }
    : { kind: 'tag', name: `Tag ${key} names the tenant` }
}

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

/** `1.23457E+11`: what a spreadsheet makes of a long number; the digits are gone. */
export const isShortened = (account: string): boolean => /^\d(\.\d+)?E\+\d+$/i.test(account)

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
    else if (isShortened(account))
      faults.push(
        `Line ${index + 1}: ${account} is a number that a spreadsheet has shortened; format the column as text and copy it again.`,
      )
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
      name: `Account ${account}`.slice(0, NAME_MAX),
      conditions: [{ field: 'sub_account', operator: 'equals', value: account }],
      target: { kind: 'tenant', tenant },
    }
  })
}
