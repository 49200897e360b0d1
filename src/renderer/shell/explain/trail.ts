/** The way from a figure down to its raw record, as the drawer's breadcrumb says it. */
import type { CostScope, UsageScope } from '../../../contract/explain.ts'
import { isMonth, monthName } from '../../../domain/period.ts'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { formatDay } from './words.ts'

const usageCrumb = (scope: UsageScope): string => {
  if (scope.batchId !== undefined) return `Batch ${scope.batchId}`
  if (scope.day !== undefined) return formatDay(scope.day)
  if (scope.tenant !== undefined) return scope.tenant
  return scope.month !== undefined && isMonth(scope.month)
    ? `${scope.metric}, ${monthName(scope.month)}`
    : scope.metric
}

const costCrumb = (scope: CostScope): string => {
  const filter = scope.filters.at(-1)
  if (scope.day !== undefined) return formatDay(scope.day)
  if (filter === undefined) return 'Cost'
  return filter.values.map((value) => value ?? `no ${filter.field.replaceAll('_', ' ')}`).join(', ')
}

/** One step of the breadcrumb, in words. */
export const crumbOf = (target: ExplainTarget): string => {
  switch (target.kind) {
    case 'line':
      return `Line ${target.line}`
    case 'settlement':
      return target.line.description
    case 'usage':
      return usageCrumb(target.scope)
    case 'cost':
      return costCrumb(target.scope)
    case 'record':
      return `Record ${target.seq}`
    case 'revenue':
      return target.customerId === undefined
        ? `Revenue, ${monthName(target.month)}`
        : `Revenue of ${target.customerId}`
    case 'allocation':
      if (target.recipient !== undefined) return `Allocated to ${target.recipient.name}`
      return target.stepId === undefined ? `Allocation, ${monthName(target.month)}` : `Step ${target.stepId}`
    case 'sum':
      return target.title
  }
}

/** The scope with one more filter; a filter on the same field is replaced. */
export const narrow = (scope: CostScope, field: string, value: string | null): CostScope => ({
  ...scope,
  filters: [...scope.filters.filter((filter) => filter.field !== field), { field, values: [value] }],
})

/** The whole that a batch's part belongs to. */
export const wholeOf = (scope: UsageScope): UsageScope => {
  const { batchId: _batchId, ...whole } = scope
  return whole
}
