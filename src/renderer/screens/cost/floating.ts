import { Decimal, type DecimalText, toDecimalText } from '../../../domain/decimal.ts'
import type { WaterfallStep } from './types.ts'

export interface FloatingBar {
  readonly key: string
  readonly label: string
  readonly kind: WaterfallStep['kind']
  readonly amount: DecimalText
  /** Where the bar begins and ends: a step down ends below its begin, a sum stands on zero. */
  readonly from: DecimalText
  readonly to: DecimalText
}

/** Sums of what came before; all others are steps. */
const SUMS: readonly WaterfallStep['kind'][] = ['list', 'net', 'margin']

/** Where each bar of the waterfall floats. Exact. */
export const floatingBars = (steps: readonly WaterfallStep[]): FloatingBar[] => {
  let level = new Decimal(0)
  return steps.map(({ key, label, kind, amount }) => {
    const from = SUMS.includes(kind) ? new Decimal(0) : level
    level = from.plus(amount)
    return { key, label, kind, amount, from: toDecimalText(from), to: toDecimalText(level) }
  })
}
