import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, expect, it, vi } from 'vitest'
import { ControlDiffers, usageControl } from '../../../src/main/cube/control.ts'
import { openCube } from '../../../src/main/cube/cube.ts'
import { withAppender } from '../../../src/main/cube/database.ts'
import type { UsageRow } from '../../../src/main/cube/feed.ts'
import * as loading from '../../../src/main/cube/load-usage.ts'
import { localTimeIn } from '../../../src/main/cube/local-time.ts'
import { monthsSeen } from '../../../src/main/cube/queries/seen.ts'
import { CUBE_DDL } from '../../../src/main/cube/schema.ts'
import { emptyColumns } from '../../../src/main/ledger/usage-page.ts'
import { at, bookIn, makeBook } from './book.ts'

vi.mock(import('../../../src/main/cube/load-usage.ts'), async (original) => {
  const actual = await original()
  return { ...actual, usageLoader: vi.fn(actual.usageLoader) }
})
const { usageLoader: whole } = await vi.importActual<typeof loading>('../../../src/main/cube/load-usage.ts')

const tidy: (() => unknown)[] = []
afterEach(async () => {
  for (const undo of tidy.splice(0).reverse()) await undo()
  vi.mocked(loading.usageLoader).mockImplementation(whole)
})

/** A loader that takes the start of every event for zero. */
const astray: typeof whole = (...given) => {
  const loader = whole(...given)
  const zeroed = (row: UsageRow) => row.with(6, 0) as unknown as UsageRow
  return { ...loader, rows: (rows) => loader.rows(rows.map(zeroed)) }
}

const follow = async () => {
  const book = makeBook()
  tidy.push(book.close)
  const event = { tenant: 'acme', metric: 'api.calls', scale: 0, quantity: 5n }
  book.add({
    documents: [bookIn('UTC')],
    usage: [
      { ...event, startMs: at('2026-10-01T10:00:00Z') },
      { ...event, startMs: at('2026-10-20T10:00:00Z') },
    ],
  })
  const cube = await openCube(book.directory)
  tidy.push(cube.close)
  return cube
}
const months = (cube: Awaited<ReturnType<typeof follow>>) =>
  cube.read(async (connection) =>
    (await monthsSeen(connection, {})).map(({ month, usageEvents }) => [month, usageEvents]),
  )

it('appends again what went astray once', async () => {
  const cube = await follow()
  vi.mocked(loading.usageLoader).mockImplementationOnce(astray)
  await cube.follow()
  expect(await months(cube)).toEqual([['2026-10', 2]])
})

it('keeps nothing of a step that goes astray again, and says so', async () => {
  const cube = await follow()
  vi.mocked(loading.usageLoader).mockImplementation(astray)
  await expect(cube.follow()).rejects.toThrow('rebuild the cube if this comes back')
  expect(await months(cube)).toEqual([])
  vi.mocked(loading.usageLoader).mockImplementation(whole)
  await cube.follow()
  expect(await months(cube)).toEqual([['2026-10', 2]])
})

it('tells of one event among thousands whatever of it is wrong', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  tidy.push(() => {
    connection.closeSync()
    instance.closeSync()
  })
  await connection.run(CUBE_DDL)
  const localTime = localTimeIn('Europe/Berlin')
  const columns = emptyColumns(4000)
  columns.events = 4000
  for (let i = 0; i < 4000; i++) {
    columns.quantityHigh[i] = i % 3 === 0 ? -1 : i
    columns.quantityLow[i] = i * 1_000_003
    columns.startMs[i] = at('2026-10-01T00:00:00Z') + i * 600_000
    columns.endMs[i] = Number.NaN
    columns.postedMs[i] = i % 7 === 0 ? at('2026-11-01T00:00:00Z') : Number.NaN
  }
  const control = usageControl(localTime)
  await withAppender(connection, 'usage_fact', (appender) => {
    const loader = whole(appender, localTime)
    loader.page({ firstSeq: 11, lastSeq: 4010, batchId: 1, sourceNo: 1, blockNo: 1, digest: '', columns })
    loader.finish()
  })
  control.page(columns)
  await control.compare(connection, 10)
  for (const wrong of [
    'start_ms = start_ms + 1',
    'at_ms = 0',
    'month = 197001',
    'day = 19700101',
    'start_day = 19700101',
    'late = NOT late',
    'quantity = quantity - 1',
    'seq = 1',
  ]) {
    await connection.run(`BEGIN; UPDATE usage_fact SET ${wrong} WHERE seq = 2001`)
    await expect(control.compare(connection, 10), wrong).rejects.toThrow(ControlDiffers)
    await connection.run('ROLLBACK')
  }
})
