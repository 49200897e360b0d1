/** A book of ledger version 1, kept for ever: today's program opens it, and it says what it said then. */
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import type { ReadOptions } from '../../../src/contract/sources.ts'
import { integerToDecimal, negateDecimal, parseDecimal } from '../../../src/domain/decimal.ts'
import { openCube } from '../../../src/main/cube/cube.ts'
import { closeLedger, openLedgerForReading, openLedgerForWriting } from '../../../src/main/ledger/open.ts'
import {
  type Entry,
  historyOfRecord,
  type RawRecordView,
  rawRecord,
  readEntry,
} from '../../../src/main/ledger/read.ts'
import { readMeasure, readTenantName } from '../../../src/main/ledger/read-names.ts'
import { SCHEMA_VERSION } from '../../../src/main/ledger/schema.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { cubeControlText, ledgerFacts } from '../../support/ledger-facts.ts'
import { FIXTURES, readLedgerV1, SEATS, slicesOf, unpackLedgerV1 } from '../../support/ledger-v1.ts'
import { openHouse, verify } from '../engine/house.ts'
import { temporaryFolder } from './book.ts'

const V1 = readLedgerV1()

/** The folder of a book, `base`'s `book`, brought to today's version. */
let base = ''
let directory = ''
beforeEach(() => {
  base = temporaryFolder()
  directory = join(base, 'book')
  unpackLedgerV1(directory)
})

const openMigrated = () => {
  closeLedger(openLedgerForWriting(directory, { program: 'test 1' }))
  const ledger = openLedgerForReading(directory)
  onTestFinished(() => closeLedger(ledger))
  return ledger
}

test('it opens, verifies, and keeps its head, its counts and its totals', async () => {
  const ledger = openMigrated()
  expect(ledger.database.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION)
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true, entries: V1.ledger.entries })
  expect(ledgerFacts(ledger)).toEqual(V1.ledger)
})

const fieldOf = (raw: RawRecordView, name: string): string | undefined =>
  raw.kind === 'row' ? raw.fields.find((field) => field.name === name)?.value : undefined

test('every entry is found, and every amount is the one in its raw record', () => {
  const ledger = openMigrated()
  const rawOf = ({ columns }: Entry) => rawRecord(ledger, Number(columns.block_no), Number(columns.block_row))
  const checked = { 'cloud event': 0, 'csv row': 0, 'log line': 0, charge: 0, other: 0 }
  for (let seq = 1; seq <= V1.ledger.entries; seq++) {
    const found = readEntry(ledger, seq)
    expect(found?.entry.seq).toBe(seq)
    expect(found?.batch?.batchId).toBe(found?.entry.batchId)
    if (found === null) continue
    const { entry } = found
    const { columns, table } = entry
    const sign = columns.correction === 'reversal' ? -1n : 1n
    if (table === 'usage_event') {
      const raw = rawOf(entry)
      const measure = readMeasure(ledger, Number(columns.measure_no))
      const quantity = integerToDecimal(sign * BigInt(String(columns.quantity)), measure?.scale ?? 0)
      const tenant = readTenantName(ledger, Number(columns.tenant_no))
      if (raw.kind === 'row') {
        expect([tenant, quantity]).toEqual([
          fieldOf(raw, 'customer'),
          parseDecimal(fieldOf(raw, 'quantity') ?? ''),
        ])
        checked['csv row']++
      } else if (raw.text.startsWith('{')) {
        const event = JSON.parse(raw.text) as { subject: string; data: { value: string } }
        expect([tenant, quantity]).toEqual([event.subject, parseDecimal(event.data.value)])
        checked['cloud event']++
      } else {
        const bytes = / \d{3} (\d+) /.exec(raw.text)?.[1]
        expect(raw.text.startsWith(`${tenant} `)).toBe(true)
        expect(quantity).toBe(measure?.metric === 'http.requests' ? '1' : bytes)
        checked['log line']++
      }
    } else if (table === 'cost_entry') {
      const billed = parseDecimal(fieldOf(rawOf(entry), 'BilledCost') ?? '')
      expect(columns.billed_cost).toBe(sign < 0n && billed !== null ? negateDecimal(billed) : billed)
      checked.charge++
    } else checked.other++
  }
  expect(checked).toEqual({ 'cloud event': 47, 'csv row': 3, 'log line': 16, charge: 54, other: 102 })
})

/** A record's history as a bookkeeper reads it: entry, batch, amount, what it is, what it corrects. */
const toldHistory = (entries: readonly Entry[]) =>
  entries.map(({ seq, batchId, columns: { quantity, billed_cost, correction, corrects } }) =>
    [seq, batchId, quantity ?? billed_cost, correction ?? 'posted', corrects ?? ''].join(' ').trim(),
  )

test('records that were withdrawn, and that came back, are told as they happened', () => {
  const ledger = openMigrated()
  const told = (table: 'usage_event' | 'cost_entry', seq: number) =>
    toldHistory(historyOfRecord(ledger, table, seq))
  expect(told('usage_event', V1.withdrawn)).toEqual(['146 8 5000 posted', '219 20 -5000 reversal 146'])
  const returned = ['96 4 100 posted', '220 20 -100 reversal 96', '221 21 100 restatement 96']
  expect(told('usage_event', V1.returned)).toEqual(returned)
  expect(told('usage_event', 221)).toEqual(returned)
  expect(told('cost_entry', 216)).toEqual([
    '41 3 0.0013333333 posted',
    '161 9 -0.0013333333 reversal 41',
    '216 19 0.0013333333 restatement 41',
  ])
  // Fields that no reader knows are kept too.
  const first = readEntry(ledger, V1.returned)?.entry.columns
  expect(rawRecord(ledger, Number(first?.block_no), Number(first?.block_row))).toEqual({
    kind: 'text',
    text: '{"traceparent":"00-4bf9","nested":{"a":[1,2.50,null]},"specversion":"1.0","id":"u0","source":"gateway","type":"calls","subject":"acme","time":"2026-10-01T00:15:00.250Z","data":{"value":"100","region":"eu","plan":"große"}}',
  })
})

test('a cube built from it has its totals and its slices', async () => {
  const ledger = openMigrated()
  const cube = await openCube(directory)
  try {
    await cube.follow()
    expect(await cubeControlText(cube)).toBe(V1.ledger.control)
    expect(ledgerFacts(ledger).control).toBe(V1.ledger.control)
  } finally {
    await cube.close()
  }
  const house = await openHouse({ now: '2026-11-07T08:00:00Z' }, base)
  onTestFinished(() => house.engine.close())
  expect((await house.client.book.status()).head).toMatchObject({
    batchId: V1.ledger.batches,
    hash: V1.ledger.hash,
  })
  expect(await verify(house)).toMatchObject({ ok: true, cubeAgrees: true })
  expect(await slicesOf(house.client)).toMatchObject(V1.slices)
})

test('its records imported again add nothing', async () => {
  const house = await openHouse({ now: '2026-11-07T08:00:00Z' }, base)
  onTestFinished(() => house.engine.close())
  // The withdrawn event would come back, and an older bill is another delivery: their files are left out.
  const again: Record<string, ReadOptions> = {
    'usage-october.jsonl': {},
    'usage-later.jsonl': {},
    'usage-late.jsonl': {},
    'seats.csv': { kind: 'csv', mapping: SEATS },
    'access.log': {},
    'bill-newest.csv': {},
  }
  for (const [name, options] of Object.entries(again))
    expect(await house.import(join(FIXTURES, 'ledger-v1', name), options)).toMatchObject({
      added: 0,
      entriesAdded: 0,
      restated: null,
    })
  expect((await house.client.book.status()).head).toMatchObject({
    batchId: V1.ledger.batches + 6,
    // Only which reader can read the conflict again, which version 1 did not keep.
    entries: V1.ledger.entries + 1,
  })
  expect(await verify(house)).toMatchObject({ ok: true, cubeAgrees: true })
  expect(await slicesOf(house.client)).toMatchObject(V1.slices)
})

test('what comes next goes on from it: the withdrawn event comes back', async () => {
  const house = await openHouse({ now: '2026-11-07T08:00:00Z' }, base)
  onTestFinished(() => house.engine.close())
  expect(await house.import(join(FIXTURES, 'ledger-v1', 'usage-withdrawn.jsonl'))).toMatchObject({
    rows: 2,
    added: 1,
    duplicate: 1,
  })
  const ledger = openLedgerForReading(directory)
  onTestFinished(() => closeLedger(ledger))
  expect(toldHistory(historyOfRecord(ledger, 'usage_event', V1.withdrawn))).toEqual([
    '146 8 5000 posted',
    '219 20 -5000 reversal 146',
    '224 22 5000 restatement 146',
  ])
  expect(await verify(house)).toMatchObject({ ok: true, cubeAgrees: true })
})
