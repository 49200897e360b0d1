import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Fault } from '../../../src/main/ledger/fault.ts'
import { closeLedger, openLedgerForReading, openLedgerForWriting } from '../../../src/main/ledger/open.ts'
import { mendKeys } from '../../../src/main/ledger/open-pages.ts'
import { readHead } from '../../../src/main/ledger/read.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import {
  batch,
  deliverBill,
  deliverUsage,
  newBook,
  plainConnection,
  tamper,
  temporaryFolder,
} from './book.ts'

/**
 * Batch 1: entries 1 to 4 are names, 5 the raw block, 6 to 8 events of a page. Batch 2: 9 raw block, 10 event.
 * Batch 3: 11 source, 12 bill, 13 set, 14 and 15 costs, 16 the raw block. Batch 4, where it is: 17 a reversal.
 */
const book = async () => {
  const ledger = newBook()
  await deliverUsage(ledger, ['a', 'b', 'c'])
  await deliverUsage(ledger, ['d'])
  await deliverBill(ledger, ['10', '20'])
  return ledger
}

const faultOf = async (ledger: Awaited<ReturnType<typeof book>>, options = {}): Promise<Fault> => {
  const verification = await verifyLedger(ledger, options)
  if (verification.ok) throw new Error('the book verifies')
  return verification.fault
}

test('a whole book verifies, with its head', async () => {
  const ledger = await book()
  const progress: unknown[] = []
  const head = readHead(ledger)
  expect(await verifyLedger(ledger, { onProgress: (step) => progress.push(step) })).toEqual({
    ok: true,
    entries: 16,
    batches: 3,
    head,
  })
  expect(progress).toEqual([8, 10, 16].map((done) => ({ done, total: 16 })))
  expect(await verifyLedger(newBook())).toEqual({ ok: true, entries: 0, batches: 0, head: null })
})

test.each<[string, readonly string[], Partial<Fault>, string]>([
  [
    'the events of a page changed',
    ['UPDATE usage_page SET bytes = (SELECT bytes FROM usage_page WHERE seq = 10) WHERE seq = 6'],
    { batchId: 1, seq: 6, table: 'usage_page' },
    'The usage events 6 to 8 were changed: the bytes of their page do not have the hash noted.',
  ],
  [
    'the events of a page changed with their hash',
    [
      'UPDATE usage_page SET (bytes, bytes_sha256) = (SELECT bytes, bytes_sha256 FROM usage_page WHERE seq = 10) WHERE seq = 6',
    ],
    { batchId: 1, seq: 6, table: 'usage_page' },
    'Entry 6 (usage_page) was changed after it was appended.',
  ],
  [
    'events cut off a page',
    ['UPDATE usage_page SET events = 2, last_seq = 7 WHERE seq = 6'],
    { batchId: 1, seq: 8, table: null },
    'Entry 8 of batch 1 is missing.',
  ],
  [
    'a cost changed',
    ["UPDATE cost_entry SET billed_cost = '11' WHERE seq = 14"],
    { batchId: 3, seq: 14, table: 'cost_entry' },
    'Entry 14 (cost_entry) was changed after it was appended.',
  ],
  [
    'a digest changed',
    ['UPDATE usage_page SET digest = zeroblob(8) WHERE seq = 10'],
    { batchId: 2, seq: 10, table: 'usage_page' },
    'Entry 10 (usage_page) was changed',
  ],
  [
    'a name changed',
    ["UPDATE tenant SET tenant = 'acne'"],
    { batchId: 1, table: 'tenant' },
    '(tenant) was changed',
  ],
  [
    'two entries changed: the first is named',
    ["UPDATE cost_entry SET currency = 'EUR' WHERE seq IN (15, 14)"],
    { batchId: 3, seq: 14 },
    'Entry 14 (cost_entry) was changed',
  ],
  [
    'an entry removed',
    ['DELETE FROM usage_page WHERE seq = 6'],
    { batchId: 1, seq: 6, table: null },
    'Entry 6 of batch 1 is missing.',
  ],
  [
    'the last entries of a batch removed',
    ['DELETE FROM cost_entry WHERE seq = 15', 'DELETE FROM raw_block WHERE seq = 16'],
    { batchId: 3, seq: 15 },
    'Entry 15 of batch 3 is missing.',
  ],
  [
    'the last entries of a batch removed, and its end moved',
    [
      'DELETE FROM cost_entry WHERE seq = 15',
      'DELETE FROM raw_block WHERE seq = 16',
      'UPDATE batch SET last_seq = 14 WHERE batch_id = 3',
    ],
    { batchId: 3, seq: null },
    'The hash of batch 3 does not fit its entries and header',
  ],
  [
    'an entry added twice',
    ["INSERT INTO tenant SELECT 7, 1, 9, 'x', digest FROM tenant"],
    { batchId: 1, seq: 7, table: 'tenant' },
    'Entry 7 is there twice, in usage_page and in tenant.',
  ],
  [
    'an entry added at the end',
    ["INSERT INTO tenant SELECT 17, 3, 9, 'x', digest FROM tenant"],
    { batchId: null, seq: 17, table: 'tenant' },
    'Entry 17 of tenant belongs to no batch.',
  ],
  [
    'an entry added at the front',
    ["INSERT INTO tenant SELECT 0, 1, 9, 'x', digest FROM tenant"],
    { batchId: null, seq: 0, table: 'tenant' },
    'Entry 0 of tenant stands before the first batch.',
  ],
  [
    'two batches swapped',
    [
      'UPDATE batch SET batch_id = 99 WHERE batch_id = 1',
      'UPDATE batch SET batch_id = 1 WHERE batch_id = 2',
      'UPDATE batch SET batch_id = 2 WHERE batch_id = 99',
    ],
    { batchId: 1, seq: 1, table: 'batch' },
    'Batch 1 does not follow the batch before it',
  ],
  [
    'two batches swapped with their hashes in order',
    ['UPDATE batch SET title = CASE batch_id WHEN 1 THEN 2 ELSE 1 END WHERE batch_id < 3'],
    { batchId: 1, table: 'batch' },
    'The hash of batch 1 does not fit',
  ],
  [
    'a batch removed',
    ['DELETE FROM batch WHERE batch_id = 2'],
    { batchId: 2, seq: null, table: 'batch' },
    'Batch 2 is missing.',
  ],
  [
    "a batch's author changed",
    ["UPDATE batch SET author = 'eve' WHERE batch_id = 2"],
    { batchId: 2, seq: null, table: 'batch' },
    'The hash of batch 2 does not fit',
  ],
  [
    "a batch's counts changed",
    ["UPDATE batch SET counts = '{}' WHERE batch_id = 3"],
    { batchId: 3, table: 'batch' },
    'The hash of batch 3 does not fit',
  ],
  [
    "a batch's hash changed",
    ['UPDATE batch SET hash = previous_hash WHERE batch_id = 2'],
    { batchId: 2, table: 'batch' },
    'The hash of batch 2 does not fit',
  ],
  [
    'raw bytes changed',
    ['UPDATE raw_block SET bytes = zeroblob(9) WHERE block_no = 2'],
    { batchId: 2, seq: 9, table: 'raw_block' },
    'The raw records of block 2 were changed',
  ],
])('%s', async (_, statements, fault, sentence) => {
  const ledger = await book()
  tamper(ledger, ...statements)
  const found = await faultOf(ledger)
  expect(found).toMatchObject(fault)
  expect(found.sentence).toContain(sentence)
  expect(found.sentence).toContain('restore the latest backup that verifies.')
})

test('a guard that is missing, altered or added is named', async () => {
  const ledger = await book()
  const other = plainConnection(ledger)
  other.exec('CREATE TRIGGER intruder AFTER INSERT ON tenant BEGIN SELECT 1; END')
  expect((await faultOf(ledger)).sentence).toContain(
    "has the trigger intruder, which is none of this program's",
  )
  other.exec('DROP TRIGGER intruder; DROP TRIGGER usage_event_no_update')
  expect((await faultOf(ledger)).sentence).toContain(
    'The trigger usage_event_no_update that guards the book is missing.',
  )
  other.exec(
    'CREATE TRIGGER usage_event_no_update BEFORE UPDATE ON usage_event WHEN FALSE BEGIN SELECT 1; END',
  )
  expect(await faultOf(ledger)).toMatchObject({ table: 'usage_event', batchId: null, seq: null })
})

test('a guard that hides behind a name like one of SQLite’s own is named', async () => {
  const ledger = await book()
  const other = plainConnection(ledger)
  const rename = (sql: string) => {
    other.unsafeMode(true)
    other.pragma('writable_schema = ON')
    other.exec(sql)
    other.pragma('writable_schema = OFF')
    other.unsafeMode(false)
  }
  other.exec('CREATE TRIGGER hidden AFTER INSERT ON tenant BEGIN SELECT 1; END')
  rename(
    "UPDATE sqlite_schema SET name = 'sqlite_autoindex_tenant_1', sql = replace(sql, 'hidden', 'sqlite_autoindex_tenant_1') WHERE name = 'hidden'",
  )
  expect(await faultOf(ledger)).toMatchObject({ table: 'tenant' })
  expect((await faultOf(ledger)).sentence).toContain(
    "has the trigger sqlite_autoindex_tenant_1, which is none of this program's",
  )
  rename("DELETE FROM sqlite_schema WHERE name = 'sqlite_autoindex_tenant_1'")
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
  // A trigger may have the name of a table.
  other.exec('CREATE TRIGGER tenant AFTER INSERT ON tenant BEGIN SELECT 1; END')
  expect((await faultOf(ledger)).sentence).toContain(
    "has the trigger tenant, which is none of this program's",
  )
})

test('statistics that SQLite kept for itself are no fault', async () => {
  const ledger = await book()
  plainConnection(ledger).exec('ANALYZE')
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
})

test('an index without the row of a cost is named', async () => {
  const ledger = await book()
  const other = plainConnection(ledger)
  const index = 'cost_entry_cost_key_bill_no_revision'
  const sql = other.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck().get(index) as string
  other.unsafeMode(true)
  other.pragma('writable_schema = ON')
  const write = other.prepare('UPDATE sqlite_schema SET sql = ? WHERE name = ?')
  write.run(sql.replace("correction IS NOT 'reversal'", 'seq <> 15'), index)
  other.pragma('writable_schema = RESET')
  other.exec(`REINDEX ${index}`)
  other.pragma('writable_schema = ON')
  write.run(sql, index)
  other.pragma('writable_schema = RESET')
  expect(await faultOf(ledger)).toMatchObject({ batchId: null, seq: null, table: 'cost_entry' })
  expect((await faultOf(ledger)).sentence).toMatch(
    /^The indexes of the table cost_entry do not fit its entries \(.*\)\. Keep a copy of the book/,
  )
})

test('a row put among the events of a page is named, wherever the page begins', async () => {
  const ledger = newBook()
  await deliverUsage(
    ledger,
    Array.from({ length: 20_000 }, (_, i) => String(i)),
  )
  const [seq, lastSeq] = plainConnection(ledger)
    .prepare('SELECT seq, last_seq FROM usage_page WHERE seq <= 16384 AND last_seq > 16384')
    .raw()
    .get() as [number, number]
  expect(lastSeq).toBeGreaterThan(16_390)
  // No guard stands against it: the table of corrections is empty.
  plainConnection(ledger).exec(
    "INSERT INTO usage_event VALUES (16390, 1, 1, x'00', 0, 1, 1, 5, 0, NULL, NULL, NULL, 1, 0, NULL, NULL, x'00')",
  )
  expect(await faultOf(ledger)).toMatchObject({ batchId: 1, table: 'usage_event', seq: 16_390 })
  expect(seq).toBeLessThan(16_384)
})

test('a book whose end was cut off cleanly is known by a head kept elsewhere', async () => {
  const ledger = await book()
  const head = readHead(ledger)
  const knownHeads = [{ batchId: head?.batchId ?? 0, hash: head?.hash ?? '' }]
  expect(await verifyLedger(ledger, { knownHeads })).toMatchObject({ ok: true })
  tamper(
    ledger,
    'DELETE FROM batch WHERE batch_id = 3',
    ...['source', 'bill', 'attribute_set', 'cost_entry', 'raw_block'].map(
      (table) => `DELETE FROM ${table} WHERE seq > 10`,
    ),
  )
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true, batches: 2 })
  expect((await faultOf(ledger, { knownHeads })).sentence).toContain('the end of the book was cut off')
  expect((await faultOf(ledger, { knownHeads: [{ batchId: 2, hash: '00' }] })).sentence).toContain(
    'the book was rewritten',
  )
})

test('a byte changed in the file is found, and names the entry', async () => {
  const folder = temporaryFolder()
  const ledger = openLedgerForWriting(folder, { program: 'test 1', create: true })
  await deliverUsage(ledger, ['a'])
  closeLedger(ledger)
  const bytes = readFileSync(ledger.file)
  const place = bytes.indexOf('{"region":"eu"}')
  expect(place).toBeGreaterThan(0)
  bytes[place + 12] = (bytes[place + 12] ?? 0) ^ 1
  writeFileSync(ledger.file, bytes)
  const reading = openLedgerForReading(folder)
  expect(await verifyLedger(reading)).toMatchObject({
    ok: false,
    fault: { batchId: 1, table: 'attribute_set' },
  })
  closeLedger(reading)
})

test('a text that became bytes is a damage like any other', async () => {
  const folder = temporaryFolder()
  const ledger = openLedgerForWriting(folder, { program: 'test 1', create: true })
  await deliverUsage(ledger, ['a'])
  closeLedger(ledger)
  const bytes = readFileSync(ledger.file)
  // What the columns of the attribute set are: texts of 5 and 15 bytes are 23 and 43, bytes of 15 would be 42.
  const types = bytes.indexOf(Buffer.from([23, 44, 43, 28]))
  expect(types).toBeGreaterThan(0)
  bytes[types + 2] = 42
  writeFileSync(ledger.file, bytes)
  const reading = openLedgerForReading(folder)
  const verification = await verifyLedger(reading)
  expect(verification).toMatchObject({ ok: false, fault: { batchId: 1 } })
  expect(verification.ok ? '' : verification.fault.sentence).toMatch(
    /^The file of the ledger is damaged near entry 1 \(.*restore the latest backup that verifies\.$/,
  )
  closeLedger(reading)
})

test('a correction that was changed is named, and so is an index that does not fit the events', async () => {
  const ledger = await book()
  await batch(ledger, (appender) => void appender.reverseUsage(7, null))
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true, entries: 17 })
  tamper(ledger, 'UPDATE usage_event SET quantity = -11 WHERE seq = 17')
  expect(await faultOf(ledger)).toMatchObject({ batchId: 4, seq: 17, table: 'usage_event' })
  tamper(ledger, 'UPDATE usage_event SET quantity = -10 WHERE seq = 17')
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
  for (const statement of [
    'UPDATE usage_key_part SET bytes = zeroblob(length(bytes))',
    'UPDATE usage_key_part SET first_fingerprint = first_fingerprint + 1',
    'UPDATE usage_key_part SET bytes = substr(bytes, 1, 9)',
    'UPDATE usage_key_run SET keys = 9223372036854775807',
    'UPDATE usage_key_run SET base_seq = base_seq + 1',
    'DELETE FROM usage_key_part',
    'DELETE FROM usage_key_run',
  ]) {
    tamper(ledger, statement)
    expect(await faultOf(ledger)).toMatchObject({ batchId: null, seq: null, table: 'usage_key_run' })
    await mendKeys(ledger)
    expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
  }
})

test('verification can be cancelled while other work goes on', async () => {
  const ledger = newBook()
  await deliverUsage(
    ledger,
    Array.from({ length: 40_000 }, (_, i) => String(i)),
  )
  const abort = new AbortController()
  const steps: number[] = []
  const verification = verifyLedger(ledger, {
    signal: abort.signal,
    onProgress: ({ done }) => {
      steps.push(done)
      setImmediate(() => abort.abort(new Error('cancelled by ann')))
    },
  })
  await expect(verification).rejects.toThrow('cancelled by ann')
  expect(steps.length).toBeLessThan(3)
})
