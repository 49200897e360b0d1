import type { Issue } from '../../../domain/issue.ts'
import type { Metric } from '../../../domain/metric.ts'
import type { ChargeDraft } from './charge-draft.ts'

/** What every form of a charge is given. */
export interface FormProps {
  readonly draft: ChargeDraft
  /** Place in the grid, counted from 1. */
  readonly number: number
  readonly metrics: readonly Metric[]
  readonly currency: string
  /** Of this charge; their columns are paths from it. */
  readonly issues: readonly Issue[]
  readonly onChange: (change: Partial<ChargeDraft>) => void
}
