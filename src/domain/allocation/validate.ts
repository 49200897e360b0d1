/** Checks a plan before it is saved. */
import { conditionFault } from '../attribution/validate.ts'
import { Decimal, sumDecimals } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import type { AllocationPlan, AllocationStep, CustomerWeight } from './plan.ts'

/** What a plan may name. */
export interface PlanNames {
  readonly metrics: ReadonlySet<string>
  readonly customers: ReadonlySet<string>
}

const named = (step: AllocationStep, index: number): string =>
  `Step ${index + 1}${step.name.trim() === '' ? '' : ` "${step.name}"`}`

/**
 * Everything that is wrong with the plan, in the order of its steps. Errors must be mended before it is saved; warnings
 * name what is allowed and probably not meant. `column` is the JSON path from the plan's root.
 */
export const validatePlan = (plan: AllocationPlan, names: PlanNames): readonly Issue[] => {
  const firstWithId = new Map<string, number>()
  return plan.steps.flatMap((step, index) => {
    const path = `steps[${index}]`
    const issues: Issue[] = []
    const say = (severity: Issue['severity'], code: string, message: string, column: string) =>
      issues.push({
        severity,
        code,
        message: `${named(step, index)} ${message}`,
        column: `${path}.${column}`,
      })
    const earlier = firstWithId.get(step.id)
    if (earlier !== undefined)
      say(
        'error',
        'step_id_is_used_twice',
        `has the id "${step.id}" of step ${earlier + 1}; give each step its own id.`,
        'id',
      )
    else firstWithId.set(step.id, index)
    step.pool.conditions.forEach((condition, position) => {
      const fault = conditionFault(condition)
      if (fault !== null)
        say('error', fault.code, fault.message, `pool.conditions[${position}].${fault.member}`)
    })
    if (step.pool.takes === 'all' && step.pool.conditions.length === 0)
      say(
        'error',
        'pool_takes_everything',
        'would take the whole bill from everyone; give its pool a condition, or let it take only what is unattributed.',
        'pool.conditions',
      )
    const before = plan.steps.findIndex(
      ({ pool }, position) =>
        position < index &&
        pool.conditions.length === 0 &&
        (pool.takes !== 'unattributed' || step.pool.takes === 'unattributed') &&
        pool.takes !== 'all' &&
        step.pool.takes !== 'all',
    )
    if (before >= 0)
      say(
        'warning',
        'pool_is_never_reached',
        `takes nothing: step ${before + 1} before it takes all that is left. Move it up.`,
        'pool',
      )
    for (const [code, message, column] of keyFaults(step)) say('error', code, message, column)
    if (step.key.kind === 'usage' && !names.metrics.has(step.key.metric))
      say(
        'error',
        'metric_is_unknown',
        step.key.metric === ''
          ? 'names no metric; choose what its pool is split by.'
          : `is split by "${step.key.metric}", which is no metric of this book.`,
        'key.metric',
      )
    for (const { customerId } of tableOf(step))
      if (!names.customers.has(customerId))
        say(
          'error',
          'customer_is_unknown',
          `names the customer "${customerId}", whom the book does not have.`,
          'key',
        )
    return issues
  })
}

const tableOf = ({ key }: AllocationStep): readonly CustomerWeight[] =>
  key.kind === 'weights' ? key.weights : key.kind === 'fixed' ? key.shares : []

const keyFaults = (
  step: AllocationStep,
): readonly (readonly [code: string, message: string, column: string])[] => {
  const { key } = step
  const table = tableOf(step)
  const ids = table.map(({ customerId }) => customerId)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  const negative = table.find(({ weight }) => new Decimal(weight).isNegative())
  const faults: (readonly [string, string, string])[] = []
  if (twice !== undefined)
    faults.push([
      'customer_is_named_twice',
      `names the customer "${twice}" twice; keep one of the two.`,
      'key',
    ])
  if (negative !== undefined)
    faults.push([
      'weight_is_negative',
      `gives "${negative.customerId}" the weight ${negative.weight}; a weight is zero or more.`,
      'key',
    ])
  if (key.kind === 'weights' && !table.some(({ weight }) => new Decimal(weight).gt(0)))
    faults.push([
      'no_weight',
      'has no weight above zero, so that its pool could go to nobody; give at least one customer a weight.',
      'key.weights',
    ])
  if (key.kind === 'fixed') {
    const sum = sumDecimals(key.shares.map(({ weight }) => weight))
    if (sum !== '100')
      faults.push([
        'shares_are_not_a_hundred',
        `has shares that add up to ${sum} %; they must add up to 100.`,
        'key.shares',
      ])
  }
  if (key.kind === 'usage' && key.capacity !== undefined && !new Decimal(key.capacity.quantity).gt(0))
    faults.push([
      'capacity_is_not_positive',
      'has no capacity; write how many units the pool could serve in a month.',
      'key.capacity.quantity',
    ])
  return faults
}
