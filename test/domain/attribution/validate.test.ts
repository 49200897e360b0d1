import { describe, expect, test } from 'vitest'
import { describeRule } from '../../../src/domain/attribution/describe.ts'
import { patternFault } from '../../../src/domain/attribution/pattern.ts'
import type { AttributionRule, RuleCondition } from '../../../src/domain/attribution/rule.ts'
import { validateRules } from '../../../src/domain/attribution/validate.ts'

const when = (field: string, operator: string, value = ''): RuleCondition =>
  ({ field, operator, value }) as RuleCondition
const rule = (
  id: string,
  conditions: readonly RuleCondition[],
  tenant: string | null = 'acme',
): AttributionRule => ({
  id,
  name: `Rule of ${id}`,
  conditions,
  target: tenant === null ? { kind: 'value' } : { kind: 'tenant', tenant },
})
const found = (...rules: readonly AttributionRule[]) =>
  validateRules(rules).map(({ severity, message, column }) => [severity, column, message])

describe('rules', () => {
  test('good rules have no issues', () => {
    expect(
      validateRules([
        rule('a', [when('tag:application', 'present')], null),
        rule('b', [when('resource_id', 'regex', '^arn:aws:[^:]+:[^:]*:[0-9]*:function:([a-z]+)-')], null),
        rule('c', [when('sub_account', 'equals', '1'), when('sub_account', 'equals', 'Production')]),
      ]),
    ).toEqual([])
  })

  test.each<[string, readonly AttributionRule[], string, string]>([
    [
      'no id',
      [rule(' ', [when('region', 'present')])],
      'rules[0].id',
      'Rule 1 "Rule of  " has no id; give it one that no other rule has.',
    ],
    [
      'an id twice',
      [rule('a', [when('region', 'equals', 'x')]), rule('a', [when('region', 'equals', 'y')])],
      'rules[1].id',
      'Rule 2 "Rule of a" has the id "a" of rule 1; give each rule its own id.',
    ],
    [
      'no conditions',
      [rule('a', [])],
      'rules[0].conditions',
      'Rule 1 "Rule of a" has no condition and would claim every cost; add at least one.',
    ],
    [
      'no tenant',
      [rule('a', [when('region', 'present')], '')],
      'rules[0].target.tenant',
      'Rule 1 "Rule of a" names no tenant; name one, or take the tenant from the first condition.',
    ],
    [
      'a tag without key',
      [rule('a', [when('tag:', 'present')])],
      'rules[0].conditions[0].field',
      'Rule 1 "Rule of a" looks at a tag without a key; write tag:application for the tag "application".',
    ],
    [
      'an unknown field',
      [rule('a', [when('account', 'present')])],
      'rules[0].conditions[0].field',
      'Rule 1 "Rule of a" looks at "account", which is no field; use a column such as service, sub_account or charge_category (docs/formats/rules.md has them all), or tag:<key>.',
    ],
    [
      'an unknown operator',
      [rule('a', [when('region', 'like', 'x')])],
      'rules[0].conditions[0].operator',
      'Rule 1 "Rule of a" compares by "like", which is no operator; use equals, prefix, regex, present, absent.',
    ],
    [
      'an empty value',
      [rule('a', [when('region', 'present'), when('sub_account', 'prefix')])],
      'rules[0].conditions[1].value',
      'Rule 1 "Rule of a" compares the sub account with nothing; give a value, or use "present" or "absent".',
    ],
    [
      'a broken pattern',
      [rule('a', [when('region', 'regex', '(')])],
      'rules[0].conditions[0].value',
      'Rule 1 "Rule of a" cannot be used: the pattern /(/ is not a regular expression: Unterminated group.',
    ],
    [
      'a slow pattern',
      [rule('a', [when('region', 'regex', '(a+)+$')])],
      'rules[0].conditions[0].value',
      'Rule 1 "Rule of a" cannot be used: the pattern /(a+)+$/ repeats a group that itself holds a repetition, as in (a+)+, which can take very long; repeat a character class instead, as in [a-z0-9-]+.',
    ],
  ])('%s', (_, rules, column, message) => {
    expect(found(...rules)).toEqual([['error', column, message]])
  })

  test('rules that are never reached or never match', () => {
    const region = when('region', 'equals', 'eu')
    const service = when('service', 'equals', 'S3')
    const message = 'Rule 2 "Rule of b" can never match: rule 1 "Rule of a" comes first and'
    expect(found(rule('a', [region, service]), rule('b', [service, region]))).toEqual([
      ['warning', 'rules[1]', `${message} has the same conditions. Move it up or remove it.`],
    ])
    expect(found(rule('a', [region]), rule('b', [service, region]))).toEqual([
      ['warning', 'rules[1]', `${message} asks for less. Move it up or remove it.`],
    ])
    expect(found(rule('a', [region, service]), rule('b', [region]))).toEqual([])
    expect(found(rule('a', [region, when('region', 'equals', 'us')]))).toEqual([
      [
        'warning',
        'rules[0]',
        'Rule 1 "Rule of a" can never match: region is "eu" and region is "us" cannot both hold.',
      ],
    ])
  })

  test('a regex with a group may pass the cost on, so a later rule is reached', () => {
    const group = when('resource_id', 'regex', 'fn-(x)?')
    expect(found(rule('a', [group], null), rule('b', [group]))).toEqual([])
    expect(found(rule('a', [group]), rule('b', [group]))).toHaveLength(1)
  })
})

describe('patterns', () => {
  test.each([
    '^prod-([a-z0-9-]+)$',
    '([0-9]{1,3}\\.){3}[0-9]{1,3}',
    '(?:dev|prod)-x',
    'a\\(b+\\)+',
    '[(+]+',
    '(?<name>[a-z]+)-',
    '^(?=.*x).*y',
    '(?:abc)+',
    '.*a.*b.*c',
    '\\(\\?',
    '[\\]+]*',
    'a{2,}',
    '{x',
  ])('%s may be used', (pattern) => expect(patternFault(pattern)).toBeNull())

  test.each([
    ['(a+)+', 'repeats a group that'],
    ['(a*)*b', 'repeats a group that'],
    ['(?:[a-z]+-)*x', 'repeats a group that'],
    ['((a+))+', 'repeats a group that'],
    ['(a{1,9}){10,}', 'repeats a group that'],
    ['(.{0,99}){0,99}', 'repeats a group that'],
    ['(a?)+', 'repeats a group that'],
    ['(a|aa)+$', 'repeats a group of'],
    ['((a|b))*', 'repeats a group of'],
    ['(a)\\1', 'refers back'],
    ['(?<n>a)\\k<n>', 'refers back'],
    ['.*.*.*.*x', 'has more than 3'],
    ['[\\s\\S]*\\w+.*\\S+', 'has more than 3'],
    ['a'.repeat(501), 'is longer than'],
    ['[', 'is not a regular'],
  ])('%s is refused', (pattern, words) => expect(patternFault(pattern)?.startsWith(words)).toBe(true))
})

describe('in words', () => {
  test.each<[AttributionRule, string]>([
    [
      rule('a', [when('tag:application', 'present'), when('region', 'equals', 'eu')], null),
      'Cost whose tag "application" is present and region is "eu" belongs to the tenant named by its tag "application".',
    ],
    [
      rule('a', [when('resource_id', 'regex', 'fn-([a-z]+)')], null),
      'Cost whose resource id matches /fn-([a-z]+)/ belongs to the tenant named by the first group of its resource id.',
    ],
    [
      rule('a', [when('resource_id', 'regex', 'fn-')], null),
      'Cost whose resource id matches /fn-/ belongs to the tenant named by its resource id.',
    ],
    [
      rule('a', [when('service', 'prefix', 'Amazon')]),
      'Cost whose service begins with "Amazon" belongs to tenant "acme".',
    ],
    [rule('a', []), 'Claims nothing: it has no condition.'],
  ])('%#', (value, words) => expect(describeRule(value)).toBe(words))
})
