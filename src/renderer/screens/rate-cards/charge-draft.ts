/** A charge while it is being typed: text as typed, read into a charge on every key. */
import { type DecimalText, parseDecimal } from '../../../domain/decimal.ts'
import type { Issue } from '../../../domain/issue.ts'
import type { Metric } from '../../../domain/metric.ts'
import type { Charge } from '../../../domain/pricing/ratecard.ts'
import { proposeId } from '../../ui/propose-id.ts'

export interface TierDraft {
  /** Empty for the open tier at the end. */
  readonly upTo: string
  readonly unitAmount: string
}

/** All kinds in one, so that changing the kind keeps what was typed. */
export interface ChargeDraft {
  readonly id: string
  readonly kind: Charge['kind']
  readonly name: string
  readonly metric: string
  readonly amount: string
  readonly per: string
  readonly tiers: readonly TierDraft[]
}

const OPEN_TIER: TierDraft = { upTo: '', unitAmount: '0' }

/** Text that is no number stays as typed, for the validation to name. */
const asDecimal = (text: string): DecimalText => parseDecimal(text) ?? (text.trim() as DecimalText)

export const fromCharge = (charge: Charge): ChargeDraft => {
  const { id, kind, name } = charge
  const common = { id, kind, name, metric: '', amount: '', per: '1', tiers: [OPEN_TIER] }
  if (charge.kind === 'flat_fee') return { ...common, amount: charge.amount }
  if (charge.kind === 'per_unit')
    return { ...common, metric: charge.metric, per: charge.per, amount: charge.unitAmount }
  return {
    ...common,
    metric: charge.metric,
    per: charge.per,
    tiers: charge.tiers.map((tier) => ({ upTo: tier.upTo ?? '', unitAmount: tier.unitAmount })),
  }
}

export const toCharge = (draft: ChargeDraft): Charge => {
  const { id, metric } = draft
  const name = draft.name.trim()
  if (draft.kind === 'flat_fee') return { kind: 'flat_fee', id, name, amount: asDecimal(draft.amount) }
  const per = asDecimal(draft.per)
  if (draft.kind === 'per_unit')
    return { kind: 'per_unit', id, name, metric, per, unitAmount: asDecimal(draft.amount) }
  const tiers = draft.tiers.map((tier) => ({
    upTo: tier.upTo.trim() === '' ? null : asDecimal(tier.upTo),
    unitAmount: asDecimal(tier.unitAmount),
  }))
  return { kind: 'graduated', id, name, metric, per, tiers }
}

/** A new line of the grid, priced by the first metric, or a flat fee where the book measures nothing yet. */
export const newCharge = (existing: readonly ChargeDraft[], metrics: readonly Metric[]): ChargeDraft => ({
  id: proposeId(
    `charge-${existing.length + 1}`,
    existing.map((charge) => charge.id),
  ),
  kind: metrics.length === 0 ? 'flat_fee' : 'per_unit',
  name: '',
  metric: metrics[0]?.metric ?? '',
  amount: '',
  per: '1',
  tiers: [OPEN_TIER],
})

/** A tier before the open one; its edge is left for the person to say. */
export const addTier = (tiers: readonly TierDraft[]): readonly TierDraft[] => [
  ...tiers.slice(0, -1),
  { upTo: '', unitAmount: tiers.at(-1)?.unitAmount ?? '0' },
  tiers.at(-1) ?? OPEN_TIER,
]

/** `1,000,000` as a spreadsheet shows it; other commas are left for the validation to refuse. */
const ungroup = (text: string): string =>
  /^[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text

/**
 * Rows pasted from a spreadsheet as charges, in the columns name, metric, price, per. A metric may be given by
 * its id or its name; without one the row is a flat fee, without `per` the price is for one unit. A header is
 * skipped. Null where the text is not a table.
 */
export const pasteCharges = (
  text: string,
  existing: readonly ChargeDraft[],
  metrics: readonly Metric[],
): readonly ChargeDraft[] | null => {
  if (!text.includes('\t')) return null
  const rows = text
    .split(/\r?\n/)
    .map((line) => line.split('\t').map((cell) => cell.trim()))
    .filter((cells) => cells.some((cell) => cell !== ''))
  const isHeader = (cells: readonly string[]) =>
    cells[0]?.toLowerCase() === 'name' && !/\d/.test(cells[2] ?? '')
  const ids = existing.map((charge) => charge.id)
  return rows
    .filter((cells, index) => index > 0 || !isHeader(cells))
    .map((cells) => {
      const [name = '', metricText = '', price = '', per = ''] = cells
      const wanted = metricText.toLowerCase()
      const metric = metrics.find(
        (each) => each.metric.toLowerCase() === wanted || each.name.toLowerCase() === wanted,
      )
      const id = proposeId(name, ids) || proposeId('charge', ids)
      ids.push(id)
      return {
        id,
        kind: metricText === '' ? ('flat_fee' as const) : ('per_unit' as const),
        name,
        metric: metric?.metric ?? metricText,
        amount: ungroup(price),
        per: per === '' ? '1' : ungroup(per),
        tiers: [OPEN_TIER],
      }
    })
}

/** The issues of one charge, by its place in the version. */
export const issuesOfCharge = (issues: readonly Issue[], index: number): readonly Issue[] =>
  issues.filter((issue) => issue.column?.startsWith(`charges[${index}].`))

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
