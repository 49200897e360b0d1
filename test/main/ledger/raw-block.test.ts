import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineGatherer, lineRecord } from '../../../src/main/collect/record-lines.ts'
import type { OpenBatch } from '../../../src/main/ledger/open-batch.ts'
import {
  openRawBlocks,
  type PostedRecord,
  postedRecord,
  type RawRecord,
  readRawBlock,
} from '../../../src/main/ledger/raw-block.ts'
import { rawRecord } from '../../../src/main/ledger/read.ts'
import { batch, newBook } from './book.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '',
    '\n',
    '\r',
    'a\nb',
    '\ud800',
    '{"header":null}',
    'null',
    '\ufeff',
    '"',
    '\0',
    '👍',
    ',',
  ),
)
const cells = fc.array(text, { maxLength: 4 })
interface Kept {
  readonly record: RawRecord
  readonly csvHeader: readonly string[] | null
}
const kept: fc.Arbitrary<Kept> = fc.oneof(
  text.map((record) => ({ record, csvHeader: null })),
  fc.tuple(cells, fc.constantFrom(['a'], ['a', 'b'], ['\n', '\ud800'], [])).map(([record, csvHeader]) => ({
    record,
    csvHeader,
  })),
)

/** Keeps records in blocks that only gather what they are given. */
const keepAll = (records: readonly PostedRecord[]) => {
  const written = new Map<number, Uint8Array>()
  let no = 0
  const into = {
    appendBlock: (blockNo: number, _: number, bytes: Uint8Array) =>
      void written.set(blockNo, Uint8Array.from(bytes)),
  } as unknown as OpenBatch
  const blocks = openRawBlocks(into, () => ++no)
  const places = records.map((record) => {
    const blockNo = blocks.blockNo(record.kind)
    return [blockNo, record.keep(blocks)] as const
  })
  blocks.close()
  expect(blocks.close()).toBeNull()
  const read = new Map([...written].map(([blockNo, bytes]) => [blockNo, readRawBlock(bytes)]))
  return places.map(([blockNo, row]) => ({
    header: read.get(blockNo)?.header ?? null,
    record: read.get(blockNo)?.rows[row],
  }))
}

test('every record comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(kept, { maxLength: 30 }), (records) => {
      const posted = records.map(({ record, csvHeader }) =>
        postedRecord({ record, csvHeader, file: 'x', row: 1 }),
      )
      expect(keepAll(posted)).toEqual(records.map(({ record, csvHeader }) => ({ record, header: csvHeader })))
    }),
    { numRuns: 500 },
  )
})

test('so does every record of a chunk', () => {
  const line = text.filter((each) => !each.includes('\n')).map((each) => each.toWellFormed())
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.array(cells, { maxLength: 20 }), (lines, rows) => {
      const gathered = (texts: readonly string[], header: readonly string[] | null) => {
        const gatherer = lineGatherer(texts.length)
        for (const [i, each] of texts.entries()) gatherer.add(i + 1, each)
        const chunk = gatherer.take()
        return texts.map((_, i) => {
          const record = lineRecord(chunk, header, 'x', 'r')
          record.at(i)
          return record
        })
      }
      const header = ['a', 'b\n']
      const posted = [
        ...gathered(lines, null),
        ...gathered(
          rows.map((row) => JSON.stringify(row)),
          header,
        ),
      ]
      const expected = [
        ...lines.map((record) => ({ record, header: null })),
        ...rows.map((record) => ({ record, header })),
      ]
      expect(keepAll(posted)).toEqual(expected)
      expect(posted.map((record) => record.origin().record)).toEqual(expected.map(({ record }) => record))
    }),
  )
})

test('large records and many of them come back, each block bounded', () => {
  const records = [
    'x'.repeat(3_000_000),
    ...Array.from({ length: 5000 }, (_, i) => `${i}`),
    'ä'.repeat(600_000),
    'é'.repeat(600_000),
    '',
  ]
  const posted = records.map((record) => postedRecord({ record, csvHeader: null, file: 'x', row: 1 }))
  expect(keepAll(posted).map(({ record }) => record)).toEqual(records)
})

test('blocks of version 1 are read as they were', () => {
  const block = (content: object) => readRawBlock(zstdCompressSync(Buffer.from(JSON.stringify(content))))
  expect(block({ header: null, rows: ['a\nb', ''] })).toEqual({ header: null, rows: ['a\nb', ''] })
  expect(block({ header: ['x'], rows: [['\n'], ['2']] })).toEqual({ header: ['x'], rows: [['\n'], ['2']] })
})

test('records kept for themselves are found by where they are', async () => {
  const ledger = newBook()
  const pointers: { blockNo: number; blockRow: number }[] = []
  await batch(ledger, (appender) => {
    for (const [record, header] of [
      ['one', null],
      ['two\nlines', null],
      [
        ['1', '2'],
        ['a', 'b'],
      ],
      [
        ['3', '4'],
        ['a', 'c'],
      ],
      ['three', null],
    ] as const)
      pointers.push(appender.raw(record, header))
  })
  expect(pointers.map(({ blockNo, blockRow }) => rawRecord(ledger, blockNo, blockRow))).toEqual([
    { kind: 'text', text: 'one' },
    { kind: 'text', text: 'two\nlines' },
    {
      kind: 'row',
      fields: [
        { name: 'a', value: '1' },
        { name: 'b', value: '2' },
      ],
    },
    {
      kind: 'row',
      fields: [
        { name: 'a', value: '3' },
        { name: 'c', value: '4' },
      ],
    },
    { kind: 'text', text: 'three' },
  ])
})
