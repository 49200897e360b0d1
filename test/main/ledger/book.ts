/** A book in a folder of its own for each test, and short words for what tests write into it. */
import { hash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import { type DecimalText, toDecimalText } from '../../../src/domain/decimal.ts'
import { type Appender, appendBatch } from '../../../src/main/ledger/append.ts'
import type { CostFields } from '../../../src/main/ledger/cost.ts'
import {
  closeLedger,
  LEDGER_FILE,
  openLedgerForWriting,
  type WritingLedger,
} from '../../../src/main/ledger/open.ts'
import type { BatchHeader, BatchSummary } from '../../../src/main/ledger/open-batch.ts'
import type { RecordOrigin } from '../../../src/main/ledger/raw-block.ts'
import type { UsageFields } from '../../../src/main/ledger/usage.ts'

export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'countinghouse-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const newBook = (): WritingLedger => {
  const ledger = openLedgerForWriting(temporaryFolder(), { program: 'test 1', create: true })
  onTestFinished(() => closeLedger(ledger))
  return ledger
}

export const HEADER: BatchHeader = {
  kind: 'import',
  title: 'usage.jsonl',
  author: 'ann',
  recordedMs: 1_790_000_000_000,
}

export const batch = (
  ledger: WritingLedger,
  write: (appender: Appender) => void | Promise<void>,
  header: Partial<BatchHeader> = {},
): Promise<BatchSummary> => appendBatch(ledger, { ...HEADER, ...header }, write)

export const contentKey = (text: string): Buffer => hash('sha256', text, 'buffer').subarray(0, 16)

export const origin = (record: string | readonly string[], row = 1): RecordOrigin => ({
  record,
  csvHeader: typeof record === 'string' ? null : record.map((_, i) => `column_${i}`),
  file: 'usage.jsonl',
  row,
})

export const usageFields = (appender: Appender, changes: Partial<UsageFields> = {}): UsageFields => ({
  sourceNo: appender.source('gateway', 'cloudevents'),
  tenantNo: appender.tenant('acme'),
  measureNo: appender.measure('api.calls', 0),
  quantity: 10n,
  startMs: 1_789_000_000_000,
  endMs: null,
  postedMs: null,
  setNo: appender.attributeSet('usage', '{"region":"eu"}'),
  ...changes,
})

export const decimal = (text: string): DecimalText => text as DecimalText

export const billOf = (appender: Appender, month = '2026-09'): number =>
  appender.bill({
    provider: 'AWS',
    billingAccount: '1234',
    periodStartMs: Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)) - 1, 1),
    periodEndMs: null,
    month,
  })

export const costFields = (appender: Appender, changes: Partial<CostFields> = {}): CostFields => ({
  sourceNo: appender.source('aws', 'focus'),
  billNo: billOf(appender),
  startMs: 1_789_000_000_000,
  endMs: 1_789_003_600_000,
  postedMs: null,
  currency: 'USD',
  billedCost: decimal('1.25'),
  effectiveCost: decimal('1.000000000000000001'),
  listCost: null,
  contractedCost: null,
  consumedQuantity: decimal('3'),
  setNo: appender.attributeSet('cost', '{"service":"EC2"}'),
  ...changes,
})

/** Delivers rows of text as usage without ids, one call a row. */
export const deliverUsage = (ledger: WritingLedger, rows: readonly string[]): Promise<BatchSummary> =>
  batch(ledger, (appender) => {
    for (const [i, row] of rows.entries())
      appender.usageByContent(contentKey(row), usageFields(appender), origin(row, i + 1))
  })

/** Delivers a bill: each row's text is its amount, and what the bill no longer has is reversed. */
export const deliverBill = (ledger: WritingLedger, amounts: readonly string[]): Promise<BatchSummary> =>
  batch(ledger, (appender) => {
    for (const [i, amount] of amounts.entries()) {
      const billedCost = toDecimalText(BigInt(amount))
      const fields = costFields(appender, { billedCost, effectiveCost: billedCost })
      appender.costByContent(contentKey(amount), fields, origin([amount], i + 2))
    }
    for (const entry of appender.vanished(billOf(appender))) appender.reverseCost(entry.seq, null)
  })

/** A connection as any other program would open it: without our pragmas. */
export const plainConnection = (ledger: WritingLedger): Database.Database => {
  const database = new Database(join(ledger.directory, LEDGER_FILE))
  onTestFinished(() => void database.close())
  return database
}

/** Changes what the guards forbid, and puts the guards back as they were. */
export const tamper = (ledger: WritingLedger, ...statements: readonly string[]): void => {
  const database = plainConnection(ledger)
  const guards = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as {
    name: string
    sql: string
  }[]
  for (const { name } of guards) database.exec(`DROP TRIGGER ${name}`)
  for (const statement of statements) database.exec(statement)
  for (const { sql } of guards) database.exec(sql)
}
