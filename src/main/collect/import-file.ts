/**
 * One file into the ledger as one batch: read, identified, deduplicated, and for cost compared with what an
 * older delivery of the same bill said. All of it is committed together or none of it.
 */
import type { ImportResult } from '../../contract/book.ts'
import { canonicalJson, type Json } from '../../domain/canonical.ts'
import { costFromUnits, costToUnits, integerToDecimal } from '../../domain/decimal.ts'
import type { Issue } from '../../domain/issue.ts'
import type { Metric } from '../../domain/metric.ts'
import type { Currency } from '../../domain/money.ts'
import type { Month } from '../../domain/period.ts'
import { parseQuantity } from '../../domain/quantity.ts'
import { type Appender, appendBatch } from '../ledger/append.ts'
import { key16 } from '../ledger/canonical-line.ts'
import type { WritingLedger } from '../ledger/open.ts'
import { listMeasures } from '../ledger/read-totals.ts'
import { toCsvLine } from './files/csv.ts'
import { openFile, type TextSource, textSource } from './files/open-file.ts'
import type { ParsedCost, ParsedUsage, Reading, Rejected } from './files/record.ts'
import { fault, reject } from './files/rejections.ts'
import { openScales, type ScaleBook } from './metrics.ts'
import { openPostingCalendar, type PostingCalendar } from './months.ts'
import { choiceText, type ReaderChoice, startReading } from './readers.ts'

/** Nothing of the file was kept; the message names file, row and remedy. */
export class ImportRefusal extends Error {
  override readonly name = 'ImportRefusal'
  readonly issues: readonly Issue[]
  constructor(message: string, issues: readonly Issue[]) {
    super(message)
    this.issues = issues
  }
}

/** What an import must know of the book. */
export interface ImportContext {
  readonly author: string
  readonly nowMs: number
  readonly timeZone: string
  readonly currency: Currency
  readonly closedMonths: readonly Month[]
  /** The book's definitions, and those of the request. */
  readonly metrics: readonly Metric[]
  /** Metrics that have no document in the book yet; those met are defined in the import's own batch. */
  readonly undefinedMetrics: readonly Metric[]
  readonly measures: readonly { readonly metric: string; readonly scale: number }[]
}

export interface ImportRequest {
  readonly path: string
  readonly name: string
  readonly source: string
  readonly choice: ReaderChoice
  readonly delivery: 'restate' | 'add'
}

type Progress = (bytesRead: number, bytesTotal: number, text: string) => void

interface RowOutcomes {
  added: number
  duplicate: number
  conflict: number
  quarantined: number
}

/** What one file says of one bill. */
interface BillIntake {
  readonly bill: ParsedCost['bill']
  readonly postedMs: number | null
  /** Billed cost of the file's rows by currency, at 18 decimals, whether new or known. */
  readonly billed: Map<string, { units: bigint; rows: number }>
}

interface Intake {
  readonly rows: RowOutcomes
  readonly bills: Map<number, BillIntake>
  readonly rejected: Rejected[]
  entriesAdded: number
  late: number
  stayed: number
}

const REJECTED_SHOWN = 100

const sourceKind = (choice: ReaderChoice): string => (choice.kind === 'focus' ? 'cost' : 'usage')

/** The record as a small file that its reader takes again once mended. */
const rawOf = (record: ParsedUsage, header: readonly string[] | null): string =>
  typeof record.raw === 'string'
    ? record.raw
    : [...(header === null ? [] : [header]), record.raw].map((cells) => toCsvLine(cells, ',')).join('\n')

/** Takes one reading's chunks into a batch. */
const takeIn = async (
  appender: Appender,
  reading: Reading<ParsedUsage | ParsedCost>,
  input: {
    readonly file: string
    readonly sourceNo: number
    readonly reader: string
    readonly scales: ScaleBook
    readonly calendar: PostingCalendar
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
    const origin = { record: record.raw, csvHeader: reading.header, file, row: record.row }
    const outcome =
      record.identity.kind === 'id'
        ? appender.usageById(key16(record.identity.text), fields, origin)
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

/**
 * Reverses what the newer delivery no longer has. A delivery with rows that could not be read can't tell what
 * was withdrawn from what was spoilt, so it is refused whole.
 */
const restate = (appender: Appender, file: string, intake: Intake, issues: readonly Issue[]): number => {
  let vanished = 0
  for (const [billNo, { postedMs }] of intake.bills) {
    for (const entry of appender.vanished(billNo)) {
      if (intake.rows.quarantined > 0 || issues.some(({ severity }) => severity === 'error'))
        throw new ImportRefusal(
          `${file} is a newer delivery of a bill the ledger has, and ${
            intake.rows.quarantined > 0
              ? `${intake.rows.quarantined} of its rows cannot be read`
              : 'it is damaged'
          }; what is missing from it can’t be told from what the provider withdrew. Nothing was changed. Mend or download the file again and import it whole${
            intake.rejected[0] === undefined ? '' : `: ${intake.rejected[0].message}`
          }`,
          [...issues, ...intake.rejected.map(rejectedIssue)],
        )
      appender.reverseCost(entry.seq, postedMs)
      vanished++
    }
  }
  return vanished
}

const rejectedIssue = ({ code, message, row, column }: Rejected): Issue => ({
  severity: 'error',
  code,
  message,
  row,
  ...(column === null ? {} : { column }),
})

const counted = (count: number, one: string, many = `${one}s`) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

const sentenceOf = (file: string, result: Omit<ImportResult, 'sentence'>): string => {
  const parts = [
    `${counted(result.added, 'row')} added`,
    ...(result.duplicate > 0 ? [`${result.duplicate.toLocaleString('en')} already there`] : []),
    ...(result.conflict > 0 ? [`${counted(result.conflict, 'conflict')} kept aside`] : []),
    ...(result.quarantined > 0 ? [`${result.quarantined.toLocaleString('en')} quarantined`] : []),
  ]
  const { restated } = result
  const newer =
    restated === null
      ? ''
      : ` A newer delivery of bills the ledger had: ${counted(restated.stayed, 'entry', 'entries')} stayed, ${restated.vanished.toLocaleString('en')} vanished and reversed, ${restated.added.toLocaleString('en')} new.`
  const late =
    result.late > 0
      ? ` ${counted(result.late, 'entry', 'entries')} of closed months count as adjustments in the next open one.`
      : ''
  return `${file}: ${counted(result.rows, 'row')} read, ${parts.join(', ')}.${newer}${late}`
}

/** The id under which the file's own sum of a bill is kept. */
export const billFileId = (
  provider: string,
  billingAccount: string,
  month: string,
  currency: string,
): string => JSON.stringify([provider, billingAccount, month, currency])

/**
 * Keeps what the newest file sums a bill to, to be compared with the ledger. A file that only adds to a bill
 * doesn't know the bill's whole, so its sum is kept as unknown.
 */
const keepFileTotals = (
  appender: Appender,
  request: Pick<ImportRequest, 'name' | 'delivery'>,
  intake: Intake,
): void => {
  for (const { bill, billed } of intake.bills.values())
    for (const [currency, { units, rows }] of billed)
      appender.document(
        'bill_file',
        billFileId(bill.provider, bill.billingAccount, bill.month, currency),
        canonicalJson({
          file: request.name,
          rows,
          billed: request.delivery === 'add' ? null : costFromUnits(units),
        }),
        null,
      )
}

const defineMetrics = (appender: Appender, scales: ScaleBook, context: ImportContext): void => {
  const undefinedYet = [...context.undefinedMetrics, ...scales.proposed()]
  for (const metric of new Map(undefinedYet.map((each) => [each.metric, each])).values())
    appender.document('metric', metric.metric, canonicalJson(metric as unknown as Json), 0)
}

/**
 * Imports a file as one batch.
 * @throws ImportRefusal where nothing of it may be kept; LedgerRefusal; the signal's reason.
 */
export const importFile = async (
  ledger: WritingLedger,
  request: ImportRequest,
  context: ImportContext,
  progress: Progress,
  signal?: AbortSignal,
): Promise<ImportResult> => {
  const file = await openFile(request.path, {
    name: request.name,
    ...(signal === undefined ? {} : { signal }),
  })
  const { intake, reading, vanished, restated, summary } = await importSource(
    ledger,
    file,
    { ...request, fileSha256: () => file.sha256() },
    context,
    () => progress(file.bytesRead(), file.bytesTotal, `Reading ${request.name}`),
    signal,
  )
  const measures = new Map(listMeasures(ledger).map((measure) => [measure.measureNo, measure]))
  const byMetric = new Map<string, { events: number; quantity: bigint; scale: number }>()
  for (const [no, sum] of summary.control.usage) {
    const measure = measures.get(no)
    if (measure === undefined) throw new Error(`measure ${no} is in a batch but not in the ledger`)
    const before = byMetric.get(measure.metric)
    const scale = Math.max(measure.scale, before?.scale ?? 0)
    const raise = (value: bigint, from: number) => value * 10n ** BigInt(scale - from)
    byMetric.set(measure.metric, {
      events: sum.events + (before?.events ?? 0),
      quantity: raise(sum.quantity, measure.scale) + raise(before?.quantity ?? 0n, before?.scale ?? scale),
      scale,
    })
  }
  const result = {
    batchId: summary.batchId,
    file: request.name,
    rows: intake.rows.added + intake.rows.duplicate + intake.rows.conflict + intake.rows.quarantined,
    ...intake.rows,
    entriesAdded: intake.entriesAdded,
    restated: restated ? { stayed: intake.stayed, vanished, added: intake.entriesAdded } : null,
    late: intake.late,
    currencies: [...summary.control.cost].map(([currency, sum]) => ({
      currency,
      billed: costFromUnits(sum.billed),
      effective: costFromUnits(sum.effective),
    })),
    metrics: [...byMetric].map(([metric, sum]) => ({
      metric,
      events: sum.events,
      quantity: integerToDecimal(sum.quantity, sum.scale),
    })),
    issues: [...reading.issues, ...intake.rejected.map(rejectedIssue)],
  }
  return { ...result, sentence: sentenceOf(request.name, result) }
}

const importSource = async (
  ledger: WritingLedger,
  source: TextSource,
  request: Omit<ImportRequest, 'path'> & { readonly fileSha256: () => string | null },
  context: ImportContext,
  onChunk: () => void,
  signal: AbortSignal | undefined,
) => {
  const reading = startReading(source, request.choice, context)
  const scales = openScales([...context.metrics, ...context.undefinedMetrics], context.measures)
  const calendar = openPostingCalendar(context.timeZone, new Set(context.closedMonths))
  let intake: Intake | null = null
  let vanished = 0
  let restated = false
  const header = {
    kind: 'import' as const,
    title: request.name,
    author: context.author,
    recordedMs: context.nowMs,
    // Known only once the file was read to its end; read when the batch is finished.
    get fileSha256() {
      return request.fileSha256()
    },
  }
  const summary = await appendBatch(
    ledger,
    header,
    async (appender) => {
      const sourceNo = appender.source(request.source, sourceKind(request.choice))
      intake = await takeIn(appender, reading, {
        file: request.name,
        sourceNo,
        reader: choiceText(request.choice),
        scales,
        calendar,
        onChunk,
        signal,
      })
      if (request.delivery === 'restate') {
        vanished = restate(appender, request.name, intake, reading.issues)
        restated = intake.bills.size > 0 && (vanished > 0 || (intake.stayed > 0 && intake.entriesAdded > 0))
      }
      keepFileTotals(appender, request, intake)
      defineMetrics(appender, scales, context)
    },
    { signal },
  )
  if (intake === null) throw new Error('the batch was committed without having been written')
  return { intake: intake as Intake, reading, vanished, restated, summary }
}

/**
 * Reads a mended record again and answers the quarantine with it, in one batch.
 * @throws ImportRefusal where it is still wrong, in the same words; nothing is changed then.
 */
export const replayRecord = async (
  ledger: WritingLedger,
  request: {
    readonly quarantineSeq: number
    readonly raw: string
    readonly file: string
    readonly source: string
    readonly choice: ReaderChoice
  },
  context: ImportContext,
): Promise<{ readonly batchId: number; readonly sentence: string }> => {
  const reading = startReading(textSource(request.file, request.raw), request.choice, context)
  const scales = openScales([...context.metrics, ...context.undefinedMetrics], context.measures)
  let sentence = ''
  const summary = await appendBatch(
    ledger,
    {
      kind: 'correction',
      title: `Replay of a record of ${request.file}`,
      author: context.author,
      recordedMs: context.nowMs,
    },
    async (appender) => {
      const intake = await takeIn(appender, reading, {
        file: request.file,
        sourceNo: appender.source(request.source, sourceKind(request.choice)),
        reader: choiceText(request.choice),
        scales,
        calendar: openPostingCalendar(context.timeZone, new Set(context.closedMonths)),
        onChunk: () => {},
        signal: undefined,
      })
      const wrong = intake.rejected[0]
      if (wrong !== undefined) throw new ImportRefusal(wrong.message, intake.rejected.map(rejectedIssue))
      if (intake.rows.added + intake.rows.duplicate === 0)
        throw new ImportRefusal(
          intake.rows.conflict > 0
            ? 'Another record with this id was kept before and says something else. Nothing was changed; dismiss this one, or give it an id of its own.'
            : 'There is no record in this text. Nothing was changed; give one whole record.',
          reading.issues,
        )
      sentence =
        intake.rows.added > 0
          ? 'The record was read and added.'
          : 'The record is in the ledger already; it was not counted twice.'
      appender.quarantineOutcome(request.quarantineSeq, 'replayed', sentence)
      defineMetrics(appender, scales, context)
    },
  )
  return { batchId: summary.batchId, sentence }
}
