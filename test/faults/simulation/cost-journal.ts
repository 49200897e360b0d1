/** The auditor's cost: an array of entries, and how many of each content of a bill stand (docs/decisions/0006). */
import { unitsAt } from './amounts.ts'
import type { Calendar } from './calendar.ts'
import { addMonths, localDay } from './local-time.ts'
import type { Bill, CostFile, CostRow } from './records.ts'

export const COST_DECIMALS = 18

export interface CostEntry {
  readonly batch: number
  readonly bill: Bill
  /** The month and the local day it counts in. */
  readonly month: string
  readonly day: string
  readonly service: string
  readonly team: string | null
  readonly currency: string
  /** At COST_DECIMALS. */
  billed: bigint
  /** Null where the provider gave none. */
  readonly effective: bigint | null
  readonly late: boolean
  readonly isReversal: boolean
}

export interface CostOutcome {
  readonly refused: boolean
  readonly added: number
  readonly stayed: number
  readonly vanished: number
  readonly late: number
  readonly rejected: readonly CostRow[]
}

export const billKey = ({ provider, account, month }: Bill): string => `${provider} ${account} ${month}`

const isEmpty = (cell: string): boolean => ['', 'NULL', 'null'].includes(cell.trim())

/** A row is known by its non-empty cells, in whatever order the columns stand. */
const contentOf = ({ cells }: CostRow): string =>
  JSON.stringify(
    Object.entries(cells)
      .filter(([, cell]) => !isEmpty(cell))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )

/** The day moved to the nearest day of the month. */
const dayWithin = (day: string, month: string): string => {
  if (day.slice(0, 7) === month) return day
  if (day < month) return `${month}-01`
  const last = new Date(Date.parse(`${addMonths(month, 1)}-01T00:00:00Z`) - 1)
  return last.toISOString().slice(0, 10)
}

export const openCostJournal = (calendar: Calendar) => {
  const entries: CostEntry[] = []
  /** Rows that stand, by bill and content; copies of a content are alike in everything. */
  const standing = new Map<string, Map<string, CostRow[]>>()

  const post = (row: CostRow, batch: number, isReversal: boolean): boolean => {
    const postedMonth = calendar.postedMonthOf(row.bill.month)
    const month = postedMonth ?? row.bill.month
    const sign = isReversal ? -1n : 1n
    if (row.billed === null) throw new Error('a row without an amount is never posted')
    entries.push({
      batch,
      bill: row.bill,
      month,
      day: dayWithin(localDay(row.startMs), month),
      service: row.service,
      team: row.team,
      currency: row.currency,
      billed: sign * unitsAt(row.billed, COST_DECIMALS),
      effective: row.effective === null ? null : sign * unitsAt(row.effective, COST_DECIMALS),
      late: postedMonth !== null,
      isReversal,
    })
    return postedMonth !== null
  }

  const standingOf = (bill: string): Map<string, CostRow[]> => {
    const found = standing.get(bill) ?? new Map<string, CostRow[]>()
    standing.set(bill, found)
    return found
  }

  const copiesIn = (rows: readonly CostRow[]): Map<string, Map<string, CostRow[]>> => {
    const bills = new Map<string, Map<string, CostRow[]>>()
    for (const row of rows) {
      const contents = bills.get(billKey(row.bill)) ?? new Map<string, CostRow[]>()
      bills.set(billKey(row.bill), contents)
      contents.set(contentOf(row), [...(contents.get(contentOf(row)) ?? []), row])
    }
    return bills
  }

  const take = (file: Pick<CostFile, 'rows'>, replaces: boolean, batch: number): CostOutcome => {
    const rejected = file.rows.filter(({ billed }) => billed === null)
    const accepted = file.rows.filter(({ billed }) => billed !== null)
    const delivered = copiesIn(accepted)
    const vanishing = [...delivered].flatMap(([bill, contents]) =>
      [...standingOf(bill)].flatMap(([content, rows]) => {
        const kept = contents.get(content)?.length ?? 0
        return replaces && rows.length > kept ? [{ bill, content, rows: rows.slice(kept), kept }] : []
      }),
    )
    if (rejected.length > 0 && vanishing.length > 0)
      return { refused: true, added: 0, stayed: 0, vanished: 0, late: 0, rejected }

    let [added, stayed, vanished, late] = [0, 0, 0, 0]
    for (const [bill, contents] of delivered)
      for (const [content, rows] of contents) {
        const before = standingOf(bill).get(content) ?? []
        stayed += Math.min(before.length, rows.length)
        const fresh = rows.slice(before.length)
        for (const row of fresh) if (post(row, batch, false)) late++
        added += fresh.length
        standingOf(bill).set(content, [...before, ...fresh])
      }
    for (const { bill, content, rows, kept } of vanishing) {
      for (const row of rows) post(row, batch, true)
      vanished += rows.length
      standingOf(bill).set(content, (standingOf(bill).get(content) ?? []).slice(0, kept))
    }
    return { refused: false, added, stayed, vanished, late, rejected }
  }

  return { entries, take }
}
