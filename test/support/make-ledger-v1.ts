/**
 * Makes test/fixtures/ledger-v1.sqlite.gz and ledger-v1.json from the files of test/fixtures/ledger-v1: a book of
 * ledger version 1 with everything such a book can hold. It was run once, when version 1 was the newest; a later
 * program would make a book of its own version by it, so it refuses.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import type { Month } from '../../src/domain/period.ts'
import { type Appender, appendBatch } from '../../src/main/ledger/append.ts'
import {
  closeLedger,
  LEDGER_FILE,
  openLedgerForReading,
  openLedgerForWriting,
} from '../../src/main/ledger/open.ts'
import { searchEntries } from '../../src/main/ledger/read.ts'
import { SCHEMA_VERSION } from '../../src/main/ledger/schema.ts'
import { type House, openHouse, runMonth, sell } from '../main/engine/house.ts'
import { ledgerFacts } from './ledger-facts.ts'
import { FIXTURES, SEATS, slicesOf } from './ledger-v1.ts'

const SEPTEMBER = '2026-09' as Month

const correct = async (directory: string, recordedMs: number, write: (appender: Appender) => void) => {
  const ledger = openLedgerForWriting(directory, { program: 'countinghouse 0.1.0' })
  await appendBatch(
    ledger,
    { kind: 'correction', title: 'Withdrawn by the source', author: 'Ada', recordedMs },
    write,
  )
  closeLedger(ledger)
}

/** The seq of the usage event of a tenant with this quantity. */
const seqOf = (directory: string, tenant: string, amount: string): number => {
  const ledger = openLedgerForReading(directory)
  const [entry] = searchEntries(ledger, { tenant, amount, tables: ['usage_event'] })
  closeLedger(ledger)
  if (entry === undefined) throw new Error(`no usage event of ${tenant} with ${amount}`)
  return entry.seq
}

const take = (house: House, name: string, options: Parameters<House['import']>[1] = {}) =>
  house.import(join(FIXTURES, 'ledger-v1', name), options)

if ((SCHEMA_VERSION as number) !== 1)
  throw new Error(
    `This program makes books of ledger version ${SCHEMA_VERSION}; the fixture is of version 1.`,
  )

const root = mkdtempSync(join(tmpdir(), 'countinghouse-v1-'))
let house = await openHouse({ now: '2026-10-02T08:00:00Z', timeZone: 'Europe/Berlin' }, root)
await house.client.rules.save({
  rules: [
    {
      id: 'application',
      name: 'By application',
      conditions: [{ field: 'tag:application', operator: 'present', value: '' }],
      target: { kind: 'value' },
    },
  ],
  expectedVersion: 0,
})
await take(house, 'bill-first.csv')
house.clock.set('2026-11-01T08:00:00Z')
await take(house, 'usage-october.jsonl', {
  metrics: [
    { metric: 'calls', name: 'Calls', unit: 'call', aggregation: 'sum', scale: 0 },
    { metric: 'storage', name: 'Storage', unit: 'GB', aggregation: 'max', scale: 3 },
  ],
})
await sell(
  house.client,
  { id: 'acme', tenants: ['acme', 'acme-eu'] },
  {
    id: 'list',
    charges: [
      {
        kind: 'per_unit',
        id: 'calls',
        name: 'Calls',
        metric: 'calls',
        unitAmount: '0.01' as never,
        per: '1' as never,
      },
    ],
  },
)
await take(house, 'usage-withdrawn.jsonl')
await take(house, 'bill-newer.csv')
house.clock.set('2026-11-02T08:00:00Z')
const { rows: rejected } = await (async () => {
  await take(house, 'usage-later.jsonl')
  return house.client.ledger.quarantine({ state: 'open', limit: 10 })
})()
const quarantined = (word: string) => rejected.find(({ raw }) => raw.includes(word)) ?? { seq: 0, raw: '' }
await house.client.ledger.replay({
  seq: quarantined('"q2"').seq,
  raw: quarantined('"q2"').raw.replace('three', '3'),
})
await house.client.ledger.dismiss({ seqs: [quarantined('"q3"').seq], note: 'cut off, sent again as n2' })
await take(house, 'seats.csv', {
  kind: 'csv',
  mapping: SEATS,
})
await take(house, 'access.log')
await runMonth(house, SEPTEMBER)
const { version } = await house.client.invoices.get({ invoiceId: '2026-09.acme' })
await house.client.invoices.approve({ invoices: [{ invoiceId: '2026-09.acme', expectedVersion: version }] })
await house.client.reconcile.close({ month: SEPTEMBER, reason: 'delivered by hand' })
house.clock.set('2026-11-05T08:00:00Z')
await take(house, 'usage-late.jsonl')
await take(house, 'bill-newest.csv')
await house.engine.close()

// Two events are withdrawn; one of them is delivered again.
const { directory } = house
const withdrawn = seqOf(directory, 'bolt', '5000')
const returned = seqOf(directory, 'acme', '100')
await correct(directory, Date.parse('2026-11-06T08:00:00Z'), (appender) => {
  appender.reverseUsage(withdrawn, null)
  appender.reverseUsage(returned, null)
})
house = await openHouse({ now: '2026-11-07T08:00:00Z' }, root)
await take(house, 'usage-october.jsonl')
const slices = await slicesOf(house.client)
await house.engine.close()

const file = join(directory, LEDGER_FILE)
const database = new Database(file)
database.pragma('wal_checkpoint(TRUNCATE)')
database.close()
const ledger = openLedgerForReading(directory)
const facts = { ledgerVersion: SCHEMA_VERSION, ledger: ledgerFacts(ledger), withdrawn, returned, slices }
closeLedger(ledger)
writeFileSync(join(FIXTURES, 'ledger-v1.json'), `${JSON.stringify(facts, null, 2)}\n`)
writeFileSync(join(FIXTURES, 'ledger-v1.sqlite.gz'), gzipSync(readFileSync(file), { level: 9 }))
rmSync(root, { recursive: true })
