import { describe, expect, test } from 'vitest'
import type { AllocationPlan } from '../../../../src/domain/allocation/plan.ts'
import { validatePlan } from '../../../../src/domain/allocation/validate.ts'
import type { DecimalText } from '../../../../src/domain/decimal.ts'
import { toMonth } from '../../../../src/domain/period.ts'
import {
  changedStep,
  movedStep,
  newKey,
  parseWeight,
  parseWeightList,
  placedStep,
  TEMPLATES,
  templatesFor,
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

  test('a step is put to any place, the others keep their order', () => {
    const [first = '', ...others] = ids(all)
    expect(ids(placedStep(all, 0, all.steps.length - 1))).toEqual([...others, first])
    expect(ids(placedStep(placedStep(all, 0, 3), 3, 0))).toEqual(ids(all))
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

describe('weights as people write them', () => {
  test.each<[string, string | null]>([
    ['12', '12'],
    [' 0.5 ', '0.5'],
    ['1,234.5', '1234.5'],
    ['1,234,567', '1234567'],
    // A comma for the point would be ten times too much where it were left out.
    ['33,3', null],
    ['0,25', null],
    ['1,2345', null],
    ['-1', null],
    ['many', null],
    ['', null],
  ])('“%s” is %s', (text, number) => expect(parseWeight(text)).toBe(number))

  const customers = [
    { id: 'acme', name: 'Acme, Inc.' },
    { id: 'globex', name: 'Globex' },
    { id: 'globex-2', name: 'globex' },
    { id: '0042', name: 'Initech' },
  ]
  test('a pasted list names customers by name or id', () => {
    expect(parseWeightList('Acme, Inc., 12\n\nglobex-2;0.5\r\n0042\t1,234', customers)).toEqual({
      table: [
        { customerId: 'acme', weight: '12' },
        { customerId: 'globex-2', weight: '0.5' },
        { customerId: '0042', weight: '1234' },
      ],
      faults: [],
    })
  })

  test('what cannot be read is named by its line', () => {
    expect(parseWeightList('Customer,Heads\nGlobex,1\nUmbra,2\nacme,1\nACME, INC.,2', customers)).toEqual({
      table: [{ customerId: 'acme', weight: '1' }],
      faults: [
        'Line 1: “Customer,Heads” is not a customer, a comma and a number of zero or more.',
        'Line 2: 2 customers are called “Globex”; write the id of the one you mean.',
        'Line 3: the book has no customer “Umbra”.',
        'Line 5: “ACME, INC.” is named twice; keep one of the two.',
      ],
    })
  })
})

test('untagged cost is a pool by the tag that most cost has', () => {
  const untagged = templatesFor('team').find(({ name }) => name.startsWith('Untagged'))
  expect(untagged?.pool).toEqual({
    takes: 'unattributed',
    conditions: [{ field: 'tag:team', operator: 'absent', value: '' }],
  })
  expect(templatesFor(undefined).some(({ name }) => name.startsWith('Untagged'))).toBe(false)
})
