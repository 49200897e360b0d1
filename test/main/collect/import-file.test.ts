import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Currency } from '../../../src/domain/money.ts'
import { importFile } from '../../../src/main/collect/import-file.ts'
import { readHead } from '../../../src/main/ledger/read.ts'
import { newBook } from '../ledger/book.ts'

test('names that are no text are one name, and the same file again adds nothing', async () => {
  const ledger = newBook()
  const path = join(ledger.directory, 'a.jsonl')
  const event = (id: string, metric: string, value: string) =>
    `{"specversion":"1.0","id":"${id}","source":"s","type":"${metric}","subject":"a","time":"2026-03-01T12:00:00Z","data":{"value":${value}}}`
  writeFileSync(
    path,
    [event('1', '\\ud800', '1'), event('2', '\\ud800', '1.5'), event('3', '\\udfff', '2')].join('\n'),
  )
  const importIt = () =>
    importFile(
      ledger,
      { path, name: 'a.jsonl', source: 'Usage', choice: { kind: 'cloudevents' }, delivery: 'add' },
      {
        author: 'ann',
        nowMs: Date.UTC(2026, 5, 1),
        timeZone: 'UTC',
        currency: 'USD' as Currency,
        proposedMetrics: [],
      },
      () => {},
    )
  const first = await importIt()
  expect(first).toMatchObject({ added: 3, metrics: [{ metric: '\ufffd', events: 3, quantity: '4.5' }] })
  const entries = readHead(ledger)?.entries
  for (let again = 0; again < 2; again++) {
    expect(await importIt()).toMatchObject({ added: 0, duplicate: 3, conflict: 0 })
    expect(readHead(ledger)?.entries).toBe(entries)
  }
})
