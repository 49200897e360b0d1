/** Plans in words, as the screens and the command line show them. */
import { describeCondition } from '../attribution/describe.ts'
import { groupDigits } from '../pricing/format.ts'
import type { AllocationKey, AllocationStep, CostPool } from './plan.ts'

export const describePool = ({ takes, conditions }: CostPool): string => {
  const whose = {
    unattributed: 'unattributed cost',
    without_customer: 'cost of no customer',
    all: 'all cost',
  }[takes]
  return conditions.length === 0
    ? `what is left of ${whose}`
    : `${whose} whose ${conditions.map(describeCondition).join(' and ')}`
}

/** `by usage of API calls`. @param metricName how the metric is called */
export const describeKey = (key: AllocationKey, metricName: (metric: string) => string): string => {
  switch (key.kind) {
    case 'usage': {
      const by = `by usage of ${metricName(key.metric)}`
      if (key.capacity === undefined) return by
      const idle =
        key.capacity.idle === 'apart' ? 'the unused part kept apart' : 'the unused part shared as well'
      return `${by}, of a capacity of ${groupDigits(key.capacity.quantity)} a month, ${idle}`
    }
    case 'direct_cost':
      return key.withAllocated ? 'by direct cost and what earlier steps allocated' : 'by direct cost'
    case 'revenue':
      return 'by revenue'
    case 'weights':
      return `by a table of weights for ${key.weights.length === 1 ? '1 customer' : `${key.weights.length} customers`}`
    case 'evenly':
      return 'evenly between customers with cost or revenue'
    case 'fixed':
      return `by fixed shares for ${key.shares.length === 1 ? '1 customer' : `${key.shares.length} customers`}`
  }
}

/** `Takes unattributed cost whose service is "AWS Support" and splits it by direct cost.` */
export const describeStep = (step: AllocationStep, metricName: (metric: string) => string): string =>
  `Takes ${describePool(step.pool)} and splits it ${describeKey(step.key, metricName)}.`
