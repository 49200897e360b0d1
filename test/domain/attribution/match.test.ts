import { describe, expect, test } from 'vitest'
import { compileRules, ruleSpans } from '../../../src/domain/attribution/match.ts'
import type {
  AttributionRule,
  CostAttributes,
  RuleCondition,
  RuleTarget,
} from '../../../src/domain/attribution/rule.ts'

const DAY = '2026-10-15'
const base: CostAttributes = {
  provider: 'AWS',
  service: 'AWS Lambda',
  charge_category: 'Usage',
  billing_account: '111',
  billing_account_name: 'Payer',
  sub_account: '222',
  sub_account_name: 'Production',
  region: 'eu-west-1',
  resource_id: 'arn:aws:lambda:eu-west-1:222:function:tenant-acme-api',
  tags: { application: 'shop', empty: '' },
}
const rule = (
  id: string,
  conditions: readonly RuleCondition[],
  target: RuleTarget = { kind: 'value' },
): AttributionRule => ({
  id,
  name: id,
  conditions,
  target,
})
const when = (
  field: RuleCondition['field'],
  operator: RuleCondition['operator'],
  value = '',
): RuleCondition => ({
  field,
  operator,
  value,
})

describe('one condition', () => {
  test.each<[RuleCondition, string | null]>([
    [when('provider', 'equals', 'AWS'), 'AWS'],
    [when('provider', 'equals', 'aws'), null],
    [when('service', 'prefix', 'AWS '), 'AWS Lambda'],
    [when('service', 'prefix', 'Lambda'), null],
    [when('billing_account', 'equals', '111'), '111'],
    [when('billing_account', 'equals', 'Payer'), 'Payer'],
    [when('billing_account', 'present'), '111'],
    [when('sub_account', 'equals', '222'), '222'],
    [when('sub_account', 'prefix', 'Prod'), 'Production'],
    [when('sub_account', 'regex', '^[a-zA-Z]+$'), 'Production'],
    [when('region', 'regex', '^eu-'), 'eu-west-1'],
    [when('region', 'regex', 'us-'), null],
    [when('resource_id', 'regex', ':function:tenant-([a-z]+)-'), 'acme'],
    [when('resource_id', 'regex', ':function:(?:tenant|user)-'), base.resource_id ?? ''],
    [when('resource_id', 'regex', 'lambda(x)?'), null],
    [when('tag:application', 'present'), 'shop'],
    [when('tag:application', 'equals', 'shop'), 'shop'],
    [when('tag:Application', 'present'), null],
    [when('tag:empty', 'present'), null],
    [when('tag:constructor', 'present'), null],
    [when('tag:toString', 'regex', '.'), null],
    [when('charge_category', 'equals', 'Usage'), 'Usage'],
    [when('commitment_discount_status', 'present'), null],
  ])('%j gives %s', (condition, tenant) => {
    expect(compileRules([rule('r', [condition])])(base, DAY)).toEqual(
      tenant === null ? null : { ruleId: 'r', tenant },
    )
  })
})

describe('several', () => {
  test('all conditions must hold', () => {
    const rules = (region: string) => [
      rule('r', [when('tag:application', 'present'), when('region', 'equals', region)], {
        kind: 'tenant',
        tenant: 'shop',
      }),
    ]
    expect(compileRules(rules('eu-west-1'))(base, DAY)).toEqual({ ruleId: 'r', tenant: 'shop' })
    expect(compileRules(rules('us-east-1'))(base, DAY)).toBeNull()
  })

  test('the first rule that matches wins', () => {
    const attribute = compileRules([
      rule('never', [when('provider', 'equals', 'GCP')]),
      rule('first', [when('provider', 'equals', 'AWS')], { kind: 'tenant', tenant: 'one' }),
      rule('second', [when('provider', 'equals', 'AWS')], { kind: 'tenant', tenant: 'two' }),
    ])
    expect(attribute(base, DAY)).toEqual({ ruleId: 'first', tenant: 'one' })
  })

  test('a group that finds nothing passes the cost on', () => {
    const attribute = compileRules([
      rule('group', [when('resource_id', 'regex', 'function(:other)?')]),
      rule('rest', [when('provider', 'present')], { kind: 'tenant', tenant: 'rest' }),
    ])
    expect(attribute(base, DAY)).toEqual({ ruleId: 'rest', tenant: 'rest' })
  })

  test('no rules, and a rule without conditions, claim nothing', () => {
    expect(compileRules([])(base, DAY)).toBeNull()
    expect(compileRules([rule('r', [], { kind: 'tenant', tenant: 'all' })])(base, DAY)).toBeNull()
  })

  test('entries without tags have no tag', () => {
    const { tags: _, ...untagged } = base
    expect(compileRules([rule('r', [when('tag:application', 'present')])])(untagged, DAY)).toBeNull()
  })
})

describe('dated rules', () => {
  const to = (tenant: string): RuleTarget => ({ kind: 'tenant', tenant })
  const aws = [when('provider', 'equals', 'AWS')]
  const dated = (
    startDay: string | undefined,
    endDay: string | undefined,
    tenant: string,
  ): AttributionRule => ({
    ...rule(tenant, aws, to(tenant)),
    startDay,
    endDay,
  })

  test.each<[string, string | null]>([
    // day of service, tenant
    ['2026-03-31', 'old'],
    ['2026-04-01', 'new'],
    ['2026-06-30', 'new'],
    ['2026-07-01', 'rest'],
    ['2031-01-01', 'rest'],
  ])('on %s the rule in force takes the cost: %s', (day, tenant) => {
    const attribute = compileRules([
      dated(undefined, '2026-04-01', 'old'),
      dated('2026-04-01', '2026-07-01', 'new'),
      rule('rest', aws, to('rest')),
    ])
    expect(attribute(base, day)?.tenant ?? null).toBe(tenant)
  })

  test('spans cover all time once, and rules without days are one span', () => {
    expect(ruleSpans([rule('r', aws)]).map(({ startDay, endDay }) => [startDay, endDay])).toEqual([
      [null, null],
    ])
    const spans = ruleSpans([dated('2026-02-01', '2026-03-01', 'a'), dated('2026-03-01', undefined, 'b')])
    expect(spans.map(({ startDay, endDay, rules }) => [startDay, endDay, rules.map(({ id }) => id)])).toEqual(
      [
        [null, '2026-02-01', []],
        ['2026-02-01', '2026-03-01', ['a']],
        ['2026-03-01', null, ['b']],
      ],
    )
  })

  test('absence is a condition', () => {
    const untagged = rule('untagged', [when('tag:owner', 'absent')], to('nobody'))
    expect(compileRules([untagged])(base, DAY)?.tenant).toBe('nobody')
    expect(compileRules([rule('r', [when('tag:application', 'absent')], to('x'))])(base, DAY)).toBeNull()
    expect(compileRules([rule('r', [when('tag:empty', 'absent')], to('x'))])(base, DAY)?.tenant).toBe('x')
  })
})
