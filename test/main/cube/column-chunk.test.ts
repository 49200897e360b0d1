import { BIGINT, BOOLEAN, DuckDBInstance, INTEGER } from '@duckdb/node-api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  bigintColumn,
  booleanColumn,
  columnChunk,
  integerColumn,
  setNull,
  setWide,
} from '../../../src/main/cube/column-chunk.ts'
import { VECTOR_ROWS } from '../../../src/main/cube/database.ts'

const wide = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(
    0,
    -1,
    1,
    2 ** 32,
    -(2 ** 32),
    2 ** 32 - 1,
    -(2 ** 32) - 1,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
  ),
)
const row = fc.record({
  flag: fc.boolean(),
  whole: fc.integer(),
  maybe: fc.option(fc.integer()),
  wide,
  maybeWide: fc.option(wide),
})
/** Sizes of one fill after another: also a full vector, and fills without a null after some with. */
const fills = fc.array(
  fc.record({
    rows: fc.array(row, { minLength: 1, maxLength: 6 }),
    times: fc.constantFrom(1, 11, 340),
    hasNulls: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
)

test('values and nulls come back exactly, over several fills of one chunk', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await fc.assert(
      fc.asyncProperty(fills, async (all) => {
        await connection.run(
          'CREATE OR REPLACE TABLE t (flag BOOLEAN, whole INTEGER, maybe INTEGER, wide BIGINT, maybe_wide BIGINT)',
        )
        const appender = await connection.createAppender('t')
        const flag = booleanColumn()
        const whole = integerColumn()
        const maybe = integerColumn(true)
        const wideColumn = bigintColumn()
        const maybeWide = bigintColumn(true)
        const { chunk, fill } = columnChunk(
          [BOOLEAN, INTEGER, INTEGER, BIGINT, BIGINT],
          [flag, whole, maybe, wideColumn, maybeWide],
        )
        const expected: unknown[][] = []
        for (const { rows, times, hasNulls } of all) {
          const repeated = Array.from({ length: times }, () => rows)
            .flat()
            .slice(0, VECTOR_ROWS)
          for (const [i, each] of repeated.entries()) {
            flag.values[i] = each.flag ? 1 : 0
            whole.values[i] = each.whole
            setWide(wideColumn, i, each.wide)
            const [small, large] = hasNulls
              ? [each.maybe, each.maybeWide]
              : [each.maybe ?? 3, each.maybeWide ?? 4]
            if (small === null) setNull(maybe.valid, i)
            else maybe.values[i] = small
            if (large === null) setNull(maybeWide.valid, i)
            else setWide(maybeWide, i, large)
            expected.push([
              each.flag,
              each.whole,
              small,
              BigInt(each.wide),
              large === null ? null : BigInt(large),
            ])
          }
          fill(repeated.length)
          appender.appendDataChunk(chunk)
        }
        appender.closeSync()
        const read = await connection.runAndReadAll('SELECT * FROM t ORDER BY rowid')
        expect(read.getRows()).toEqual(expected)
      }),
      { numRuns: 40 },
    )
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
})

test('a column that holds a value in every row takes no null', () => {
  expect(() => setNull(integerColumn().valid, 0)).toThrow('assertion')
})
