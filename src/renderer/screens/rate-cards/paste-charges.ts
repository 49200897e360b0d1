/** Rows of a spreadsheet pasted into the grid. */
import type { Metric } from '../../../domain/metric.ts'
import { proposeId } from '../../ui/propose-id.ts'
import { type CellDraft, type ChargeDraft, draftOf } from './charge-draft.ts'
import { NEW_PRICE, OPEN_TIER, type TierDraft } from './price-draft.ts'

/** `1,000,000` as a spreadsheet shows it; other commas are left for the validation to refuse. */
const ungroup = (text: string): string =>
  /^[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text

const isHeader = (cells: readonly string[]) =>
  cells[0]?.toLowerCase() === 'name' && !/\d/.test(cells[2] ?? '')

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
      const draft = draftOf({
        id,
        kind: metricText === '' ? 'flat_fee' : 'per_unit',
        name,
        metric: metric?.metric ?? metricText,
      })
      return {
        ...draft,
        price: { ...draft.price, amount: ungroup(price), per: per === '' ? '1' : ungroup(per) },
      }
    })
}

const OPEN_WORDS = /^(∞|inf|infinity|and above|above|beyond|rest|-|–)?$/i

/**
 * Rows pasted over a list of tiers: an edge, then one column for each member named. The last row is the open one,
 * whatever its edge says, where it is empty or a word such as "beyond"; otherwise one like it is added. A header is
 * skipped. Null where the text is not a table.
 */
export const pasteTiers = (
  text: string,
  members: readonly ('unitAmount' | 'flatAmount' | 'percent')[],
): readonly TierDraft[] | null => {
  if (!text.includes('\t')) return null
  const rows = text
    .split(/\r?\n/)
    .map((line) => line.split('\t').map((cell) => ungroup(cell.trim())))
    .filter((cells) => cells.some((cell) => /\d/.test(cell)))
  const tiers = rows.map(
    (cells): TierDraft => ({
      ...OPEN_TIER,
      upTo: OPEN_WORDS.test(cells[0] ?? '') ? '' : (cells[0] ?? ''),
      ...Object.fromEntries(members.map((member, index) => [member, cells[index + 1] ?? ''])),
    }),
  )
  const last = tiers.at(-1)
  if (last === undefined) return null
  return last.upTo === '' ? tiers : [...tiers, { ...last, upTo: '' }]
}

/**
 * Rows pasted over a matrix: one column for each dimension (empty, `*` or "any" for every value), the price, and per.
 * Null where the text is not a table.
 */
export const pasteCells = (text: string, dimensions: number): readonly CellDraft[] | null => {
  if (!text.includes('\t')) return null
  return text
    .split(/\r?\n/)
    .map((line) => line.split('\t').map((cell) => cell.trim()))
    .filter((cells) => /\d/.test(cells[dimensions] ?? ''))
    .map((cells) => ({
      values: Array.from({ length: dimensions }, (_, index) => {
        const value = cells[index] ?? ''
        return /^(\*|any)$/i.test(value) ? '' : value
      }),
      price: {
        ...NEW_PRICE,
        amount: ungroup(cells[dimensions] ?? ''),
        per: ungroup(cells[dimensions + 1] ?? '') || '1',
      },
    }))
}
