import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDecimal } from '../../../../src/domain/decimal.ts'
import { readEvents } from '../../../../src/main/collect/files/cloudevents.ts'
import { textSource } from '../../../../src/main/collect/files/open-file.ts'
import { exhaust, NOW_MS } from './helpers.ts'

const read = async (text: string) => {
  const reading = readEvents(textSource('events.jsonl', text), { nowMs: NOW_MS })
  return { reading, ...(await exhaust(reading)) }
}
const one = async (text: string) => {
  const { entries, rejected } = await read(text)
  return entries[0] ?? rejected[0]?.message
}
const event = (data: string, more = '') =>
  `{"specversion":"1.0","id":"7","source":"/gw","type":"api.calls","subject":"acme","time":"2026-03-01T12:00:00.25+01:00"${more}${data === '' ? '' : `,"data":${data}`}}`

describe('CloudEvents', () => {
  test('an event is one fact', async () => {
    const line = event('{"value":5,"region":"eu","cached":false,"none":null,"nested":{"a":1}}')
    expect(await one(line)).toEqual({
      kind: 'usage',
      row: 1,
      raw: line,
      identity: { kind: 'id', text: '["/gw","7"]' },
      tenant: 'acme',
      metric: 'api.calls',
      quantityText: '5',
      startMs: Date.UTC(2026, 2, 1, 11, 0, 0, 250),
      endMs: null,
      dimensions: { region: 'eu', cached: 'false' },
    })
  })

  test.each([
    ['0.1', '0.1'],
    ['"0.1"', '0.1'],
    ['12345678901234567890', '12345678901234567890'],
    ['9007199254740993', '9007199254740993'],
    ['5.00000000000000000001', '5.00000000000000000001'],
    ['1e3', '1000'],
    ['1E-9', '0.000000001'],
    ['"1e-30"', '0.000000000000000000000000000001'],
    ['0', '0'],
    ['-0', '0'],
    ['-0.0', '0'],
    [' 7 ', '7'],
    ['1.50', '1.5'],
  ])('a value of %s is the quantity %s', async (written, quantity) => {
    expect(await one(event(`{"value":${written}}`))).toMatchObject({ quantityText: quantity })
    expect(await one(event(`{"a":"x", "value" : ${written} }`))).toMatchObject({ quantityText: quantity })
  })

  test('any decimal keeps every digit', async () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 25 })
    const number = fc
      .tuple(fc.bigInt({ min: 0n }), fc.option(digits), fc.option(fc.integer({ min: -30, max: 30 })))
      .map(
        ([whole, fraction, exponent]) =>
          `${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`,
      )
    await fc.assert(
      fc.asyncProperty(number, async (written) => {
        expect(await one(event(`{"value":${written}}`))).toMatchObject({
          quantityText: parseDecimal(written),
        })
      }),
    )
  })

  test.each([
    ['no data', ''],
    ['no value', '{"user":"u1"}'],
    ['data null', 'null'],
  ])('%s counts one', async (_what, data) => {
    expect(await one(event(data))).toMatchObject({ quantityText: '1' })
  })

  test('an interval, and named dimensions', async () => {
    const data =
      '{"value":2,"from":"2026-03-01T00:00:00Z","to":"2026-03-01T01:00:00Z","dimensions":{"region":"eu","size":1.50}}'
    expect(await one(event(data))).toMatchObject({
      startMs: Date.UTC(2026, 2, 1),
      endMs: Date.UTC(2026, 2, 1, 1),
      dimensions: { region: 'eu', size: '1.5' },
    })
  })

  test.each([
    ['{"value":null}', 'column data.value: null is not a number, or a string that holds one.'],
    ['{"value":[1]}', 'column data.value: [1] is not a number, or a string that holds one.'],
    ['{"value":"many"}', 'column data.value: "many" is not a number.'],
    ['{"value":"0x10"}', 'column data.value: "0x10" is not a number.'],
    ['{"value":1,"from":"2026-03-01T00:00:00Z"}', 'column data.to: the value is missing.'],
    ['{"value":1,"dimensions":{"a":{}}}', 'column data.dimensions.a: {} is not a string, number or boolean.'],
    ['{"value":1,"dimensions":7}', 'column data.dimensions: 7 is not an object.'],
    ['7', 'column data: 7 is not an object.'],
  ])('data %s is rejected', async (data, message) => {
    expect(await one(event(data))).toContain(`events.jsonl, row 1, ${message}`)
  })

  test('five minutes ahead is a clock, more is a mistake', async () => {
    const at = (ms: number) => event('').replace(/"time":"[^"]*"/, `"time":"${new Date(ms).toISOString()}"`)
    expect(await one(at(NOW_MS + 5 * 60_000))).toMatchObject({ startMs: NOW_MS + 5 * 60_000 })
    expect(await one(at(NOW_MS + 5 * 60_000 + 1))).toContain('lies in the future')
  })
})

describe('Paigo records', () => {
  const record =
    '{"timestamp":"2026-03-01T12:00:00Z","customerId":"c1","dimensionId":"d1","recordValue":"0.87","metadata":{"env":"prod"}}'

  test('a record without an id is known by its content, however its members are ordered', async () => {
    const first = await one(record)
    expect(first).toMatchObject({
      tenant: 'c1',
      metric: 'd1',
      quantityText: '0.87',
      dimensions: { env: 'prod' },
    })
    const turned =
      '{ "metadata":{"env":"prod"}, "recordValue":"0.87","dimensionId":"d1","customerId":"c1","timestamp":"2026-03-01T12:00:00Z" }'
    expect(await one(turned)).toMatchObject({
      identity: {
        kind: 'content',
        text: '{"customerId":"c1","dimensionId":"d1","metadata":{"env":"prod"},"recordValue":"0.87","timestamp":"2026-03-01T12:00:00Z"}',
      },
    })
    expect(first).toMatchObject({ identity: { kind: 'content' } })
  })

  test('with an id, by that', async () => {
    expect(await one(record.replace('{', '{"id":"r9",'))).toMatchObject({
      identity: { kind: 'id', text: '["paigo","r9"]' },
    })
  })

  test('a record without value is rejected', async () => {
    expect(await one(record.replace('"recordValue":"0.87",', ''))).toBe(
      'events.jsonl, row 1, column recordValue: the value is missing. Fill it in.',
    )
  })
})

test('any lines: never an exception, and every row is accounted for', async () => {
  const line = fc.oneof(
    fc.json(),
    fc.string(),
    fc.json().map((json) => event(json)),
    fc.json().map((json) => event('', `,"subject":${json}`)),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        line.map((text) => text.replaceAll('\n', ' ')),
        { minLength: 1 },
      ),
      async (lines) => {
        const { reading, entries, rejected } = await read(`${lines.join('\n')}\n`)
        const { rows, blank } = reading.counts
        expect(rows).toBe(lines.length)
        expect(entries.length + rejected.length + blank).toBe(rows)
      },
    ),
  )
})
