/** The Cost & margin screen's state in the URL. */
import { z } from 'zod'
import { month as monthText } from '../../../contract/common.ts'
import { costBasis, costField } from '../../../contract/cost.ts'

export const costSearch = z.object({
  tab: z.enum(['margin', 'allocation', 'serve', 'slice']).default('margin'),
  /** What cost is counted by; as the book says without it. */
  basis: costBasis.optional(),
  /** Of the cost to serve. */
  metric: z.string().optional(),
  services: z.array(z.string()).max(100).optional(),
  by: costField.default('service'),
  group: z.array(costField).max(2).default(['service']),
  grain: z.enum(['day', 'month']).default('month'),
  from: monthText.optional(),
  to: monthText.optional(),
  filters: z
    .array(z.object({ field: costField, values: z.array(z.string().nullable()).min(1).max(1000) }))
    .max(20)
    .default([]),
})
export type CostSearch = z.output<typeof costSearch>
