import { expect, test } from 'vitest'
import { costFromUnits } from '../../../src/domain/decimal.ts'
import { historyOfRecord } from '../../../src/main/ledger/read.ts'
import { controlTotals } from '../../../src/main/ledger/read-totals.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { batch, billOf, contentKey, costFields, deliverBill, newBook, origin } from './book.ts'

test('a bill delivered again and again: what vanished is reversed, what returned is a revision', async () => {
  const ledger = newBook()
  const billed = () => costFromUnits(controlTotals(ledger).cost.get('USD')?.billed ?? 0n)
  //              delivery            new dup rev. restated  total
  const deliveries: [string, number, number, number, number, string][] = [
    ['10 20 30 30', 4, 0, 0, 0, '90'],
    ['10 20 30 30', 0, 4, 0, 0, '90'],
    ['10 20 30', 0, 3, 1, 0, '60'],
    ['10 25 30', 1, 2, 1, 0, '65'],
    ['10 20 30 30', 2, 2, 1, 2, '90'],
    ['10 20 30 30 30', 1, 4, 0, 0, '120'],
    ['', 0, 0, 5, 0, '0'],
  ]
  for (const [rows, fresh, duplicate, reversed, restated, total] of deliveries) {
    const { counts } = await deliverBill(
      ledger,
      rows.split(' ').filter((row) => row !== ''),
    )
    expect(counts, rows).toMatchObject({ new: fresh, duplicate, reversed, restated })
    expect(billed()).toBe(total)
  }
  const twenty = ledger.database
    .prepare("SELECT min(seq) FROM cost_entry WHERE billed_cost = '20'")
    .pluck()
    .get() as number
  expect(
    historyOfRecord(ledger, 'cost_entry', twenty).map(({ columns }) => [
      columns.revision,
      columns.billed_cost,
      columns.correction,
    ]),
  ).toEqual([
    [0, '20', null],
    [0, '-20', 'reversal'],
    [1, '20', 'restatement'],
    [1, '-20', 'reversal'],
  ])
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true, batches: 7 })
})

test('the same row in two bills is two costs', async () => {
  const ledger = newBook()
  const { counts } = await batch(ledger, (appender) => {
    for (const month of ['2026-08', '2026-09'])
      appender.costByContent(
        contentKey('x'),
        costFields(appender, { billNo: billOf(appender, month) }),
        origin(['x']),
      )
  })
  expect(counts).toMatchObject({ rows: 2, new: 2 })
})

test('a reversal negates every amount and points at the same raw record', async () => {
  const ledger = newBook()
  await batch(
    ledger,
    (appender) => void appender.costByContent(contentKey('x'), costFields(appender), origin(['x'])),
  )
  await batch(ledger, (appender) => {
    const [entry, ...others] = [...appender.vanished(billOf(appender))]
    expect(others).toEqual([])
    appender.reverseCost(entry?.seq ?? 0, 1_790_000_000_000)
    expect([...appender.vanished(billOf(appender))]).toEqual([])
  })
  const rows = ledger.database
    .prepare(
      `SELECT billed_cost, effective_cost, list_cost, consumed_quantity, block_no, block_row, posted_ms, correction, corrects IS NOT NULL
       FROM cost_entry ORDER BY seq`,
    )
    .raw()
    .all()
  expect(rows).toEqual([
    ['1.25', '1.000000000000000001', null, '3', 1, 0, null, null, 0],
    ['-1.25', '-1.000000000000000001', null, '-3', 1, 0, 1_790_000_000_000, 'reversal', 1],
  ])
})

test('more vanished entries than one page are all found while they are reversed', async () => {
  const ledger = newBook()
  await deliverBill(
    ledger,
    Array.from({ length: 2500 }, (_, i) => String(i + 1)),
  )
  expect((await deliverBill(ledger, ['7'])).counts).toMatchObject({ new: 0, duplicate: 1, reversed: 2499 })
})
