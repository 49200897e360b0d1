import { describe, expect, test } from 'vitest'
import type { AttributionRule } from '../../../../src/domain/attribution/rule.ts'
import {
  found,
  freeId,
  moved,
  named,
  newRule,
  placed,
  unusable,
} from '../../../../src/renderer/screens/rules/edit-rules.ts'

const byTag: AttributionRule = {
  id: 'rule-1',
  name: 'Application',
  conditions: [{ field: 'tag:application', operator: 'present', value: '' }],
  target: { kind: 'value' },
}
const byService: AttributionRule = {
  id: 'rule-2',
  name: '',
  conditions: [{ field: 'service', operator: 'equals', value: 'Amazon S3' }],
  target: { kind: 'tenant', tenant: '' },
}

describe('editing attribution rules', () => {
  test('a new rule on a tag takes the tenant from it, one from a contributor asks for a tenant', () => {
    expect(newRule([], 'tag:application')).toEqual({ ...byTag, name: '' })
    expect(newRule([byTag], 'service', 'Amazon S3')).toEqual(byService)
  })

  test('an id is never given twice, also after a rule was deleted', () => {
    expect(freeId([byService])).toBe('rule-3')
    expect(freeId([byTag, byService])).toBe('rule-3')
  })

  test('moving changes places with the neighbour, and stops at the ends', () => {
    expect(moved([byTag, byService], 0, 1)).toEqual([byService, byTag])
    expect(moved([byTag, byService], 1, 1)).toEqual([byTag, byService])
    expect(moved([byTag, byService], 0, -1)).toEqual([byTag, byService])
  })

  test('a rule is put to any place, the others keep their order', () => {
    const [a, b, c] = [byTag, byService, { ...byTag, id: 'rule-3' }]
    expect(placed([a, b, c], 2, 0)).toEqual([c, a, b])
    expect(placed([a, b, c], 0, 2)).toEqual([b, c, a])
    expect(placed([a, b, c], 3, 0)).toEqual([a, b, c])
  })

  test('a rule is found by its id, its name and what it says', () => {
    expect(found([byTag, byService], '')).toEqual([0, 1])
    expect(found([byTag, byService], ' applic')).toEqual([0])
    expect(found([byTag, byService], 'AMAZON s3')).toEqual([1])
    expect(found([byTag, byService], 'rule-2')).toEqual([1])
    expect(found([byTag, byService], 'azure')).toEqual([])
  })

  test('a rule without a name goes by its number', () => {
    expect(named([byTag, byService]).map((rule) => rule.name)).toEqual(['Application', 'Rule 2'])
  })

  test('a rule that names no tenant can’t be tried yet', () => {
    expect([...unusable([byTag, byService])]).toEqual([1])
    expect([...unusable([byTag])]).toEqual([])
  })
})
