/** Each awkward file, what its rows come to, and the exact words that a person reads. */
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openFile, textSource } from '../../../../src/main/collect/files/open-file.ts'
import { FILE_FINDINGS, ROW_FINDINGS } from '../../../../src/main/collect/files/rejections.ts'
import { readFixture } from './awkward-readers.ts'
import { exhaust, fixture } from './helpers.ts'

/** File; rows = header + blank + accepted + rejected; code and message of the one finding, where there is one. */
const FILES: readonly (readonly [file: string, counts: string, code?: string, message?: string])[] = [
  [
    'binary.csv',
    '0 = 0 + 0 + 0 + 0',
    'file_is_binary',
    'binary.csv: the file is a binary file, not text; nothing was imported. Export it as CSV, JSON lines or a log, plain or compressed with gzip.',
  ],
  ['blank-lines.jsonl', '4 = 0 + 2 + 2 + 0'],
  ['bom-crlf.csv', '3 = 1 + 0 + 2 + 0'],
  ['bom.jsonl', '3 = 0 + 0 + 3 + 0'],
  [
    'carriage-returns.csv',
    '0 = 0 + 0 + 0 + 0',
    'lines_end_in_returns',
    'carriage-returns.csv: its lines end in a carriage return alone, so its rows cannot be told apart; nothing was imported. Save it with line feeds, for example as "CSV UTF-8", and import it again.',
  ],
  [
    'column-twice.csv',
    '2 = 1 + 0 + 1 + 0',
    'column_twice',
    'column-twice.csv: the header has the column quantity twice; the first was used. Rename one of them if the second was meant.',
  ],
  ['crlf.jsonl', '2 = 0 + 0 + 2 + 0'],
  [
    'empty.jsonl',
    '0 = 0 + 0 + 0 + 0',
    'file_is_empty',
    'empty.jsonl: the file is empty; nothing was imported. Export it again and check that it has rows.',
  ],
  [
    'end-before-start.jsonl',
    '3 = 0 + 0 + 2 + 1',
    'end_is_before_start',
    'end-before-start.jsonl, row 2, column data.to: the end 2026-03-01T10:00:00Z is before the start. Swap or correct the two times.',
  ],
  [
    'focus-19-decimals.csv',
    '4 = 1 + 0 + 2 + 1',
    'amount_has_too_many_decimals',
    'focus-19-decimals.csv, row 3, column BilledCost: "0.1234567890123456789" has 19 decimals; at most 18 are kept, and none is rounded away. Export amounts with at most 18 decimals.',
  ],
  [
    'focus-broken-tags.csv',
    '4 = 1 + 0 + 2 + 1',
    'tags_are_not_json',
    'focus-broken-tags.csv, row 3, column Tags: "{\\"team\\":" is not a JSON object. Write tags as in {"team": "core"}.',
  ],
  [
    'focus-end-before-start.csv',
    '4 = 1 + 0 + 2 + 1',
    'end_is_before_start',
    'focus-end-before-start.csv, row 3, column ChargePeriodEnd: the end 2026-02-01T00:00:00.000Z is before the start. Swap or correct the two times.',
  ],
  [
    'focus-fine-quantity.csv',
    '4 = 1 + 0 + 3 + 0',
    'consumed_quantity_left_out',
    'focus-fine-quantity.csv: 1 row(s), the first of them row 3, have a ConsumedQuantity finer than 18 decimals or not a number; their costs were kept, the quantity only in the raw record. Nothing needs doing unless you report on consumed quantities.',
  ],
  [
    'focus-huge-amount.csv',
    '4 = 1 + 0 + 2 + 1',
    'amount_is_too_large',
    'focus-huge-amount.csv, row 3, column BilledCost: "123456789012345678901" has more than 20 digits before the point. Correct the amount.',
  ],
  [
    'focus-missing-columns.csv',
    '0 = 0 + 0 + 0 + 0',
    'columns_missing',
    'focus-missing-columns.csv: the header lacks ChargeCategory, BilledCost; nothing was imported. Found: ChargePeriodStart, Cost, ServiceName. Add the missing columns to the export, or correct their titles.',
  ],
  [
    'focus-no-cost.csv',
    '4 = 1 + 0 + 2 + 1',
    'value_missing',
    'focus-no-cost.csv, row 3, column BilledCost: the value is missing. Fill it in.',
  ],
  [
    'focus-not-an-amount.csv',
    '4 = 1 + 0 + 2 + 1',
    'amount_not_a_number',
    'focus-not-an-amount.csv, row 3, column BilledCost: "$12" is not an amount. Write digits with a point, as in -12.5 or 1E-9, without currency sign or thousands separators.',
  ],
  [
    'focus-unknown-currency.csv',
    '4 = 1 + 0 + 2 + 1',
    'currency_unknown',
    'focus-unknown-currency.csv, row 3, column BillingCurrency: "Dollars" is not a currency. Write three letters as in ISO 4217, for example USD.',
  ],
  [
    'future-time.jsonl',
    '3 = 0 + 0 + 2 + 1',
    'time_in_future',
    'future-time.jsonl, row 2, column time: 2031-01-01T00:00:00Z lies in the future, more than 5 minutes after the import. Check the clock and the time zone of the sender.',
  ],
  [
    'impossible-time.log',
    '1 = 0 + 0 + 0 + 1',
    'time_is_unreadable',
    'impossible-time.log, row 1, column time: "32/May/2015:10:05:03 +0000" is not a time. Write it as 17/May/2015:10:05:03 +0000.',
  ],
  [
    'missing-column.csv',
    '0 = 0 + 0 + 0 + 0',
    'columns_missing',
    'missing-column.csv: the header lacks quantity, note; nothing was imported. Found: customer, metric, date. Add the missing columns to the export, or correct their titles.',
  ],
  [
    'missing-id.jsonl',
    '3 = 0 + 0 + 2 + 1',
    'id_missing',
    'missing-id.jsonl, row 2, column id: the event has no id, so it could not be recognised when it comes again. Give each event an "id" of its own.',
  ],
  [
    'missing-subject.jsonl',
    '3 = 0 + 0 + 2 + 1',
    'value_missing',
    'missing-subject.jsonl, row 2, column subject: the value is missing. Fill it in.',
  ],
  [
    'missing-value.csv',
    '3 = 1 + 0 + 1 + 1',
    'value_missing',
    'missing-value.csv, row 3, column customer: the value is missing. Fill it in.',
  ],
  ['named-plain-but-gzip.jsonl', '3 = 0 + 0 + 3 + 0'],
  [
    'negative-quantity.jsonl',
    '3 = 0 + 0 + 2 + 1',
    'quantity_is_negative',
    'negative-quantity.jsonl, row 2, column data.value: the quantity -3 is negative. Usage is never negative: dismiss it with a note, and settle the difference with the customer.',
  ],
  ['no-last-line-end.jsonl', '2 = 0 + 0 + 2 + 0'],
  [
    'no-tenant.log',
    '2 = 0 + 0 + 1 + 1',
    'tenant_not_found',
    'no-tenant.log, row 2, column request: the line names no tenant: its path has no segment 2. Take the tenant from another part of the line, or leave such lines out.',
  ],
  [
    'not-a-log.log',
    '2 = 0 + 0 + 1 + 1',
    'line_is_not_a_log_line',
    'not-a-log.log, row 2: the line is not in the combined or common log format. Log as: client identity user [time] "request" status bytes "referrer" "agent".',
  ],
  [
    'not-a-number.jsonl',
    '3 = 0 + 0 + 2 + 1',
    'quantity_not_a_number',
    'not-a-number.jsonl, row 2, column data.value: "1,250" is not a number. Write digits with a point, as in 1250.5, without thousands separators or units.',
  ],
  [
    'not-an-event.jsonl',
    '3 = 0 + 0 + 2 + 1',
    'line_is_not_an_event',
    'not-an-event.jsonl, row 2: the line is JSON but neither a CloudEvent nor a Paigo record. Write an object with "specversion": "1.0", or one with "customerId" and "dimensionId".',
  ],
  [
    'not-json.jsonl',
    '3 = 0 + 0 + 2 + 1',
    'line_is_not_json',
    'not-json.jsonl, row 2: the line is not JSON. Write one complete JSON object a line, nested at most 500 deep.',
  ],
  [
    'not-utf-8.jsonl',
    '3 = 0 + 0 + 3 + 0',
    'text_is_not_utf8',
    'not-utf-8.jsonl: 1 row(s), the first of them row 2, hold bytes that are not UTF-8; each was replaced with U+FFFD. Save the file as UTF-8 and import it again if the text matters.',
  ],
  [
    'parquet.csv',
    '0 = 0 + 0 + 0 + 0',
    'file_is_binary',
    'parquet.csv: the file is a Parquet file, not text; nothing was imported. Export it as CSV, JSON lines or a log, plain or compressed with gzip.',
  ],
  [
    'quote-in-cell.csv',
    '4 = 1 + 0 + 2 + 1',
    'quote_in_cell',
    'quote-in-cell.csv, row 3: a quote stands in the middle of a cell. Put the whole cell in quotes and double each quote inside it.',
  ],
  ['quoted-newline.csv', '3 = 1 + 0 + 2 + 0'],
  [
    'semicolon-quote-header.csv',
    '0 = 0 + 0 + 0 + 0',
    'header_cannot_be_read',
    'semicolon-quote-header.csv: the first row is not a readable header (a quote opened in this row is never closed); nothing was imported. Put the column titles in the first row.',
  ],
  [
    'time-without-zone.jsonl',
    '3 = 0 + 0 + 2 + 1',
    'time_is_unreadable',
    'time-without-zone.jsonl, row 2, column time: "2026-03-01 12:00:00" is not a time. Write it as RFC 3339 with a zone, for example 2026-03-01T12:00:00Z.',
  ],
  [
    'truncated.jsonl.gz',
    '260 = 0 + 0 + 260 + 0',
    'gzip_truncated',
    'truncated.jsonl.gz: the gzip file ends too early; the rows up to and including row 260 were read, the rest is missing. Copy or download the file again and import it; rows already kept are not counted twice.',
  ],
  [
    'unclosed-quote.csv',
    '4 = 1 + 0 + 2 + 1',
    'quote_not_closed',
    'unclosed-quote.csv, row 3: a quote opened in this row is never closed. Close the quote, or double each quote inside a quoted cell.',
  ],
  [
    'unreadable-time.csv',
    '3 = 1 + 0 + 1 + 1',
    'time_is_unreadable',
    'unreadable-time.csv, row 3, column date: "01.03.2026" is not a time. Write it as 2026-03-01, 2026-03-01 12:00:00 or 2026-03-01T12:00:00Z.',
  ],
  ['utf-16-be.jsonl', '3 = 0 + 0 + 3 + 0'],
  ['utf-16-le-bom.jsonl', '3 = 0 + 0 + 3 + 0'],
  [
    'workbook.csv',
    '0 = 0 + 0 + 0 + 0',
    'file_is_binary',
    'workbook.csv: the file is a zip archive or Excel workbook, not text; nothing was imported. Export it as CSV, JSON lines or a log, plain or compressed with gzip.',
  ],
  [
    'wrong-checksum.jsonl.gz',
    '0 = 0 + 0 + 0 + 0',
    'gzip_damaged',
    'wrong-checksum.jsonl.gz: the gzip file is damaged (incorrect data check), so any of its rows may be wrong; nothing was imported. Copy or download the file again and import it.',
  ],
  [
    'wrong-column-count.csv',
    '4 = 1 + 0 + 2 + 1',
    'wrong_column_count',
    'wrong-column-count.csv, row 3: the row has 6 cells where the header has 5. Check the row for a missing or an unquoted comma.',
  ],
  [
    'wrong-specversion.jsonl',
    '3 = 0 + 0 + 2 + 1',
    'specversion_unknown',
    'wrong-specversion.jsonl, row 2, column specversion: specversion is "0.3", not "1.0". Send CloudEvents 1.0.',
  ],
  [
    'wrong-type.jsonl',
    '3 = 0 + 0 + 2 + 1',
    'wrong_type',
    'wrong-type.jsonl, row 2, column data.value: true is not a number, or a string that holds one. Write a number, or a string that holds one.',
  ],
]

describe('awkward files', () => {
  test.each(FILES)('%s: %s %s', async (file, counts, code, message) => {
    const opened = await openFile(fixture(`awkward/${file}`))
    const reading = readFixture(opened)
    const { entries, rejected } = await exhaust(reading)
    const { rows, header, blank, accepted, rejected: rejectedCount } = reading.counts
    expect(`${rows} = ${header} + ${blank} + ${accepted} + ${rejectedCount}`).toBe(counts)
    expect(rows).toBe(header + blank + accepted + rejectedCount)
    expect(rejected).toHaveLength(rejectedCount)
    expect(new Set(entries.map((entry) => entry.row)).size).toBe(accepted)
    const findings = [...rejected, ...reading.issues].map((found) => [found.code, found.message])
    expect(findings).toEqual(code === undefined ? [] : [[code, message]])
  })

  test('every file of the folder is in the table', () => {
    expect(FILES.map(([file]) => file)).toEqual(readdirSync(fixture('awkward')).sort())
  })

  test('every finding has a file or a test of its own that provokes it', () => {
    const elsewhere = [
      'file_cannot_be_read',
      'pattern_is_unreadable',
      'line_is_too_long',
      'quantity_is_too_fine',
      'quantity_is_too_large',
    ]
    const provoked = new Set([...FILES.map(([, , code]) => code), ...elsewhere])
    expect(
      [...Object.keys(FILE_FINDINGS), ...Object.keys(ROW_FINDINGS)].filter((code) => !provoked.has(code)),
    ).toEqual([])
  })

  test('a sentence stays short, whatever a row holds', async () => {
    const digits = '1'.repeat(100_000)
    const event = `{"specversion":"1.0","id":"1","source":"s","type":"t","subject":"a","time":"2026-03-01T12:00:00Z","data":`
    const lines = [`${event}{"value":-${digits}}}`, `${event}{"dimensions":{"${digits}":[]}}}`]
    const { rejected } = await exhaust(readFixture(textSource('long.jsonl', lines.join('\n'))))
    expect(rejected.map(({ code }) => code)).toEqual(['quantity_is_negative', 'wrong_type'])
    for (const { message, column } of rejected)
      expect(message.length + (column ?? '').length).toBeLessThan(1_500)
  })

  test('a rejected record is a file of its own, which the same reader takes once it is mended', async () => {
    const MENDED: readonly (readonly [file: string, wrong: string, right: string])[] = [
      ['negative-quantity.jsonl', '-3', '3'],
      ['wrong-column-count.csv', '1,250', '1250'],
      ['unclosed-quote.csv', '"never', 'never'],
      ['focus-19-decimals.csv', '0.1234567890123456789', '0.123456789012345678'],
      ['no-tenant.log', 'GET / ', 'GET /t/acme '],
    ]
    for (const [file, wrong, right] of MENDED) {
      const { rejected } = await exhaust(readFixture(await openFile(fixture(`awkward/${file}`))))
      const again = readFixture(textSource(file, rejected[0]?.raw.replace(wrong, right) ?? ''))
      await exhaust(again)
      expect([file, again.counts.accepted, again.counts.rejected, again.issues]).toEqual([file, 1, 0, []])
    }
  })
})
