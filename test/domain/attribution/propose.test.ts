import { describe, expect, test } from 'vitest'
import { rule as savedRule } from '../../../src/contract/rules.ts'
import type { CostSet } from '../../../src/domain/attribution/claims.ts'
import { accountRules, parseAccountList, tallyProposals } from '../../../src/domain/attribution/propose.ts'
import type { AttributionRule, CostAttributes } from '../../../src/domain/attribution/rule.ts'
import { validateRules } from '../../../src/domain/attribution/validate.ts'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Currency } from '../../../src/domain/money.ts'

const set = (cost: string, attributes: Partial<CostAttributes>): CostSet => ({
  attributes: { provider: 'AWS', service: 'S3', charge_category: 'Usage', ...attributes },
  currency: 'USD' as Currency,
  cost: cost as DecimalText,
  entries: 1,
})
const sets = [
  set('100', { tags: { app: 'shop' }, sub_account: '1' }),
  set('40', { tags: { app: 'blog', 'aws:eks:namespace': 'blog' }, sub_account: '1' }),
  set('7', { tags: { 'aws:eks:namespace': 'kube-system' }, sub_account: '2' }),
  set('3', {}),
]

const proposeRules = (rules: readonly AttributionRule[], given: readonly CostSet[]) => {
  const tally = tallyProposals(rules)
  for (const each of given) tally.add(each)
  return tally.proposals(10)
}

describe('proposals', () => {
  test('one for each tag key, namespace and account, those that claim most first', () => {
    const found = proposeRules([], sets)
    expect(
      found.map(({ kind, rule, claim }) => [
        kind,
        rule.id,
        claim.cost[0]?.amount,
        claim.entries,
        claim.tenantCount,
      ]),
    ).toEqual([
      ['account', 'by-sub-account', '147', 3, 2],
      ['tag', 'by-app', '140', 2, 2],
      ['namespace', 'by-aws-eks-namespace', '47', 2, 2],
    ])
    expect(validateRules(found.map(({ rule }) => rule))).toEqual([])
  })

  test('count only what no rule claims yet, and take an id of their own', () => {
    const byApp: AttributionRule = {
      id: 'by-sub-account',
      name: 'App',
      conditions: [{ field: 'tag:app', operator: 'present', value: '' }],
      target: { kind: 'value' },
    }
    expect(proposeRules([byApp], sets).map(({ rule, claim }) => [rule.id, claim.cost[0]?.amount])).toEqual([
      ['by-aws-eks-namespace', '7'],
      ['by-sub-account-2', '7'],
    ])
  })

  test('of tags that differ in case or have no letters each has an id of its own that may be saved', () => {
    const long = 'k'.repeat(200)
    const found = proposeRules(
      [],
      [set('1', { tags: { App: 'a', app: 'b', '→': 'c', 'ключ 1': 'd', [long]: 'e' } })],
    )
    expect(found.map(({ rule }) => rule.id)).toEqual([
      'by-app',
      'by-app-2',
      `by-${'k'.repeat(100)}`,
      'by-tag',
      'by-ключ-1',
    ])
    expect(found.map(({ rule }) => savedRule.safeParse(rule).success)).toEqual([true, true, true, true, true])
  })

  test('a pasted list of accounts is a rule each', () => {
    const { lines, faults } = parseAccountList(
      '111, acme\n\n222;globex\n333\n111,other\n111\tacme\n1.23457E+11,acme',
    )
    expect(faults).toEqual([
      'Line 4: “333” is not an account, a comma and a tenant.',
      'Line 5: account 111 already belongs to “acme” above.',
      'Line 7: 1.23457E+11 is a number that a spreadsheet has shortened; format the column as text and copy it again.',
    ])
    const rules = accountRules(lines, [])
    expect(rules.map(({ id, conditions, target }) => [id, conditions[0]?.value, target])).toEqual([
      ['by-account-111', '111', { kind: 'tenant', tenant: 'acme' }],
      ['by-account-222', '222', { kind: 'tenant', tenant: 'globex' }],
    ])
    expect(validateRules(rules)).toEqual([])
  })
})
