/** A charge while it is being typed: text as typed, read into a charge on every key (`draft-to-charge.ts`). */
import type { Issue } from '../../../domain/issue.ts'
import type { Metric } from '../../../domain/metric.ts'
import type {
  Allowance,
  CutWindow,
  FlatFeeCharge,
  Increment,
  LongWindow,
  Proration,
} from '../../../domain/pricing/ratecard.ts'
import { proposeId } from '../../ui/propose-id.ts'
import type { Kind } from './kinds.ts'
import { NEW_PRICE, type PriceDraft } from './price-draft.ts'

export interface CellDraft {
  /** One a dimension; empty for any value. */
  readonly values: readonly string[]
  readonly price: PriceDraft
}

export interface BandDraft {
  readonly name: string
  readonly from: number
  readonly to: number
  /** Empty for every day. */
  readonly weekdays: readonly number[]
  readonly price: PriceDraft
}

export interface FilterDraft {
  readonly dimension: string
  readonly values: readonly string[]
}

/** What a charge may have beside its price; empty where it has none. */
export interface ExtrasDraft {
  readonly multiplier: string
  readonly minimum: string
  readonly maximum: string
  readonly filters: readonly FilterDraft[]
  readonly convertUnit: string
  readonly convertSize: string
  readonly incrementSize: string
  readonly incrementMinimum: string
  readonly incrementOf: Increment['of']
  readonly included: string
  readonly includedPer: Allowance['per']
  readonly rollOverMonths: string
  readonly rollOverMaximum: string
  readonly pool: string
  readonly window: '' | CutWindow | LongWindow
}

/** All kinds in one, so that changing the kind keeps what was typed. */
export interface ChargeDraft extends ExtrasDraft {
  readonly id: string
  readonly kind: Kind
  readonly name: string
  readonly metric: string
  /** Of a quantity: the charge's own where its kind is one, and the price of bands' rest, levels and formulas. */
  readonly price: PriceDraft
  readonly every: '' | '1' | '3' | '6' | '12' | 'once'
  readonly timing: '' | NonNullable<FlatFeeCharge['timing']>
  readonly proration: '' | Proration
  readonly dimensions: readonly string[]
  readonly cells: readonly CellDraft[]
  readonly bands: readonly BandDraft[]
  /** Of amounts, of revenue, or the markup on cost. */
  readonly percent: string
  readonly fixedPerEvent: string
  readonly freeEvents: string
  readonly freeAmount: string
  readonly minimumPerEvent: string
  readonly maximumPerEvent: string
  readonly platformFee: string
  readonly values: 'level' | 'change'
  readonly heldFor: 'second' | 'hour' | 'day' | 'month'
  readonly dimension: string
  readonly carries: 'unit_price' | 'amount'
  readonly formula: string
  readonly unit: string
  readonly costs: 'direct' | 'direct_and_allocated'
}

const NO_EXTRAS: ExtrasDraft = {
  multiplier: '',
  minimum: '',
  maximum: '',
  filters: [],
  convertUnit: '',
  convertSize: '',
  incrementSize: '',
  incrementMinimum: '',
  incrementOf: 'period',
  included: '',
  includedPer: 'month',
  rollOverMonths: '',
  rollOverMaximum: '',
  pool: '',
  window: '',
}

export const EMPTY: ChargeDraft = {
  ...NO_EXTRAS,
  id: '',
  kind: 'flat_fee',
  name: '',
  metric: '',
  price: NEW_PRICE,
  every: '',
  timing: '',
  proration: '',
  dimensions: [''],
  cells: [{ values: [''], price: NEW_PRICE }],
  bands: [{ name: 'Nights', from: 22, to: 6, weekdays: [], price: NEW_PRICE }],
  percent: '',
  fixedPerEvent: '',
  freeEvents: '',
  freeAmount: '',
  minimumPerEvent: '',
  maximumPerEvent: '',
  platformFee: '',
  values: 'level',
  heldFor: 'hour',
  dimension: '',
  carries: 'unit_price',
  formula: '',
  unit: 'unit',
  costs: 'direct',
}

/** A draft with nothing typed: what it is of, and how it is called. */
export const draftOf = (start: Pick<ChargeDraft, 'id' | 'kind' | 'name' | 'metric'>): ChargeDraft => ({
  ...EMPTY,
  ...start,
})

/** A new line of the grid, priced by the first metric, or a flat fee where the book measures nothing yet. */
export const newCharge = (
  existing: readonly { readonly id: string }[],
  metrics: readonly Metric[],
): ChargeDraft =>
  draftOf({
    id: proposeId(
      `charge-${existing.length + 1}`,
      existing.map((charge) => charge.id),
    ),
    kind: metrics.length === 0 ? 'flat_fee' : 'per_unit',
    name: '',
    metric: metrics[0]?.metric ?? '',
  })

/** The issues of one charge, by its place in the version, with their path from the charge as column. */
export const issuesOfCharge = (issues: readonly Issue[], index: number): readonly Issue[] => {
  const start = `charges[${index}].`
  return issues.flatMap((issue) =>
    issue.column?.startsWith(start) ? [{ ...issue, column: issue.column.slice(start.length) }] : [],
  )
}

/** Ids follow the names until the card is first saved: an id stays when a charge is renamed in a later version. */
export const settleIds = (
  drafts: readonly ChargeDraft[],
  savedIds: ReadonlySet<string>,
): readonly ChargeDraft[] => {
  const taken = [...savedIds]
  return drafts.map((draft) => {
    if (savedIds.has(draft.id)) return draft
    const id = proposeId(draft.name, taken) || proposeId(draft.id, taken)
    taken.push(id)
    return { ...draft, id }
  })
}
