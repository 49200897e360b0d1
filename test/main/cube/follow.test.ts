import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { CUBE_FILE, type Cube, openCube } from '../../../src/main/cube/cube.ts'
import { readRows } from '../../../src/main/cube/database.ts'
import { monthsSeen } from '../../../src/main/cube/queries/seen.ts'
import { usageSlice } from '../../../src/main/cube/queries/usage.ts'
import { CUBE_TABLES } from '../../../src/main/cube/schema.ts'
import { at, type Batch, bookIn, makeBook } from './book.ts'
import { worlds, write } from './world.ts'

const tidy: (() => unknown)[] = []
afterEach(async () => {
  for (const undo of tidy.splice(0).reverse()) await undo()
})
const newBook = () => {
  const book = makeBook()
  tidy.push(book.close)
  return book
}
const open = async (directory: string): Promise<Cube> => {
  const cube = await openCube(directory)
  tidy.push(cube.close)
  return cube
}
const reopened = async (cube: Cube, directory: string): Promise<Cube> => {
  await cube.close()
  tidy.splice(tidy.indexOf(cube.close), 1)
  return open(directory)
}

/** Every row of every table, as text. */
const contents = (cube: Cube) =>
  cube.read(async (connection) => {
    const tables: Record<string, string[]> = {}
    for (const table of [...CUBE_TABLES, 'cube_state'])
      tables[table] = (await readRows(connection, `SELECT * FROM ${table}`)).map(String).sort()
    return tables
  })

const calls = (startMs: number, quantity: bigint, tenant = 'acme') => ({
  tenant,
  metric: 'api.calls',
  scale: 0,
  quantity,
  startMs,
})
const ONE: Batch = { documents: [bookIn('UTC')], usage: [calls(at('2026-10-01T10:00:00Z'), 5n)] }
const TWO: Batch = { usage: [calls(at('2026-10-02T10:00:00Z'), 7n)] }

const total = async (cube: Cube) => {
  const question = { metric: 'api.calls', startMs: at('2026-01-01'), endMs: at('2027-01-01') }
  const { rows } = await cube.read((connection) =>
    usageSlice(connection, { ...question, grain: 'total', groupBy: [] }),
  )
  return rows[0]?.quantity ?? 'nothing'
}

describe('following', () => {
  it('an empty ledger', async () => {
    const book = newBook()
    const cube = await open(book.directory)
    expect(await cube.follow()).toEqual({ lastBatchId: 0, lastSeq: 0, entries: 0, rebuilt: null })
    expect(await total(cube)).toBe('nothing')
  })

  it('batch by batch, at once, anew and from the same file give the same cube', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (plan) => {
        const book = makeBook()
        const stepwise = await openCube(book.directory)
        try {
          await write(book, plan, () => stepwise.follow())
          const inSteps = await contents(stepwise)
          await stepwise.rebuild()
          expect(await contents(stepwise)).toEqual(inSteps)
          await stepwise.close()
          const again = await openCube(book.directory)
          expect((await again.status()).madeAnew).toBe(false)
          expect(await again.follow()).toMatchObject({ entries: 0, rebuilt: null })
          expect(await contents(again)).toEqual(inSteps)
          await again.close()
          rmSync(join(book.directory, CUBE_FILE))
          const deleted = await openCube(book.directory)
          expect((await deleted.status()).madeAnew).toBe(true)
          await deleted.follow()
          expect(await contents(deleted)).toEqual(inSteps)
          await deleted.close()
        } finally {
          book.close()
        }
      }),
      { numRuns: 12 },
    )
  })

  it('calls made at the same time run one after the other', async () => {
    const book = newBook()
    const cube = await open(book.directory)
    book.add(ONE)
    const first = cube.follow()
    book.add(TWO)
    const results = await Promise.all([first, cube.follow(), cube.rebuild(), cube.follow()])
    expect(results.map(({ lastBatchId }) => lastBatchId)).toEqual([2, 2, 2, 2])
    expect(await total(cube)).toBe('12')
  })

  it('an aborted follow keeps the cube at the end of a batch', async () => {
    const book = newBook()
    const cube = await open(book.directory)
    book.add(ONE)
    await cube.follow()
    const stop = new AbortController()
    book.add(TWO)
    await expect(
      cube.follow({ signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) }),
    ).resolves.toMatchObject({ lastBatchId: 2 })
    book.add(TWO)
    await expect(cube.follow({ signal: stop.signal })).rejects.toThrow('enough')
    expect(await cube.status()).toMatchObject({ lastBatchId: 2, ledgerBatchId: 3, following: false })
    expect(await total(cube)).toBe('12')
    await cube.follow()
    expect(await total(cube)).toBe('19')
  })

  it('a ledger that cannot be read in the middle of a batch leaves the cube as it was', async () => {
    const book = newBook()
    const cube = await open(book.directory)
    book.add(ONE)
    await cube.follow()
    const before = await contents(cube)
    book.add({
      usage: [calls(at('2026-10-03'), 1n)],
      documents: [{ kind: 'rules', id: 'rules', content: { rules: 7 } }],
    })
    await expect(cube.follow()).rejects.toThrow()
    expect(await contents(cube)).toEqual(before)
    expect(await total(cube)).toBe('5')
  })

  it('answers queries while it follows', async () => {
    const book = newBook()
    const cube = await open(book.directory)
    book.add({
      documents: [bookIn('UTC')],
      usage: Array.from({ length: 50_000 }, (_, i) => calls(at('2026-10-01') + i, 1n)),
    })
    const seen: (string | number)[] = []
    const following = cube
      .follow({ onProgress: ({ doneSeq }) => seen.push(doneSeq) })
      .then(() => seen.push('done'))
    while (!seen.includes('done')) {
      seen.push(await total(cube))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await following
    expect(seen.indexOf('nothing')).toBeGreaterThanOrEqual(0)
    expect(seen.indexOf('nothing')).toBeLessThan(seen.indexOf('done'))
    // Never a part of a batch.
    expect(
      seen.filter((word) => typeof word === 'string' && !['nothing', '50000', 'done'].includes(word)),
    ).toEqual([])
    expect(await total(cube)).toBe('50000')
  })
})

describe('building again', () => {
  it('when the ledger is behind the cube', async () => {
    const book = newBook()
    book.add(ONE)
    book.add(TWO)
    const cube = await open(book.directory)
    await cube.follow()
    const older = newBook()
    older.add(ONE)
    await cube.close()
    tidy.splice(tidy.indexOf(cube.close), 1)
    copyFileSync(join(book.directory, CUBE_FILE), join(older.directory, CUBE_FILE))
    const moved = await open(older.directory)
    expect(await moved.follow()).toMatchObject({ rebuilt: 'ahead_of_ledger', lastBatchId: 1 })
    expect(await total(moved)).toBe('5')
  })

  it('when the ledger is another one', async () => {
    const book = newBook()
    book.add(ONE)
    const cube = await open(book.directory)
    await cube.follow()
    const other = newBook()
    other.add({ ...ONE, usage: [calls(at('2026-10-01'), 100n)] })
    other.add(TWO)
    await cube.close()
    tidy.splice(tidy.indexOf(cube.close), 1)
    copyFileSync(join(book.directory, CUBE_FILE), join(other.directory, CUBE_FILE))
    const moved = await open(other.directory)
    expect(await moved.follow()).toMatchObject({ rebuilt: 'ledger_hash_differs', lastBatchId: 2 })
    expect(await total(moved)).toBe('107')
  })

  it('when the book moved to another time zone', async () => {
    const book = newBook()
    book.add({ documents: [bookIn('UTC')], usage: [calls(at('2026-10-31T23:30:00Z'), 1n)] })
    const cube = await open(book.directory)
    await cube.follow()
    expect(await cube.read((connection) => monthsSeen(connection, {}))).toEqual([
      { month: '2026-10', usageEvents: 1, costEntries: 0 },
    ])
    book.add({ documents: [bookIn('Europe/Berlin')] })
    expect(await cube.follow()).toMatchObject({ rebuilt: 'time_zone_changed' })
    expect(await cube.read((connection) => monthsSeen(connection, {}))).toEqual([
      { month: '2026-11', usageEvents: 1, costEntries: 0 },
    ])
  })

  it('when its shape is of another version, or the file is not a cube', async () => {
    const book = newBook()
    book.add(ONE)
    const file = join(book.directory, CUBE_FILE)
    let cube = await open(book.directory)
    await cube.follow()
    await cube.close()
    tidy.splice(tidy.indexOf(cube.close), 1)
    const instance = await DuckDBInstance.create(file)
    const connection = await instance.connect()
    await connection.run('UPDATE cube_state SET schema_version = 0')
    connection.closeSync()
    instance.closeSync()

    cube = await open(book.directory)
    expect(await cube.status()).toMatchObject({ madeAnew: true, lastBatchId: 0 })
    await cube.follow()
    expect(await total(cube)).toBe('5')
    await cube.close()
    tidy.splice(tidy.indexOf(cube.close), 1)
    writeFileSync(file, 'not a database at all')
    cube = await open(book.directory)
    expect(await cube.status()).toMatchObject({ madeAnew: true })
    await cube.follow()
    expect(await total(cube)).toBe('5')
    cube = await reopened(cube, book.directory)
    expect(await cube.status()).toMatchObject({ madeAnew: false, lastBatchId: 1 })
  })
})

describe('a file that another process holds', () => {
  it('is refused and left as it is', async () => {
    const book = newBook()
    book.add(ONE)
    const cube = await openCube(book.directory)
    await cube.follow()
    await cube.close()
    const holder = `
      const { DuckDBInstance } = await import('@duckdb/node-api')
      globalThis.held = await DuckDBInstance.create(process.argv[1])
      console.log('held')
      setInterval(() => {}, 1000)`
    const file = join(book.directory, CUBE_FILE)
    const other = spawn(process.execPath, ['--input-type=module', '--eval', holder, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(other.stdout, 'data')
    await expect(openCube(book.directory)).rejects.toThrow(/lock/)
    other.kill()
    await once(other, 'exit')
    const again = await open(book.directory)
    expect(await again.status()).toMatchObject({ madeAnew: false, lastBatchId: 1 })
  })
})

describe('reading', () => {
  it('stops where the caller aborts, and the reader serves the next one', async () => {
    const book = newBook()
    const cube = await openCube(book.directory, { readers: 1 })
    tidy.push(cube.close)
    const stop = new AbortController()
    const endless = cube.read(
      (connection) => readRows(connection, 'SELECT count(*) FROM range(1000000000000) a'),
      stop.signal,
    )
    const waiting = total(cube)
    setTimeout(() => stop.abort(new Error('never mind')), 50)
    await expect(endless).rejects.toThrow('never mind')
    expect(await waiting).toBe('nothing')
    await expect(cube.read(async () => 1, stop.signal)).rejects.toThrow('never mind')
  })

  it('cannot write', async () => {
    const book = newBook()
    const cube = await open(book.directory)
    await expect(
      cube.read((connection) => connection.run("INSERT INTO tenant VALUES (1, 'x')")),
    ).rejects.toThrow('read-only')
  })
})
