import { expect, test } from 'vitest'
import { floatingBars } from '../../../../src/renderer/screens/cost/floating.ts'
import type { WaterfallStep } from '../../../../src/renderer/screens/cost/types.ts'

const step = (kind: WaterfallStep['kind'], amount: string) =>
  ({ key: `${kind} ${amount}`, label: kind, kind, amount, rules: [] }) as unknown as WaterfallStep
const spans = (...steps: WaterfallStep[]) => floatingBars(steps).map(({ kind, from, to }) => [kind, from, to])

test('each step begins where the one before ended; list, net and margin stand on zero', () => {
  expect(
    spans(
      step('list', '100.10'),
      step('discount', '-10.05'),
      step('true_up', '4.95'),
      step('net', '95'),
      step('cost', '-60.5'),
      step('cost', '-40'),
      step('margin', '-5.5'),
    ),
  ).toEqual([
    ['list', '0', '100.1'],
    ['discount', '100.1', '90.05'],
    ['true_up', '90.05', '95'],
    ['net', '0', '95'],
    ['cost', '95', '34.5'],
    ['cost', '34.5', '-5.5'],
    ['margin', '0', '-5.5'],
  ])
})

test('cost without revenue hangs below zero', () => {
  expect(spans(step('cost', '-3'), step('cost', '-2'))).toEqual([
    ['cost', '0', '-3'],
    ['cost', '-3', '-5'],
  ])
})
