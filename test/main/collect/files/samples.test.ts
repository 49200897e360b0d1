/** The public samples, to the last digit. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { sumDecimals } from '../../../../src/domain/decimal.ts'
import { readAccessLog } from '../../../../src/main/collect/files/access-log.ts'
import { detectKind } from '../../../../src/main/collect/files/detect.ts'
import { readFocus } from '../../../../src/main/collect/files/focus.ts'
import { openFile } from '../../../../src/main/collect/files/open-file.ts'
import { USD } from './awkward-readers.ts'
import { exhaust, fixture, NOW_MS } from './helpers.ts'

const FOCUS = fixture('focus-1.0-sample.csv')
const LOG = fixture('apache-access.log')

describe('the FOCUS sample', () => {
  test('500 rows, none rejected, exact totals', async () => {
    const file = await openFile(FOCUS)
    const reading = readFocus(file, { defaultCurrency: USD })
    const { entries } = await exhaust(reading)
    expect(reading.counts).toEqual({ rows: 501, header: 1, blank: 0, accepted: 500, rejected: 0 })
    expect(reading.issues).toEqual([])
    expect(sumDecimals(entries.map((entry) => entry.billedCost))).toBe('5.9883937432')
    expect(sumDecimals(entries.map((entry) => entry.effectiveCost ?? ('0' as never)))).toBe('2')
    expect(new Set(entries.map((entry) => entry.bill.month))).toEqual(new Set(['2024-09']))
    expect(file.bytesRead()).toBe(file.bytesTotal)
    expect(file.sha256()).toBe('6f0b0d730db00987458e8916b0712d7af8628d4c32604ec0866fe83cfb4f15dc')
  })

  test('the same rows from gzip and from UTF-16', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'files-'))
    try {
      const text = readFileSync(FOCUS, 'utf8')
      writeFileSync(join(folder, 'packed.csv'), gzipSync(text))
      writeFileSync(join(folder, 'wide.csv'), Buffer.from(`\uFEFF${text}`, 'utf16le'))
      const plain = await exhaust(readFocus(await openFile(FOCUS), { defaultCurrency: USD }))
      for (const name of ['packed.csv', 'wide.csv']) {
        const { entries } = await exhaust(
          readFocus(await openFile(join(folder, name)), { defaultCurrency: USD }),
        )
        expect(entries).toEqual(plain.entries)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('the word NULL is nowhere in the attributes', async () => {
    const { entries } = await exhaust(readFocus(await openFile(FOCUS), { defaultCurrency: USD }))
    expect(entries.filter((entry) => JSON.stringify(entry.attributes).includes('NULL'))).toEqual([])
    expect(entries.filter((entry) => entry.contentText.includes('"NULL"'))).toEqual([])
  })
})

test.each(['client' as const, { segment: 1 }])(
  'the access log by %j: 5,000 requests, 1,312,869,333 bytes',
  async (tenantFrom) => {
    const reading = readAccessLog(await openFile(LOG), { tenantFrom, nowMs: NOW_MS })
    const { entries } = await exhaust(reading)
    expect(reading.counts).toEqual({ rows: 5000, header: 0, blank: 0, accepted: 5000, rejected: 0 })
    const total = (metric: string) =>
      sumDecimals(entries.filter((entry) => entry.metric === metric).map((entry) => entry.quantityText))
    expect(total('http.requests')).toBe('5000')
    expect(total('http.response.bytes')).toBe('1312869333')
  },
)

test.each([
  [FOCUS, 'focus', 'Its header has the columns of FOCUS 1.0.'],
  [LOG, 'access_log', 'Its first line has a client, a time in brackets and a request in quotes.'],
  [fixture('awkward/crlf.jsonl'), 'cloudevents', 'Its first line is a JSON object with specversion.'],
  [fixture('awkward/utf-16-be.jsonl'), 'cloudevents', 'Its first line is a JSON object with specversion.'],
  [fixture('awkward/truncated.jsonl.gz'), 'cloudevents', 'Its first line is a JSON object with specversion.'],
  [fixture('awkward/quoted-newline.csv'), 'csv', 'Its header has 5 columns with "," between them.'],
  [fixture('awkward/workbook.csv'), 'xlsx', 'It is a zip archive, as Excel workbooks are.'],
  [
    fixture('awkward/carriage-returns.csv'),
    'unknown',
    'Its lines end in a carriage return alone, so its rows cannot be told apart; save it with line feeds, for example as "CSV UTF-8".',
  ],
  [fixture('awkward/empty.jsonl'), 'unknown', 'The file has no text.'],
])('%s is %s', async (path, kind, reason) => {
  expect(await detectKind(path)).toEqual({ kind, reason })
})
