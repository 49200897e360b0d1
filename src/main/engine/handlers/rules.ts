/** Attribution rules: what they claim, what a row would meet, what the cost itself suggests. */
import type { Claim, Contributor } from '../../../domain/attribution/claims.ts'
import { describeRule } from '../../../domain/attribution/describe.ts'
import { type AttributionRule, type CostAttributes, RULE_FIELDS } from '../../../domain/attribution/rule.ts'
import { tryRules } from '../../../domain/attribution/trial.ts'
import { validateRules } from '../../../domain/attribution/validate.ts'
import { sumDecimals, ZERO } from '../../../domain/decimal.ts'
import { parseNamed } from '../../../domain/escaped-keys.ts'
import { dayOf, type Month } from '../../../domain/period.ts'
import { readPastedRow } from '../../collect/files/pasted-row.ts'
import { api, type EngineState } from '../engine-state.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { refused } from '../refusals.ts'
import { customersOf, type Session } from '../session.ts'
import { share } from './cost.ts'

/** Length of the lists of tenants, services and resources in an answer. */
const LISTED = 50

const scopeOf = (session: Session, month: Month | undefined) => {
  const { currency, costBasis } = session.settings()
  return { currency, basis: costBasis, ...(month === undefined ? {} : { months: [month] }) }
}

const rulesClaims = async (session: Session, rules: readonly AttributionRule[], month: Month | undefined) => {
  const scope = scopeOf(session, month)
  const { currency } = scope
  const issues = validateRules(rules)
  const broken = issues.some(({ severity }) => severity === 'error')
  const report = await session.cube.claimsOnTrial({ ...scope, rules: broken ? [] : rules, countMax: LISTED })
  const amountOf = ({ cost }: Claim) => cost.find((money) => money.currency === currency)?.amount ?? ZERO
  const unattributed = amountOf(report.unattributed)
  const attributed = sumDecimals(report.rules.map(amountOf))
  const total = amountOf(report.total)
  const byRule = new Map(report.rules.map((rule) => [rule.ruleId, rule]))
  const contributorsOf = (list: readonly Contributor[]) =>
    list.map((each) => ({
      key: each.key,
      amount: amountOf(each),
      entries: each.entries,
      share: share(amountOf(each), total),
    }))
  return {
    currency,
    basis: scope.basis,
    rules: rules.map((rule) => {
      const claim = byRule.get(rule.id)
      const amount = claim === undefined ? ZERO : amountOf(claim)
      return {
        ruleId: rule.id,
        words: describeRule(rule),
        entries: claim?.entries ?? 0,
        amount,
        share: share(amount, total),
        tenantCount: claim?.tenantCount ?? 0,
        tenants: (claim?.tenants ?? []).map((each) => ({ tenant: each.tenant, amount: amountOf(each) })),
      }
    }),
    total,
    attributed,
    unattributed,
    unattributedShare: share(unattributed, total),
    byService: report.byService.map(({ service, whole, claimed }) => ({
      key: service,
      amount: amountOf(whole),
      attributed: amountOf(claimed),
      attributedShare: share(amountOf(claimed), amountOf(whole)),
      entries: whole.entries,
    })),
    unattributedByService: contributorsOf(report.unattributed.byService),
    unattributedByResource: contributorsOf(report.unattributed.byResource),
    issues: [...issues],
    asOf: knownTo(session),
  }
}

/** Values to suggest for each field of a rule: those that carry most cost. */
const suggestions = async (session: Session) => {
  const sets = await session.cube.costSets({ limit: 5_000 })
  const values: Record<string, Set<string>> = {}
  const add = (field: string, value: string | undefined) => {
    if (value === undefined) return
    values[field] ??= new Set()
    if (values[field].size < 200) values[field].add(value)
  }
  for (const { attributes } of sets) {
    const set = parseNamed<CostAttributes>(attributes)
    for (const field of RULE_FIELDS) add(field, set[field])
    for (const [key, value] of Object.entries(set.tags ?? {})) add(`tag:${key}`, value)
  }
  return Object.fromEntries(Object.entries(values).map(([field, found]) => [field, [...found]]))
}

const rulesOf = (session: Session, given: readonly AttributionRule[] | undefined) => {
  const rules = given ?? session.one('rules', 'rules')?.content.rules ?? []
  const issues = validateRules(rules)
  const wrong = issues.find(({ severity }) => severity === 'error')
  if (wrong !== undefined) throw refused('rules_are_wrong', `${wrong.message} Nothing was tried.`, issues)
  return rules
}

const trialOf = (
  session: Session,
  rules: readonly AttributionRule[],
  text: string,
  day: string | undefined,
) => {
  const row = readPastedRow(text)
  if ('fault' in row) throw refused('row_is_unreadable', row.fault)
  const { timeZone } = session.settings()
  const when = day ?? dayOf(row.startMs ?? session.clock.nowMs(), timeZone)
  const { attribution, rules: trials } = tryRules(rules, row.attributes, when)
  const names = new Map(rules.map(({ id, name }) => [id, name]))
  const owner = customersOf(session).find(
    ({ tenants }) => attribution !== null && tenants.includes(attribution.tenant),
  )
  const { tags = {}, ...texts } = row.attributes
  return {
    attributes: {
      ...texts,
      ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`tag:${key}`, value])),
    },
    notRead: [...row.notRead],
    day: when,
    ruleId: attribution?.ruleId ?? null,
    tenant: attribution?.tenant ?? null,
    customer: owner?.name ?? null,
    sentence:
      attribution === null
        ? `On ${when} no rule takes this row: its cost would be unattributed.`
        : `On ${when} the rule “${names.get(attribution.ruleId) ?? attribution.ruleId}” takes this row for tenant ${attribution.tenant}${owner === undefined ? ', which no customer has' : `, of ${owner.name}`}.`,
    rules: trials.map((trial) => ({ ...trial, name: names.get(trial.ruleId) ?? trial.ruleId })),
  }
}

const proposalsOf = async (session: Session, rules: readonly AttributionRule[], month: Month | undefined) => {
  const scope = scopeOf(session, month)
  const { currency } = scope
  const { total, proposals } = await session.cube.proposalsOnTrial({ ...scope, rules, countMax: LISTED })
  const amountOf = ({ cost }: Claim) => cost.find((money) => money.currency === currency)?.amount ?? ZERO
  return {
    currency,
    basis: scope.basis,
    proposals: proposals.map(({ kind, rule, claim }) => ({
      kind,
      rule,
      words: describeRule(rule),
      entries: claim.entries,
      amount: amountOf(claim),
      share: share(amountOf(claim), total),
      tenantCount: claim.tenantCount,
      tenants: claim.tenants.map((each) => ({ tenant: each.tenant, amount: amountOf(each) })),
    })),
    asOf: knownTo(session),
  }
}

export const rulesHandlers = (engine: EngineState) => ({
  get: api.rules.get.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const stored = session.one('rules', 'rules')
    return {
      rules: [...(stored?.content.rules ?? [])],
      version: stored?.version ?? 0,
      tagKeys: (await session.cube.costTagKeys({}))
        .toSorted((a, b) => b.sets - a.sets || (a.key < b.key ? -1 : 1))
        .map(({ key }) => key),
      values: await suggestions(session),
      asOf: knownTo(session),
    }
  }),
  preview: api.rules.preview.handler(async ({ input }) =>
    rulesClaims(await sessionAsOf(engine.session(), input.asOf), input.rules, input.month),
  ),
  try: api.rules.try.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    return trialOf(session, rulesOf(session, input.rules), input.row, input.day)
  }),
  propose: api.rules.propose.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    return proposalsOf(session, rulesOf(session, input.rules), input.month)
  }),
  save: api.rules.save.handler(async ({ input }) => {
    const issues = validateRules(input.rules)
    const wrong = issues.find(({ severity }) => severity === 'error')
    if (wrong !== undefined) throw refused('rules_are_wrong', `${wrong.message} Nothing was saved.`, issues)
    const [version = 0] = await engine.session().put('Attribution rules', [
      {
        kind: 'rules',
        id: 'rules',
        content: { rules: input.rules },
        expectedVersion: input.expectedVersion,
      },
    ])
    return { version }
  }),
})
