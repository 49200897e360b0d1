/** A disk that fills up under the cube's file: it stays at the batch it had, and follows once there is room. */
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Cube, openCube } from '../../../src/main/cube/cube.ts'
import { readRows } from '../../../src/main/cube/database.ts'
import { collectGarbage } from '../../support/collect-garbage.ts'
import { canMount, smallDisk } from '../../support/small-disk.ts'
import { at, bookIn, makeBook, type UsageEntry } from './book.ts'

const MONTH_MS = 2_600_000_000

/** Events whose numbers follow no pattern, so that they take their room on the disk. */
const events = (count: number): UsageEntry[] =>
  Array.from({ length: count }, (_, i) => ({
    tenant: `t${i % 9}`,
    metric: 'calls',
    scale: 0,
    quantity: BigInt((i * 7_919_317) % 999_999_937),
    startMs: at('2026-10-01T00:00:00Z') + ((i * 104_729_131) % MONTH_MS),
  }))

const openOn = async (megabytes: number) => {
  const disk = smallDisk(megabytes)
  if (disk === null) throw new Error('no disk could be mounted')
  const book = makeBook(join(disk.directory, 'book'))
  book.add({ documents: [bookIn('UTC')], usage: events(1) })
  const cube = await openCube(book.directory)
  onTestFinished(async () => {
    await cube.close()
    book.close()
    disk.remove()
  })
  await cube.follow()
  return { disk, book, cube }
}

/** How many events the cube has, and how many of them are not there twice. */
const countsOf = async (cube: Cube) => {
  const [row] = await cube.read((connection) =>
    readRows(connection, 'SELECT count(*)::INTEGER, count(DISTINCT seq)::INTEGER FROM usage_fact'),
  )
  return row
}

// DuckDB writes a group of rows when it is full, at 122,880, and the rest when it commits.
test.runIf(canMount).each([
  ['append', 200_000],
  ['commit', 100_000],
])('a disk full when it is to %s: nothing of it is kept, and nothing is there twice', async (what, count) => {
  const { disk, book, cube } = await openOn(200)
  book.add({ usage: events(count) })
  disk.fill()
  for (let attempt = 0; attempt < 2; attempt++) {
    const error = await cube.follow().catch(String)
    expect(error).toContain(`Failed to ${what}`)
    expect(error).toContain('No space left on device')
    expect(await cube.status()).toMatchObject({ lastBatchId: 1, ledgerBatchId: 2, following: false })
    expect(await countsOf(cube)).toEqual([1, 1])
  }
  disk.empty()
  await collectGarbage()
  expect(await cube.follow()).toMatchObject({ lastBatchId: 2, rebuilt: null })
  expect(await countsOf(cube)).toEqual([count + 1, count + 1])
})

test.runIf(canMount)('a file that could not take in its log is opened again, whole', async () => {
  const { disk, book, cube } = await openOn(100)
  for (let batch = 0; batch < 10; batch++) {
    book.add({ usage: events(3_000) })
    await cube.follow()
  }
  // DuckDB does it at 16 MB of log; after it failed, it answers nothing until the file is opened again.
  await cube.read((connection) => connection.run("SET GLOBAL checkpoint_threshold = '1KB'"))
  book.add({ usage: events(3_000) })
  disk.fill()
  await expect(cube.follow()).rejects.toThrow('No space left on device')
  expect(await countsOf(cube)).toEqual([30_001, 30_001])
  expect(await cube.status()).toMatchObject({ lastBatchId: 11, ledgerBatchId: 12, madeAnew: false })
  disk.empty()
  expect(await cube.follow()).toMatchObject({ lastBatchId: 12, rebuilt: null })
  expect(await countsOf(cube)).toEqual([33_001, 33_001])
})
