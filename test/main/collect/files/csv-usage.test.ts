import { describe, expect, test } from 'vitest'
import {
  type CsvUsageMapping,
  csvUsageMappingSchema,
  readCsvUsage,
} from '../../../../src/main/collect/files/csv-usage.ts'
import { firstRows } from '../../../../src/main/collect/files/detect.ts'
import { textSource } from '../../../../src/main/collect/files/open-file.ts'
import { proposeMapping } from '../../../../src/main/collect/files/propose-mapping.ts'
import { MAPPING } from './awkward-readers.ts'
import { exhaust, NOW_MS } from './helpers.ts'

const read = async (text: string, mapping: CsvUsageMapping = MAPPING) => {
  const reading = readCsvUsage(textSource('usage.csv', text), { mapping, nowMs: NOW_MS })
  return { reading, ...(await exhaust(reading)) }
}
const at = (timeZone: string, format: CsvUsageMapping['time']['format'], text: string) =>
  read(`customer,metric,quantity,date,note\nacme,calls,1,${text},\n`, {
    ...MAPPING,
    time: { column: 'date', format, timeZone },
  })

test('a row is one fact; without an id it is known by its content', async () => {
  const { entries } = await read(
    'customer,metric,quantity,date,note,more\n acme ,api.calls,1.50,2026-03-01,eu,x\n',
  )
  expect(entries).toEqual([
    {
      kind: 'usage',
      row: 2,
      raw: [' acme ', 'api.calls', '1.50', '2026-03-01', 'eu', 'x'],
      identity: {
        kind: 'content',
        text: '[["customer"," acme "],["date","2026-03-01"],["metric","api.calls"],["more","x"],["note","eu"],["quantity","1.50"]]',
      },
      tenant: 'acme',
      metric: 'api.calls',
      quantityText: '1.5',
      startMs: Date.UTC(2026, 2, 1),
      endMs: null,
      dimensions: { note: 'eu' },
    },
  ])
})

test('an id column, a fixed metric and quantity', async () => {
  const mapping = csvUsageMappingSchema.parse({
    tenant: { column: 'org' },
    metric: { fixed: 'logins' },
    quantity: { fixed: '1' },
    time: { column: 'when', format: 'iso' },
    id: 'key',
  })
  const { entries } = await read('org;when;key\nacme;2026-03-01T10:00:00+01:00;k1\n', mapping)
  expect(entries[0]).toMatchObject({
    identity: { kind: 'id', text: 'k1' },
    metric: 'logins',
    quantityText: '1',
    startMs: Date.UTC(2026, 2, 1, 9),
  })
})

describe('times', () => {
  test.each([
    ['UTC', 'iso', '2026-03-01', Date.UTC(2026, 2, 1)],
    ['Europe/Berlin', 'iso', '2026-03-01', Date.UTC(2026, 1, 28, 23)],
    ['Europe/Berlin', 'iso', '2026-03-29 03:00:00', Date.UTC(2026, 2, 29, 1)],
    ['Europe/Berlin', 'iso', '2025-10-26 02:30:00', Date.UTC(2025, 9, 26, 0, 30)],
    ['America/New_York', 'iso', '2026-03-01T12:00:00Z', Date.UTC(2026, 2, 1, 12)],
    ['UTC', 'epoch_s', '1772366400', Date.UTC(2026, 2, 1, 12)],
    ['UTC', 'epoch_s', '1772366400.25', Date.UTC(2026, 2, 1, 12, 0, 0, 250)],
    ['UTC', 'epoch_ms', '1772366400250', Date.UTC(2026, 2, 1, 12, 0, 0, 250)],
  ] as const)('%s %s %s', async (timeZone, format, text, startMs) => {
    expect((await at(timeZone, format, text)).entries[0]?.startMs).toBe(startMs)
  })

  test('milliseconds taken for seconds are in the future or no time', async () => {
    expect((await at('UTC', 'epoch_s', '1772366400250')).rejected[0]?.code).toBe('time_is_unreadable')
  })
})

describe('proposed mapping', () => {
  const propose = (text: string) => {
    const [header, ...rows] = firstRows(text, 20).rows
    return proposeMapping(
      header?.cells ?? [],
      rows.map((row) => row.cells),
    )
  }

  test.each([
    [
      'Customer ID,Event Name,Qty,Timestamp,Region\nc1,calls,5,2026-03-01T00:00:00Z,eu\n',
      'Customer ID',
      { column: 'Event Name' },
      'Qty',
      'Timestamp',
      'iso',
      ['Region'],
    ],
    [
      'org;day;api_calls\nacme;2026-03-01;12\nbolt;2026-03-01;7\n',
      'org',
      { fixed: 'api_calls' },
      'api_calls',
      'day',
      'iso',
      [],
    ],
    [
      'tenant,meter,value,time\na,b,1,1772366400\n',
      'tenant',
      { column: 'meter' },
      'value',
      'time',
      'epoch_s',
      [],
    ],
    [
      'account|type|amount|created_at\na|b|1.5|1772366400250\n',
      'account',
      { column: 'type' },
      'amount',
      'created_at',
      'epoch_ms',
      [],
    ],
  ])('%j', (text, tenant, metric, quantity, time, format, dimensions) => {
    const { mapping } = propose(text)
    expect(mapping).toMatchObject({
      tenant: { column: tenant },
      metric,
      quantity: { column: quantity },
      time: { column: time, format },
      dimensions,
    })
    expect(csvUsageMappingSchema.parse(mapping)).toEqual(mapping)
  })

  test('an id must not repeat', () => {
    const header = ['id', 'customer', 'quantity', 'date']
    const rows = [
      ['1', 'a', '1', '2026-03-01'],
      ['2', 'b', '1', '2026-03-01'],
    ]
    expect(proposeMapping(header, rows).mapping?.id).toBe('id')
    expect(proposeMapping(header, [...rows, ['1', 'c', '1', '2026-03-01']]).mapping).not.toHaveProperty('id')
  })

  test('what cannot be guessed is named', () => {
    expect(propose('colour,shape\nred,round\n')).toEqual({
      mapping: null,
      columns: { tenant: null, metric: null, quantity: null, time: null, id: null },
      missing: ['tenant', 'quantity', 'time'],
    })
  })
})
