/** Readers are closed while they are asked: what runs is stopped, and nothing waits for ever. */
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { readerPool, readRows } from '../../../src/main/cube/database.ts'

const LONG = 'SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b'

test('closing stops queries under way and refuses later ones; none hangs', async () => {
  for (let round = 0; round < 20; round++) {
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
    const pool = await readerPool(instance, 2)
    const asked = Array.from({ length: 4 }, () => pool.read((connection) => readRows(connection, LONG)))
    const ended = Promise.allSettled(asked)
    if (round % 2 === 0) await new Promise((resolve) => setTimeout(resolve, round))
    await pool.close()
    expect((await ended).map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
      'rejected',
      'rejected',
    ])
    await expect(pool.read((connection) => readRows(connection, 'SELECT 1'))).rejects.toThrow(
      'the cube is closed',
    )
    instance.closeSync()
  }
})
