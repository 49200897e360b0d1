/** Takes what a reader gives into a batch: identity, scales, months, and what became of every row. */
import { canonicalJson, type Json } from '../../domain/canonical.ts'
import { costToUnits } from '../../domain/decimal.ts'
import type { Issue } from '../../domain/issue.ts'
import { parseQuantity } from '../../domain/quantity.ts'
import type { Appender } from '../ledger/append.ts'
import { key16 } from '../ledger/canonical-line.ts'
import { toCsvLine } from './files/csv.ts'
import type { ParsedCost, ParsedUsage, Reading, Rejected } from './files/record.ts'
import { fault, reject } from './files/rejections.ts'
import type { ScaleBook } from './metrics.ts'
import type { PostingCalendar } from './months.ts'

/** Nothing of the file was kept; the message names file, row and remedy. */
export class ImportRefusal extends Error {
  override readonly name = 'ImportRefusal'
  readonly issues: readonly Issue[]
  constructor(message: string, issues: readonly Issue[]) {
    super(message)
    this.issues = issues
  }
}

/** What a record means that has the id of an earlier one and says something else. */
export type SameId = 'conflict' | 'restate'

export interface RowOutcomes {
  added: number
  duplicate: number
  conflict: number
  quarantined: number
}

/** What one file says of one bill. */
export interface BillIntake {
  readonly bill: ParsedCost['bill']
  readonly postedMs: number | null
  /** Billed cost of the file's rows by currency, at 18 decimals, whether new or known. */
  readonly billed: Map<string, { units: bigint; rows: number }>
}

export interface Intake {
  readonly rows: RowOutcomes
  readonly bills: Map<number, BillIntake>
  readonly rejected: Rejected[]
  entriesAdded: number
  late: number
  stayed: number
}

const REJECTED_SHOWN = 100

/** The record as a small file that its reader takes again once mended. */
const rawOf = (record: ParsedUsage, header: readonly string[] | null): string =>
  typeof record.raw === 'string'
    ? record.raw
    : [...(header === null ? [] : [header]), record.raw].map((cells) => toCsvLine(cells, ',')).join('\n')

/** Takes one reading's chunks into a batch. */
export const takeIn = async (
  appender: Appender,
  reading: Reading<ParsedUsage | ParsedCost>,
  input: {
    readonly file: string
    readonly sourceNo: number
    readonly reader: string
    readonly scales: ScaleBook
    readonly calendar: PostingCalendar
    /** Whether a newer value for an id that an earlier batch posted replaces it. */
    readonly sameId: SameId
    readonly onChunk: () => void
    readonly signal: AbortSignal | undefined
  },
): Promise<Intake> => {
  const { file, sourceNo, reader, scales, calendar } = input
  const intake: Intake = {
    rows: { added: 0, duplicate: 0, conflict: 0, quarantined: 0 },
    bills: new Map(),
    rejected: [],
    entriesAdded: 0,
    late: 0,
    stayed: 0,
  }
  // One row may make several entries; it counts once, as the best that became of them.
  let row = { number: 0, outcome: null as keyof RowOutcomes | null }
  const RANK: readonly (keyof RowOutcomes)[] = ['duplicate', 'added', 'conflict', 'quarantined']
  const closeRow = () => {
    if (row.outcome !== null) intake.rows[row.outcome]++
  }
  const count = (number: number, outcome: keyof RowOutcomes) => {
    if (number !== row.number) {
      closeRow()
      row = { number, outcome }
    } else if (row.outcome === null || RANK.indexOf(outcome) > RANK.indexOf(row.outcome))
      row.outcome = outcome
  }
  const quarantine = (rejected: Rejected) => {
    appender.quarantine({ ...rejected, sourceNo, reader, file })
    if (intake.rejected.length < REJECTED_SHOWN) intake.rejected.push(rejected)
    count(rejected.row, 'quarantined')
  }

  const reversalPosting = input.sameId === 'restate' ? calendar.postedMsOf : undefined
  const takeUsage = (record: ParsedUsage): void => {
    const scale = scales.scaleFor(record.metric, record.quantityText)
    const quantity = scale === null ? 'too_many_decimals' : parseQuantity(record.quantityText, scale)
    if (scale === null || typeof quantity !== 'bigint') {
      const details = {
        value: record.quantityText,
        metric: record.metric,
        scale: scales.definitionOf(record.metric)?.scale ?? 0,
      }
      const code = quantity === 'too_large' ? 'quantity_is_too_large' : 'quantity_is_too_fine'
      quarantine(reject(file, record.row, fault(code, null, details), rawOf(record, reading.header)))
      return
    }
    const postedMs = calendar.postedMsOf(record.startMs)
    const dimensions = Object.keys(record.dimensions).length === 0 ? null : canonicalJson(record.dimensions)
    const fields = {
      sourceNo,
      tenantNo: appender.tenant(record.tenant),
      measureNo: appender.measure(record.metric, scale),
      quantity,
      startMs: record.startMs,
      endMs: record.endMs,
      postedMs,
      setNo: dimensions === null ? null : appender.attributeSet('usage', dimensions),
    }
    const origin = { record: record.raw, csvHeader: reading.header, file, row: record.row, reader }
    const outcome =
      record.identity.kind === 'id'
        ? appender.usageById(key16(record.identity.text), fields, origin, reversalPosting)
        : appender.usageByContent(
            key16(`${record.identity.part ?? ''}\0${record.identity.text}`),
            fields,
            origin,
          )
    if (outcome === 'new') {
      intake.entriesAdded++
      if (postedMs !== null) intake.late++
    }
    count(record.row, outcome === 'new' ? 'added' : outcome)
  }

  const takeCost = (record: ParsedCost): void => {
    const billNo = appender.bill(record.bill)
    const postedMs = calendar.postedMsOfMonth(record.bill.month)
    const known = intake.bills.get(billNo) ?? { bill: record.bill, postedMs, billed: new Map() }
    intake.bills.set(billNo, known)
    const sum = known.billed.get(record.currency) ?? { units: 0n, rows: 0 }
    known.billed.set(record.currency, {
      units: sum.units + costToUnits(record.billedCost),
      rows: sum.rows + 1,
    })
    const {
      startMs,
      endMs,
      currency,
      billedCost,
      effectiveCost,
      listCost,
      contractedCost,
      consumedQuantity,
    } = record
    const outcome = appender.costByContent(
      key16(record.contentText),
      {
        sourceNo,
        billNo,
        startMs,
        endMs,
        postedMs,
        currency,
        billedCost,
        effectiveCost,
        listCost,
        contractedCost,
        consumedQuantity,
        setNo: appender.attributeSet('cost', canonicalJson(record.attributes as unknown as Json)),
      },
      { record: record.raw, csvHeader: reading.header, file, row: record.row },
    )
    if (outcome === 'new') {
      intake.entriesAdded++
      if (postedMs !== null) intake.late++
    } else intake.stayed++
    count(record.row, outcome === 'new' ? 'added' : outcome)
  }

  for await (const chunk of reading.chunks) {
    input.signal?.throwIfAborted()
    for (const record of chunk)
      if (record.kind === 'usage') takeUsage(record)
      else if (record.kind === 'cost') takeCost(record)
      else quarantine(record)
    input.onChunk()
  }
  closeRow()
  if (reading.refused) throw refusal(file, reading.issues)
  return intake
}

const refusal = (file: string, issues: readonly Issue[]): ImportRefusal =>
  new ImportRefusal(
    issues.find(({ severity }) => severity === 'error')?.message ??
      `${file} could not be read; nothing was kept.`,
    issues,
  )

export const rejectedIssue = ({ code, message, row, column }: Rejected): Issue => ({
  severity: 'error',
  code,
  message,
  row,
  ...(column === null ? {} : { column }),
})
