/**
 * Readers are closed while they are asked: what runs is stopped, and nothing waits for ever. What could not be appended
 * is not appended later.
 */
import { DuckDBInstance, INTEGER } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import {
  appendColumns,
  inTransaction,
  readerPool,
  readRows,
  withAppender,
} from '../../../src/main/cube/database.ts'
import { collectGarbage } from '../../support/collect-garbage.ts'

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

test.each(['an append', 'closing'])(
  'rows of an appender that failed at %s are never written',
  async (when) => {
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run('CREATE TABLE t (x INTEGER); CREATE TABLE once (x INTEGER PRIMARY KEY)')
    const append = () =>
      inTransaction(connection, 'BEGIN TRANSACTION', () =>
        withAppender(connection, 't', async (appender) => {
          appender.appendInteger(1)
          appender.endRow()
          // A statement that fails ends the transaction, and after it nothing can be flushed.
          await connection.run('INSERT INTO once VALUES (1), (1)').catch(() => undefined)
          if (when === 'an append') appender.flushSync()
        }),
      )
    // Not by `rejects`, which keeps the promise, and with it the appender, from being collected.
    expect(await append().catch(String)).toContain('Current transaction is aborted')
    await collectGarbage()
    await appendColumns(connection, 't', [INTEGER], [[2]])
    expect(await readRows(connection, 'SELECT x FROM t')).toEqual([[2]])
    connection.closeSync()
    instance.closeSync()
  },
)
