import { describe, expect, test } from 'vitest'
import type { AllocationPlan } from '../../../../src/domain/allocation/plan.ts'
import { validatePlan } from '../../../../src/domain/allocation/validate.ts'
import type { DecimalText } from '../../../../src/domain/decimal.ts'
import { toMonth } from '../../../../src/domain/period.ts'
import {
  changedStep,
  movedStep,
  newKey,
  TEMPLATES,
  withoutStep,
  withStep,
  withWeight,
} from '../../../../src/renderer/screens/allocation/edit-plan.ts'

const empty: AllocationPlan = { from: toMonth('2026-10'), steps: [] }
const all = TEMPLATES.reduce((plan, template) => withStep(plan, template, 'calls'), empty)
const ids = (plan: AllocationPlan) => plan.steps.map(({ id }) => id)

describe('editing a plan', () => {
  test('every template makes a step without fault, with an id of its own', () => {
    const twice = TEMPLATES.slice(0, 1).reduce((plan, template) => withStep(plan, template, 'calls'), all)
    expect(ids(twice)[0]).toBe('support')
    expect(ids(twice).at(-1)).toBe('support-2')
    const names = { metrics: new Set(['calls']), customers: new Set<string>() }
    expect(validatePlan(all, names)).toEqual([])
  })

  test('steps move by one, and not beyond the ends', () => {
    const [first = '', second = ''] = ids(all)
    expect(ids(movedStep(all, 0, 1)).slice(0, 2)).toEqual([second, first])
    expect(movedStep(all, 0, -1)).toEqual(all)
    expect(movedStep(all, all.steps.length - 1, 1)).toEqual(all)
  })

  test('a step is changed or taken out by its id, others stay', () => {
    const [first, ...others] = all.steps
    if (first === undefined) throw new Error('the templates made no step')
    expect(changedStep(all, { ...first, name: 'Other' }).steps).toEqual([
      { ...first, name: 'Other' },
      ...others,
    ])
    expect(withoutStep(all, first.id).steps).toEqual(others)
  })

  test('a weight is set, changed and, emptied, taken out', () => {
    const weight = (text: string) => text as DecimalText
    const one = withWeight([], 'acme', weight('3'))
    const two = withWeight(withWeight(one, 'bolt', weight('1')), 'acme', weight('4'))
    expect(two).toEqual([
      { customerId: 'acme', weight: '4' },
      { customerId: 'bolt', weight: '1' },
    ])
    expect(withWeight(two, 'acme', null)).toEqual([{ customerId: 'bolt', weight: '1' }])
  })

  test.each([
    ['usage', { kind: 'usage', metric: 'calls' }],
    ['direct_cost', { kind: 'direct_cost', withAllocated: true }],
    ['weights', { kind: 'weights', weights: [] }],
    ['fixed', { kind: 'fixed', shares: [] }],
    ['evenly', { kind: 'evenly' }],
  ] as const)('a key by %s begins empty', (kind, key) => expect(newKey(kind, 'calls')).toEqual(key))
})
