import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type CsvRow,
  createCsvSplitter,
  DELIMITERS,
  detectDelimiter,
  toCsvLine,
} from '../../../../src/main/collect/files/csv.ts'
import { createLineSplitter, LINE_CHARACTERS_MAX } from '../../../../src/main/collect/files/lines.ts'

const cut = (text: string, lengths: readonly number[]): string[] => {
  const pieces: string[] = []
  for (let at = 0, i = 0; at < text.length; i += 1) {
    const length = lengths[i % lengths.length] ?? text.length
    pieces.push(text.slice(at, at + length))
    at += length
  }
  return pieces
}
const rowsOf = (text: string, lengths: readonly number[] = [text.length || 1]): CsvRow[] => {
  const splitter = createCsvSplitter(',')
  return [...cut(text, lengths).flatMap((piece) => splitter.push(piece)), ...splitter.end()]
}
const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 10 })
const cell = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', ' ', ';'), maxLength: 6 })
const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 })

describe('CSV', () => {
  test.each([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,"b\nc"\n1,""\n',
      [
        ['a', 'b\nc'],
        ['1', ''],
      ],
    ],
    ['a,"say ""hi"""\n', [['a', 'say "hi"']]],
    [
      'a,\n,\n',
      [
        ['a', ''],
        ['', ''],
      ],
    ],
    ['a\n\nb\n', [['a'], [''], ['b']]],
  ])('%j', (text, cells) => {
    expect(rowsOf(text).map((row) => row.cells)).toEqual(cells)
  })

  test('row counts records, line counts lines; reading goes on after a fault', () => {
    const rows = rowsOf('h,i\na,"x\ny"\nb,"oops"z\nc,d\n"e,f\ng,h\n')
    expect(rows.map(({ row, line, fault }) => [row, line, fault?.fault ?? 'ok'])).toEqual([
      [1, 1, 'ok'],
      [2, 2, 'ok'],
      [3, 4, 'quote_in_cell'],
      [4, 5, 'ok'],
      [5, 6, 'quote_not_closed'],
      [6, 7, 'ok'],
    ])
  })

  test('what is written is read again, cut anywhere, and csv-parse reads the same', () => {
    fc.assert(
      fc.property(table, lengths, fc.constantFrom('\n', '\r\n'), (cells, pieces, lineEnd) => {
        const text = cells.map((row) => toCsvLine(row, ',') + lineEnd).join('')
        expect(rowsOf(text, pieces).map((row) => row.cells)).toEqual(cells)
        expect(parse(text, { relax_column_count: true, record_delimiter: lineEnd })).toEqual(cells)
      }),
    )
  })

  test('any text: the same rows however it is cut, numbered without gaps, none lost', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r'), maxLength: 60 })
    fc.assert(
      fc.property(text, lengths, (anything, pieces) => {
        const rows = rowsOf(anything)
        expect(rowsOf(anything, pieces)).toEqual(rows)
        expect(rows.map((row) => row.row)).toEqual(rows.map((_, i) => i + 1))
        expect(rows.every((row) => row.fault === null || row.text !== '')).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  test('a quote that is never closed does not gather the file in memory', () => {
    const splitter = createCsvSplitter(',')
    const line = `a,b${'x'.repeat(97)}\n`
    const rows = [
      ...splitter.push('h,i\n"open,1\n'),
      ...Array.from({ length: 20_000 }, () => splitter.push(line)).flat(),
      ...splitter.end(),
    ]
    expect(rows).toHaveLength(20_002)
    expect(rows.filter((row) => row.fault !== null).map((row) => [row.row, row.fault?.fault])).toEqual([
      [2, 'quote_not_closed'],
    ])
  })

  test.each([
    // What is faulty, its code, and the text that is kept of it
    ['a quote at the end of a long row', `${'x'.repeat(5_000)},"y"z`, 'quote_in_cell'],
    ['a quote that is closed wrongly on a further line', '"a\nb"c,d', 'quote_not_closed'],
    ['a quote in an unquoted cell on a further line', '"a\nb",c"d', 'quote_not_closed'],
  ])('%s: the row is kept whole, and is rejected again for the same reason', (_, text, code) => {
    const [row] = rowsOf(`${text}\ne,f\n`)
    expect(row).toMatchObject({ text: text.split('\n')[0], fault: { fault: code } })
    expect(rowsOf(row?.text ?? '').map((again) => again.fault?.fault)).toEqual([code])
  })

  test('two carriage returns and a line feed end a quoted cell too', () => {
    expect(rowsOf('a,"b"\r\r\n"c","d"\r\r\n', [3]).map(({ cells }) => cells)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  test('an endless line is refused for its length however it is cut, with quotes in it or without', () => {
    for (const line of ['x', '"x', 'a,"b'].map((start) => start + 'y'.repeat(LINE_CHARACTERS_MAX)))
      for (const pieces of [[line.length + 9], [70_000]])
        expect(rowsOf(`h,i\n${line}\n1,2\n`, pieces).map(({ row, fault }) => [row, fault?.fault])).toEqual([
          [1, undefined],
          [2, 'line_is_too_long'],
          [3, undefined],
        ])
    // Even as the first line, where the delimiter is not told yet.
    const splitter = createCsvSplitter()
    const rows = Array.from({ length: 400 }, () => splitter.push('z'.repeat(64 * 1024))).flat()
    expect(
      [...rows, ...splitter.push('\na,b\n'), ...splitter.end()].map(({ fault }) => fault?.fault),
    ).toEqual(['line_is_too_long', undefined])
  })

  test('the delimiter of what was written is told again, whatever the titles hold', () => {
    const title = fc.string({
      unit: fc.constantFrom('a', ',', ';', '|', '\t', '"'),
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(
        fc.array(title, { minLength: 2, maxLength: 4 }),
        fc.constantFrom(...DELIMITERS),
        (titles, delimiter) => {
          expect(detectDelimiter(toCsvLine(titles, delimiter))).toBe(delimiter)
        },
      ),
    )
  })

  test('a line without end is one row, and what follows is read', () => {
    const splitter = createCsvSplitter(',')
    const rows = [
      ...splitter.push('h,i\n'),
      ...splitter.push('x'.repeat(LINE_CHARACTERS_MAX + 1)),
      ...splitter.push('yyy\n1,2\n'),
      ...splitter.end(),
    ]
    expect(rows.map((row) => [row.row, row.line, row.fault?.fault ?? row.cells.join()])).toEqual([
      [1, 1, 'h,i'],
      [2, 2, 'line_is_too_long'],
      [3, 3, '1,2'],
    ])
  })

  test.each([
    ['a,b;c,d\n', ','],
    ['a;b;c\n1,5;2;3', ';'],
    ['a\tb\n', '\t'],
    ['a|b|c\n', '|'],
    ['"x;y;z",b\n', ','],
    ['one\n', ','],
    ['  \n\t\r\na;b,c;d\n', ';'],
  ])('the delimiter of %j is %j', (text, delimiter) => {
    expect(detectDelimiter(text)).toBe(delimiter)
  })
})

describe('lines', () => {
  test('any text: the lines, however it is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\n', '\r') }), lengths, (text, pieces) => {
        const splitter = createLineSplitter()
        const lines = [...cut(text, pieces).flatMap((piece) => [...splitter.push(piece)]), ...splitter.end()]
        const expected = text.split('\n')
        if (expected.at(-1) === '') expected.pop()
        expect(lines.map((line) => line.text)).toEqual(expected.map((line) => line.replace(/\r$/, '')))
        expect(lines.map((line) => line.row)).toEqual(expected.map((_, i) => i + 1))
      }),
    )
  })

  test('an overlong line keeps its beginning and its number', () => {
    const splitter = createLineSplitter()
    const lines = ['a\n', 'x'.repeat(LINE_CHARACTERS_MAX), 'y'.repeat(10), '\nb'].flatMap((piece) => [
      ...splitter.push(piece),
    ])
    expect([...lines, ...splitter.end()].map((line) => [line.row, line.text.length, line.isTooLong])).toEqual(
      [
        [1, 1, false],
        [2, 2_000, true],
        [3, 1, false],
      ],
    )
  })
})
