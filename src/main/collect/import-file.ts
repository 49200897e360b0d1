/**
 * One file into the ledger as one batch: read, identified, deduplicated, and for cost compared with what an
 * older delivery of the same bill said. All of it is committed together or none of it.
 */
import type { ImportResult } from '../../contract/book.ts'
import { canonicalJson, type Json } from '../../domain/canonical.ts'
import { costFromUnits, integerToDecimal } from '../../domain/decimal.ts'
import type { Issue } from '../../domain/issue.ts'
import type { Metric } from '../../domain/metric.ts'
import type { Currency } from '../../domain/money.ts'
import type { Month } from '../../domain/period.ts'
import { type Appender, appendBatch } from '../ledger/append.ts'
import type { WritingLedger } from '../ledger/open.ts'
import type { BatchSummary } from '../ledger/open-batch.ts'
import { listDocuments } from '../ledger/read-documents.ts'
import { readQuarantined } from '../ledger/read-exceptions.ts'
import { listMeasures } from '../ledger/read-totals.ts'
import { addToFileTotals, keepFileTotals } from './bill-files.ts'
import type { ChunkReading } from './chunk.ts'
import { chunkReading } from './chunk-reading.ts'
import { textSource } from './files/open-file.ts'
import { sentenceOf } from './import-words.ts'
import { ImportRefusal, rejectedIssue, takeIn } from './intake.ts'
import { openScales, type ScaleBook } from './metrics.ts'
import { openPostingCalendar } from './months.ts'
import { openChunks } from './open-chunks.ts'
import { choiceText, type ReaderChoice } from './readers.ts'
import type { Intake, SameId } from './taking.ts'

export { ImportRefusal } from './intake.ts'

/**
 * What an import is told. Which months are closed and which metrics the book defines is read from the ledger
 * inside the import's own transaction: another import or a close may have gone before it in the queue.
 */
export interface ImportContext {
  readonly author: string
  readonly nowMs: number
  readonly timeZone: string
  readonly currency: Currency
  /** Definitions for metrics that the book may not have yet; those it lacks are defined in the import's own batch. */
  readonly proposedMetrics: readonly Metric[]
}

export interface ImportRequest {
  readonly path: string
  readonly name: string
  readonly source: string
  readonly choice: ReaderChoice
  readonly delivery: 'restate' | 'add'
  /** For usage: whether a newer value for the same id replaces the older. */
  readonly sameId?: SameId
  /** Kept in the same batch: where a collector goes on after this page. */
  readonly documents?: readonly { readonly kind: string; readonly id: string; readonly content: Json }[]
}

const sourceKind = (choice: ReaderChoice): string => (choice.kind === 'focus' ? 'cost' : 'usage')

type Progress = (bytesRead: number, bytesTotal: number, text: string) => void

/**
 * Reverses what the newer delivery no longer has. A delivery with rows that could not be read can't tell what
 * was withdrawn from what was spoilt, so it is refused whole.
 */
const restate = (appender: Appender, file: string, intake: Intake, issues: readonly Issue[]): number => {
  const { quarantined } = intake.rows
  const [rejected] = intake.rejected
  let vanished = 0
  for (const [billNo, { postedMs, billed }] of intake.bills) {
    for (const entry of appender.vanished(billNo)) {
      if (quarantined > 0 || issues.some(({ severity }) => severity === 'error'))
        throw new ImportRefusal(
          `${file} is a newer delivery of a bill the ledger has, and ${
            quarantined > 0 ? `${quarantined} of its rows cannot be read` : 'it is damaged'
          }; what is missing from it can’t be told from what the provider withdrew. Nothing was changed. Mend or download the file again and import it whole${
            rejected === undefined ? '.' : `: ${rejected.message}`
          }`,
          [...issues, ...intake.rejected.map(rejectedIssue)],
        )
      appender.reverseCost(entry.seq, postedMs)
      // A currency that the bill had and the file has not: the file's sum of it is zero.
      if (!billed.has(entry.currency)) billed.set(entry.currency, { units: 0n, rows: 0 })
      vanished++
    }
  }
  return vanished
}

/** The documents of a kind as they stand in the transaction, removed ones left out. */
const standing = <Content>(ledger: WritingLedger, kind: string): Content[] =>
  listDocuments(ledger, kind).flatMap(({ content }) => {
    const parsed = JSON.parse(content) as Content | null
    return parsed === null ? [] : [parsed]
  })

/** What the ledger says of metrics and months at the moment the batch begins. */
export const openTerms = (
  ledger: WritingLedger,
  context: Pick<ImportContext, 'timeZone' | 'proposedMetrics'>,
) => {
  const defined = standing<Metric>(ledger, 'metric')
  const known = new Set(defined.map(({ metric }) => metric))
  const lacking = context.proposedMetrics.filter(({ metric }) => !known.has(metric))
  const closed = standing<{ readonly month: Month }>(ledger, 'month_close').map(({ month }) => month)
  return {
    lacking,
    scales: openScales([...defined, ...lacking], listMeasures(ledger)),
    calendar: openPostingCalendar(context.timeZone, new Set(closed)),
  }
}

/** Metrics of which every row was known, by another mapping: the ledger has no quantity of them. */
const knownOtherwise = (ledger: WritingLedger, { metrics }: Intake): string[] => {
  const measured = new Set(listMeasures(ledger).map(({ metric }) => metric))
  return [...metrics].flatMap(([metric, taken]) => (taken || measured.has(metric) ? [] : [metric]))
}

const knownOtherwiseWords = (metrics: readonly string[]): string => {
  const names = metrics.join(', ')
  return `Every row with ${names} is in the ledger already, read by another mapping, and counts as it was read first; the ${metrics.length === 1 ? 'metric' : 'metrics'} ${names} ${metrics.length === 1 ? 'was' : 'were'} not added. A row without an id counts once: name a column with ids, or reverse what was read wrongly before.`
}

export const defineMetrics = (appender: Appender, lacking: readonly Metric[], scales: ScaleBook): void => {
  for (const metric of [...lacking, ...scales.proposed()])
    appender.document('metric', metric.metric, canonicalJson(metric as unknown as Json), null)
}

/**
 * Imports a file as one batch. A large file is read in a thread of its own, while this one appends.
 * @throws ImportRefusal where nothing of it may be kept; LedgerRefusal; the signal's reason.
 */
export const importFile = async (
  ledger: WritingLedger,
  request: ImportRequest,
  context: ImportContext,
  progress: Progress,
  signal?: AbortSignal,
  threadBytesMin?: number,
): Promise<ImportResult> => {
  const file = await openChunks(request, context, signal, threadBytesMin)
  const { intake, issues, vanished, restated, summary, unmade } = await importChunks(
    ledger,
    file,
    request,
    context,
    (bytesRead) => progress(bytesRead, file.bytesTotal, `Reading ${request.name}`),
    signal,
  ).finally(file.close)
  const result = {
    batchId: summary.batchId,
    file: request.name,
    rows: intake.rows.added + intake.rows.duplicate + intake.rows.conflict + intake.rows.quarantined,
    ...intake.rows,
    entriesAdded: intake.entriesAdded,
    restated: restated ? { stayed: intake.stayed, vanished, added: intake.entriesAdded } : null,
    late: intake.late,
    // An import reverses usage for no other reason.
    replaced: request.choice.kind === 'focus' ? 0 : summary.counts.reversed,
    currencies: [...summary.control.cost].map(([currency, sum]) => ({
      currency,
      billed: costFromUnits(sum.billed),
      effective: costFromUnits(sum.effective),
    })),
    metrics: usageByMetric(ledger, summary),
    issues: [
      ...issues,
      ...(unmade.length === 0
        ? []
        : [
            {
              severity: 'warning' as const,
              code: 'rows_are_known_otherwise',
              message: knownOtherwiseWords(unmade),
            },
          ]),
      ...intake.rejected.map(rejectedIssue),
    ],
  }
  const { restated: cameAgain, reversed } = summary.counts
  // What this import reversed itself came in the place of an older value, or was withdrawn from a bill.
  const sentence = sentenceOf(
    request.name,
    result,
    request.choice.kind === 'focus' ? 0 : cameAgain - reversed,
  )
  return {
    ...result,
    sentence: unmade.length === 0 ? sentence : `${sentence} ${knownOtherwiseWords(unmade)}`,
  }
}

/** The batch's usage by metric, its measures of several scales added up. */
const usageByMetric = (ledger: WritingLedger, summary: BatchSummary): ImportResult['metrics'] => {
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
  return [...byMetric].map(([metric, { events, quantity, scale }]) => ({
    metric,
    events,
    quantity: integerToDecimal(quantity, scale),
  }))
}

const importChunks = async (
  ledger: WritingLedger,
  reading: ChunkReading,
  request: Omit<ImportRequest, 'path'>,
  context: ImportContext,
  onChunk: (bytesRead: number) => void,
  signal: AbortSignal | undefined,
) => {
  let taken: Awaited<ReturnType<typeof takeIn>> | null = null
  let vanished = 0
  let restated = false
  let unmade: readonly string[] = []
  const header = {
    kind: 'import' as const,
    title: request.name,
    author: context.author,
    recordedMs: context.nowMs,
    // Known only once the file was read to its end; read when the batch is finished.
    get fileSha256() {
      return reading.end().sha256
    },
  }
  const summary = await appendBatch(
    ledger,
    header,
    async (appender) => {
      const { lacking, scales, calendar } = openTerms(ledger, context)
      taken = await takeIn(appender, reading, {
        file: request.name,
        sourceNo: appender.source(request.source, sourceKind(request.choice)),
        reader: choiceText(request.choice),
        scales,
        calendar,
        sameId: request.sameId ?? 'conflict',
        onChunk,
        signal,
      })
      const { intake, end } = taken
      if (request.delivery === 'restate') {
        vanished = restate(appender, request.name, intake, end.issues)
        restated = intake.bills.size > 0 && (vanished > 0 || (intake.stayed > 0 && intake.entriesAdded > 0))
      }
      keepFileTotals(ledger, appender, request, intake)
      unmade = knownOtherwise(ledger, intake)
      defineMetrics(
        appender,
        lacking.filter(({ metric }) => !unmade.includes(metric)),
        scales,
      )
      for (const { kind, id, content } of request.documents ?? [])
        appender.document(kind, id, canonicalJson(content), null)
    },
    { signal },
  )
  if (taken === null) throw new Error('the batch was committed without having been written')
  const { intake, end } = taken as Awaited<ReturnType<typeof takeIn>>
  return { intake, issues: end.issues, vanished, restated, summary, unmade }
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
    readonly source: string
    readonly choice: ReaderChoice
  },
  context: ImportContext,
): Promise<{ readonly batchId: number; readonly sentence: string }> => {
  const quarantined = readQuarantined(ledger, request.quarantineSeq)
  if (quarantined === null) throw new Error(`there is no quarantined record ${request.quarantineSeq}`)
  const { file, row } = quarantined
  const reading = chunkReading(textSource(file, request.raw), request.choice, context)
  let sentence = ''
  const summary = await appendBatch(
    ledger,
    {
      kind: 'correction',
      title: `Replay of a record of ${file}`,
      author: context.author,
      recordedMs: context.nowMs,
    },
    async (appender) => {
      const { lacking, scales, calendar } = openTerms(ledger, context)
      const { intake, end } = await takeIn(appender, reading, {
        file,
        sourceNo: appender.source(request.source, sourceKind(request.choice)),
        reader: choiceText(request.choice),
        scales,
        calendar,
        sameId: 'conflict',
        onChunk: () => {},
        signal: undefined,
      })
      const { added, duplicate, conflict } = intake.rows
      const [wrong] = intake.rejected
      if (wrong !== undefined) {
        // The text is a file of its own, but the person knows the record by its row in the file it came from.
        const message = wrong.message.replace(`${file}, row ${wrong.row}`, `${file}, row ${row}`)
        throw new ImportRefusal(message, [{ ...rejectedIssue(wrong), message, row }])
      }
      if (conflict > 0)
        throw new ImportRefusal(
          'Another record with this id was kept before and says something else. Nothing was changed; dismiss this one, or give it an id of its own.',
          end.issues,
        )
      if (added + duplicate !== 1)
        throw new ImportRefusal(
          `There ${added + duplicate === 0 ? 'is no record' : `are ${added + duplicate} records`} in this text. Nothing was changed; give one whole record.`,
          end.issues,
        )
      sentence =
        added > 0
          ? 'The record was read and added.'
          : 'The record is in the ledger already; it was not counted twice.'
      appender.quarantineOutcome(request.quarantineSeq, 'replayed', sentence)
      if (added > 0) addToFileTotals(ledger, appender, file, intake)
      defineMetrics(appender, lacking, scales)
    },
  )
  return { batchId: summary.batchId, sentence }
}
