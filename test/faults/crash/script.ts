/**
 * What is done to a ledger while it is killed: scripts of batches, one batch a step. The book's last batch says which
 * step comes next, so whoever opens a killed book goes on where it stands, as a person would who looks at it.
 */
import { join } from 'node:path'
import { canonicalJson, type Json } from '../../../src/domain/canonical.ts'
import type { Currency } from '../../../src/domain/money.ts'
import { type ImportContext, importFile, replayRecord } from '../../../src/main/collect/import-file.ts'
import type { ReaderChoice } from '../../../src/main/collect/readers.ts'
import { type Appender, appendBatch } from '../../../src/main/ledger/append.ts'
import type { WritingLedger } from '../../../src/main/ledger/open.ts'
import { readHead, searchEntries } from '../../../src/main/ledger/read.ts'
import { listQuarantine } from '../../../src/main/ledger/read-exceptions.ts'

export const NOW = '2026-11-10T12:00:00Z'
export const PROGRAM = 'crash suite 1'
const AUTHOR = 'Ada'
const NOW_MS = Date.parse(NOW)

/** Appends one batch; `files` is the folder that `writeFiles` filled. */
type Step = (ledger: WritingLedger, files: string) => Promise<unknown>

export interface Script {
  readonly steps: readonly Step[]
  /** Steps that are done before the killing begins: the book that each round starts from. */
  readonly base: number
  /** Steps that must add no entry once the script is done. */
  readonly again: readonly Step[]
}

const CONTEXT: ImportContext = {
  author: AUTHOR,
  nowMs: NOW_MS,
  timeZone: 'UTC',
  currency: 'USD' as Currency,
  proposedMetrics: [],
}

const CSV: ReaderChoice = {
  kind: 'csv',
  mapping: {
    tenant: { column: 'customer' },
    metric: { fixed: 'seats' },
    quantity: { column: 'quantity' },
    time: { column: 'day', format: 'iso', timeZone: 'UTC' },
    dimensions: [],
  },
}

const take =
  (name: string, choice: ReaderChoice): Step =>
  (ledger, files) =>
    importFile(
      ledger,
      {
        path: join(files, name),
        name,
        source: choice.kind === 'focus' ? 'Cost files' : 'Usage files',
        choice,
        delivery: 'restate',
      },
      CONTEXT,
      () => {},
    )

export const takeUsage = (name: string) => take(name, { kind: 'cloudevents' })
const takeBill = (name: string) => take(name, { kind: 'focus' })

const append = (
  ledger: WritingLedger,
  kind: 'document' | 'correction',
  title: string,
  write: (appender: Appender) => void,
) => appendBatch(ledger, { kind, title, author: AUTHOR, recordedMs: NOW_MS }, write)

const document =
  (kind: string, id: string, content: Json): Step =>
  (ledger) =>
    append(ledger, 'document', `${kind} ${id}`, (appender) => {
      appender.document(kind, id, canonicalJson(content), null)
    })

/** Takes off all usage of some tenants that stands. */
const withdraw =
  (...tenants: readonly number[]): Step =>
  (ledger) => {
    const entries = tenants.flatMap((tenant) =>
      searchEntries(ledger, { tenant: `tenant-${tenant}`, tables: ['usage_event'], limit: 10_000 }),
    )
    return append(ledger, 'correction', 'Withdrawn by the source', (appender) => {
      for (const { seq } of entries) appender.reverseUsage(seq, null)
    })
  }

const quarantined = (ledger: WritingLedger, id: string) => {
  const record = listQuarantine(ledger, { state: 'all' }).find(({ raw }) => raw.includes(`"${id}"`))
  if (record === undefined) throw new Error(`no record ${id} is quarantined`)
  return record
}

const replay =
  (id: string): Step =>
  (ledger) => {
    const { seq, raw } = quarantined(ledger, id)
    return replayRecord(
      ledger,
      {
        quarantineSeq: seq,
        raw: raw.replace('many', '17'),
        source: 'Usage files',
        choice: { kind: 'cloudevents' },
      },
      CONTEXT,
    )
  }

const dismiss =
  (id: string): Step =>
  (ledger) => {
    const { seq } = quarantined(ledger, id)
    return append(ledger, 'correction', 'Dismissal of 1 quarantined record', (appender) =>
      appender.quarantineOutcome(seq, 'dismissed', 'sent again'),
    )
  }

const book = document('book', 'book', { name: 'Crash', timeZone: 'UTC', currency: 'USD' })

const IMPORTS: readonly Step[] = [
  takeUsage('usage-1.jsonl.gz'),
  takeUsage('usage-2.jsonl'),
  takeBill('bill.csv'),
  take('seats.csv', CSV),
  takeUsage('usage-3.jsonl.gz'),
]

const CORRECTED: readonly Step[] = [
  book,
  takeUsage('usage-1.jsonl.gz'),
  takeUsage('usage-2.jsonl'),
  takeBill('bill.csv'),
  // From here on the killing goes.
  takeBill('bill-newer.csv'),
  withdraw(0, 1, 2, 3, 4),
  replay('q0'),
  // What was withdrawn comes back, as restatements.
  takeUsage('usage-1.jsonl.gz'),
  // The provider takes its newer bill back.
  takeBill('bill.csv'),
  withdraw(20, 21),
  replay('q1'),
  dismiss('q2'),
]

const customer = (id: string, ...tenants: string[]) =>
  document('customer', id, { id, name: id, email: null, tenants, stripeCustomerId: null })

export const SCRIPTS = {
  import: { steps: [book, ...IMPORTS], base: 1, again: IMPORTS },
  correction: { steps: CORRECTED, base: 4, again: [takeBill('bill.csv')] },
  /** What a cube follows that stands at the last correction: other rules, much usage, a customer. */
  cube: {
    steps: [
      ...CORRECTED,
      document('rules', 'rules', {
        rules: [
          {
            id: 'app',
            name: 'By app',
            conditions: [{ field: 'tag:app', operator: 'present', value: '' }],
            target: { kind: 'value' },
          },
        ],
      }),
      takeUsage('usage-3.jsonl.gz'),
      customer('acme', 'tenant-1', 'tenant-2'),
    ],
    base: CORRECTED.length,
    again: [],
  },
} satisfies Record<string, Script>

/** The step that the book is at, in the order of the script. */
export const reached = (ledger: WritingLedger): number => readHead(ledger)?.batchId ?? 0
