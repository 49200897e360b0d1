/**
 * The auditor: told every record the world made and when it was imported, says what the book must hold. Plain arrays,
 * maps and BigInt, days by Intl; it uses none of the product's code and never looks into the book.
 */
import { openCalendar } from './calendar.ts'
import { type CostOutcome, openCostJournal } from './cost-journal.ts'
import { addMonths, startOfMonth } from './local-time.ts'
import type { CostFile, CostRow, SimulatedFile, SimulatedMetric, UsageFile, UsageRow } from './records.ts'
import { openUsageJournal, type UsageEntry } from './usage-journal.ts'

/** What became of a file's rows. A row of several facts counts once, as the worst of them. */
export interface Told {
  readonly refused: boolean
  readonly added: number
  readonly duplicate: number
  readonly conflict: number
  readonly quarantined: number
  readonly entriesAdded: number
  readonly late: number
  /** Rows of bills that the file no longer has. */
  readonly vanished: number
}

/** A rejected record, once for each text and reason, however often it comes. */
export interface Quarantined {
  readonly source: string
  /** The record as the book shows it: with its header where the file had one. */
  readonly raw: string
  readonly reason: string
  readonly mended: SimulatedFile | null
  readonly mendedText: string | null
  answer: 'replayed' | 'dismissed' | null
}

const ROW_OUTCOMES = ['duplicate', 'added', 'conflict', 'quarantined'] as const
type RowOutcome = (typeof ROW_OUTCOMES)[number]

const csvCell = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
export const csvLine = (cells: readonly string[]): string => cells.map(csvCell).join(',')

/** A cost row as a file of its own. */
const costText = (row: CostRow, header: readonly string[]): string =>
  `${csvLine(header)}\n${csvLine(header.map((title) => row.cells[title] ?? ''))}`
const usageText = (row: UsageRow, header: string | null): string =>
  header === null ? row.text : `${header}\n${row.text}`

export const openAuditor = () => {
  const calendar = openCalendar()
  const usage = openUsageJournal(calendar)
  const cost = openCostJournal(calendar)
  const metrics = new Map<string, SimulatedMetric>()
  const quarantine = new Map<string, Quarantined>()
  const conflicts = new Set<string>()
  const customers = new Map<string, string>()

  const reject = (record: Omit<Quarantined, 'answer'>): void => {
    const key = JSON.stringify([record.source, record.reason, record.raw])
    if (!quarantine.has(key)) quarantine.set(key, { ...record, answer: null })
  }

  const takeUsage = (file: UsageFile, presentMs: number, batch: number): Told => {
    const counts = { added: 0, duplicate: 0, conflict: 0, quarantined: 0 }
    const [entriesBefore, lateBefore] = [
      usage.entries.length,
      usage.entries.filter(({ late }) => late).length,
    ]
    const rejectRow = (row: UsageRow, reason: string) =>
      reject({
        source: file.source,
        raw: usageText(row, file.header),
        reason,
        mended: row.mended === null ? null : { ...file, rows: [row.mended] },
        mendedText: row.mended === null ? null : usageText(row.mended, file.header),
      })
    usage.beginFile()
    for (const row of file.rows) {
      const rejection = usage.rejectionOf(row, presentMs)
      if (rejection !== null) {
        rejectRow(row, rejection)
        counts.quarantined++
        continue
      }
      let worst: RowOutcome = 'duplicate'
      for (const fact of row.facts) {
        const found = usage.take(file.source, fact, batch)
        const outcome: RowOutcome =
          found === 'new' ? 'added' : found === 'duplicate' || found === 'conflict' ? found : 'quarantined'
        if (outcome === 'quarantined') rejectRow(row, found)
        if (outcome === 'conflict') conflicts.add(JSON.stringify([file.source, usageText(row, file.header)]))
        if (ROW_OUTCOMES.indexOf(outcome) > ROW_OUTCOMES.indexOf(worst)) worst = outcome
      }
      counts[worst]++
    }
    return {
      refused: false,
      ...counts,
      entriesAdded: usage.entries.length - entriesBefore,
      late: usage.entries.filter(({ late }) => late).length - lateBefore,
      vanished: 0,
    }
  }

  const takeCost = (file: CostFile, batch: number): Told => {
    const outcome: CostOutcome = cost.take(file, file.options.delivery !== 'add', batch)
    if (!outcome.refused)
      for (const row of outcome.rejected)
        reject({
          source: file.source,
          raw: costText(row, file.header),
          reason: 'amount',
          mended: row.mended === null ? null : { ...file, options: { delivery: 'add' }, rows: [row.mended] },
          mendedText: row.mended === null ? null : costText(row.mended, file.header),
        })
    return {
      refused: outcome.refused,
      added: outcome.added,
      duplicate: outcome.stayed,
      conflict: 0,
      quarantined: outcome.rejected.length,
      entriesAdded: outcome.added,
      late: outcome.late,
      vanished: outcome.vanished,
    }
  }

  const metricsSeen = (file: SimulatedFile): void => {
    if (file.what === 'cost') return
    for (const { metric } of file.rows.flatMap(({ facts }) => facts))
      if (!metrics.has(metric)) metrics.set(metric, { metric, aggregation: 'sum', scale: 0 })
  }

  return {
    calendar,
    metrics,
    /** Which customer a tenant belongs to. */
    customers,
    usage: usage.entries,
    cost: cost.entries,
    define: (metric: SimulatedMetric): void => {
      metrics.set(metric.metric, metric)
      usage.define(metric.metric, metric.scale)
    },
    /** What the book must make of the file. A refused one changes nothing. */
    take: (file: SimulatedFile, presentMs: number, batch: number): Told => {
      metricsSeen(file)
      return file.what === 'usage' ? takeUsage(file, presentMs, batch) : takeCost(file, batch)
    },
    /** Whether a mended record is refused: it is still wrong, or says something else than one that stands. */
    wouldRefuseReplay: (file: SimulatedFile, presentMs: number): boolean => {
      if (file.what === 'cost') return file.rows.some(({ billed }) => billed === null)
      usage.beginFile()
      return file.rows.some(
        (row) =>
          usage.rejectionOf(row, presentMs) !== null ||
          row.facts.some((fact) => usage.wouldRefuse(file.source, fact)),
      )
    },
    openQuarantine: (): Quarantined[] => [...quarantine.values()].filter(({ answer }) => answer === null),
    conflicts: (): number => conflicts.size,
    /** Events that have an id and stand: what somebody may take back. */
    reversible: (): UsageEntry[] =>
      usage.entries.filter(({ id, reversed, isReversal }) => id !== null && reversed === null && !isReversal),
    /** Takes an event back. Returns when the reversal counts, where that is not the event's own time. */
    reverse: (entry: UsageEntry, batch: number): number | null => {
      const postedMonth = usage.reverse(entry, batch)
      return postedMonth === null ? null : startOfMonth(postedMonth)
    },
    /** The last month that anything counts in, at least `month`. */
    lastMonth: (month: string): string => {
      let last = month
      for (const { day } of usage.entries) if (day.slice(0, 7) > last) last = day.slice(0, 7)
      for (const entry of cost.entries) if (entry.month > last) last = entry.month
      return addMonths(last, 0)
    },
  }
}
export type Auditor = ReturnType<typeof openAuditor>
