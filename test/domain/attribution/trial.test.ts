import { describe, expect, test } from 'vitest'
import type { AttributionRule, CostAttributes } from '../../../src/domain/attribution/rule.ts'
import { tryRules } from '../../../src/domain/attribution/trial.ts'

const row: CostAttributes = {
  provider: 'AWS',
  service: 'Amazon S3',
  charge_category: 'Usage',
  tags: { app: 'shop' },
}
const rules: readonly AttributionRule[] = [
  {
    id: 'old',
    name: 'Old',
    conditions: [{ field: 'tag:app', operator: 'present', value: '' }],
    target: { kind: 'value' },
    endDay: '2026-01-01',
  },
  {
    id: 'ec2',
    name: 'EC2',
    conditions: [{ field: 'service', operator: 'equals', value: 'Amazon EC2' }],
    target: { kind: 'tenant', tenant: 'platform' },
  },
  {
    id: 'owner',
    name: 'Owner',
    conditions: [{ field: 'tag:owner', operator: 'present', value: '' }],
    target: { kind: 'value' },
  },
  {
    id: 'group',
    name: 'Group',
    conditions: [{ field: 'service', operator: 'regex', value: 'Amazon(:x)?' }],
    target: { kind: 'value' },
  },
  {
    id: 'app',
    name: 'App',
    conditions: [{ field: 'tag:app', operator: 'present', value: '' }],
    target: { kind: 'value' },
  },
  {
    id: 'rest',
    name: 'Rest',
    conditions: [{ field: 'provider', operator: 'present', value: '' }],
    target: { kind: 'tenant', tenant: 'rest' },
  },
]

describe('the test bench', () => {
  test('says which rule takes the row, and of every other why not', () => {
    const trial = tryRules(rules, row, '2026-10-15')
    expect(trial.attribution).toEqual({ ruleId: 'app', tenant: 'shop' })
    expect(trial.rules.map(({ ruleId, outcome, words }) => [ruleId, outcome, words])).toEqual([
      ['old', 'not_in_force', 'It is not in force on 2026-10-15: it holds until before 2026-01-01.'],
      ['ec2', 'does_not_match', 'It asks that service is "Amazon EC2"; the row’s service is "Amazon S3".'],
      ['owner', 'does_not_match', 'It asks that tag "owner" is present; the row has no tag "owner".'],
      [
        'group',
        'names_no_tenant',
        'All its conditions hold, but the text that would name the tenant is empty; the next rule is asked.',
      ],
      ['app', 'takes', 'It takes the row for tenant "shop".'],
      ['rest', 'comes_after', 'It would take it for tenant "rest", but rule 5 comes first.'],
    ])
  })

  test('the rule in force on the day takes it', () => {
    expect(tryRules(rules, row, '2025-12-31').attribution).toEqual({ ruleId: 'old', tenant: 'shop' })
  })

  test('where no rule takes it, there is no attribution', () => {
    expect(tryRules(rules.slice(1, 3), row, '2026-10-15').attribution).toBeNull()
  })
})
