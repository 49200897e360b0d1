import { describe, expect, test } from 'vitest'
import type { CostEquation } from '../../../src/contract/cost.ts'
import { type DecimalText, sumDecimals } from '../../../src/domain/decimal.ts'
import { toMonth } from '../../../src/domain/period.ts'
import type { ExplainTarget } from '../../../src/renderer/ui/explain-context.tsx'
import {
  costTarget,
  directTarget,
  marginTarget,
  unattributedTarget,
} from '../../../src/renderer/ui/explain-margin.ts'

const text = (value: string) => value as DecimalText
const equation: CostEquation = {
  bill: text('100'),
  direct: text('70'),
  allocated: text('15'),
  idle: text('5'),
  unattributed: text('10'),
  left: text('4'),
  holds: true,
  unknownEntries: 0,
  isKnown: true,
}
const customer = { id: 'acme', name: 'Acme' }
const of = { month: toMonth('2026-10'), currency: 'USD', basis: 'billed' as const, equation }

describe('parts of a figure add up to it', () => {
  const targets = [
    directTarget(of),
    unattributedTarget(of),
    marginTarget({ ...of, revenue: text('200'), cost: text('85'), allocatedCost: text('15') }),
    marginTarget({
      ...of,
      revenue: text('20'),
      cost: text('8.5'),
      allocatedCost: text('1.5'),
      customer,
    }),
    costTarget({ ...of, cost: text('8.5'), allocatedCost: text('1.5'), customer }),
  ]
  test.each(targets.map((target) => [target?.kind === 'sum' ? target.title : 'none', target] as const))(
    '%s',
    (_, target) => {
      if (target?.kind !== 'sum') throw new Error('not a sum')
      expect(sumDecimals(target.parts.map(({ amount }) => amount))).toBe(target.total)
    },
  )

  test('a term that is nothing has no part, and what is left of nothing needs no sum', () => {
    const plain = { ...of, equation: { ...equation, allocated: text('0'), idle: text('0'), left: text('0') } }
    const direct = directTarget(plain)
    expect(direct.kind === 'sum' && direct.parts.map(({ label }) => label)).toEqual([
      'The whole bill',
      'Unattributed: no rule claims it',
    ])
    expect(unattributedTarget(plain).kind).toBe('cost')
    expect(costTarget({ ...of, cost: text('7'), allocatedCost: null, customer })?.kind).toBe('cost')
  })

  test('there is no margin to explain where revenue or cost is not known', () => {
    expect(marginTarget({ ...of, revenue: null, cost: text('1') })).toBeNull()
    expect(marginTarget({ ...of, revenue: text('1'), cost: null })).toBeNull()
  })
})

test('what a figure by a chosen basis opens is by that basis, all the way down', () => {
  const costs = (target: ExplainTarget | null): ExplainTarget[] =>
    target === null
      ? []
      : target.kind === 'sum'
        ? target.parts.flatMap((part) => costs(part.target))
        : target.kind === 'cost'
          ? [target]
          : []
  const byList = { ...of, basis: 'list' as const }
  const opened = [
    directTarget(byList),
    marginTarget({ ...byList, revenue: text('200'), cost: text('85'), allocatedCost: text('15') }),
    costTarget({ ...byList, cost: text('8.5'), allocatedCost: text('1.5'), customer }),
  ].flatMap(costs)
  expect(opened.length).toBeGreaterThan(3)
  for (const target of opened) expect(target).toMatchObject({ kind: 'cost', basis: 'list' })
})
