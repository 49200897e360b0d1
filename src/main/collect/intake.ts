/** Takes what a reader gives into a batch: identity, scales, months, and what became of every row. */
import type { Issue } from '../../domain/issue.ts'
import type { Appender } from '../ledger/append.ts'
import type { ChunkReading, ReadingEnd } from './chunk.ts'
import type { Rejected } from './files/record.ts'
import { costIntake } from './intake-cost.ts'
import { usageIntake } from './intake-usage.ts'
import type { ScaleBook } from './metrics.ts'
import type { PostingCalendar } from './months.ts'
import type { Intake, RowOutcomes, SameId, Taking } from './taking.ts'

/** Nothing of the file was kept; the message names file, row and remedy. */
export class ImportRefusal extends Error {
  override readonly name = 'ImportRefusal'
  readonly issues: readonly Issue[]
  constructor(message: string, issues: readonly Issue[]) {
    super(message)
    this.issues = issues
  }
}

const REJECTED_SHOWN = 100

const RANK = { duplicate: 0, added: 1, conflict: 2, quarantined: 3 } as const satisfies Record<
  keyof RowOutcomes,
  number
>

/** Takes one reading's chunks into a batch, and says how the reading ended. */
export const takeIn = async (
  appender: Appender,
  reading: ChunkReading,
  input: {
    readonly file: string
    readonly sourceNo: number
    readonly reader: string
    readonly scales: ScaleBook
    readonly calendar: PostingCalendar
    /** Whether a newer value for an id that an earlier batch posted replaces it. */
    readonly sameId: SameId
    readonly onChunk: (bytesRead: number) => void
    readonly signal: AbortSignal | undefined
  },
): Promise<{ readonly intake: Intake; readonly end: ReadingEnd }> => {
  const { file, sourceNo, reader } = input
  const intake: Intake = {
    rows: { added: 0, duplicate: 0, conflict: 0, quarantined: 0 },
    bills: new Map(),
    rejected: [],
    metrics: new Map(),
    entriesAdded: 0,
    late: 0,
    stayed: 0,
  }
  let row = { number: 0, outcome: null as keyof RowOutcomes | null }
  const closeRow = () => {
    if (row.outcome !== null) intake.rows[row.outcome]++
  }
  const taking: Taking = {
    ...input,
    appender,
    intake,
    count: (number, outcome) => {
      if (number !== row.number) {
        closeRow()
        row = { number, outcome }
      } else if (row.outcome === null || RANK[outcome] > RANK[row.outcome]) row.outcome = outcome
    },
    quarantine: (rejected) => {
      appender.quarantine({ ...rejected, sourceNo, reader, file })
      if (intake.rejected.length < REJECTED_SHOWN) intake.rejected.push(rejected)
      taking.count(rejected.row, 'quarantined')
    },
  }
  const takeUsage = usageIntake(taking)
  const takeCost = costIntake(taking)

  for await (const chunk of reading.chunks) {
    input.signal?.throwIfAborted()
    if (chunk.usage !== null) takeUsage(chunk.usage, chunk.header)
    if (chunk.cost !== null) takeCost(chunk.cost, chunk.header ?? [])
    for (const rejected of chunk.rejected) taking.quarantine(rejected)
    input.onChunk(chunk.bytesRead)
  }
  closeRow()
  const end = reading.end()
  if (end.refused) throw refusal(file, end.issues)
  return { intake, end }
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
