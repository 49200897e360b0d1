import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { json, PER_UNIT } from './rating-support.ts'
import { runHere, temporaryFolder, writeDocument } from './support.ts'

describe('usage in whatever shape it comes', () => {
  const EVENT = { time: '2026-10-05T12:00:00Z', quantity: '3' }
  const CLOUD_EVENT = {
    specversion: '1.0',
    id: '1',
    source: '/gateway',
    type: 'api.calls',
    subject: 'acme',
    time: '2026-10-05T12:00:00Z',
    data: { value: 3, region: 'eu' },
  }
  const lines = (...events: unknown[]) => events.map((each) => JSON.stringify(each)).join('\n')

  test.each([
    ['a quantity as a text', { quantity: '3' }],
    ['a quantity as a number', '{"quantity": 3}'],
    ['nothing but a number', '3'],
    ['a list of events', [EVENT]],
    ['one event', EVENT],
    ['JSON lines', lines({ ...EVENT, quantity: 1 }, { ...EVENT, quantity: '2' })],
    [
      'JSON lines with CRLF, blank lines and a byte order mark',
      `\uFEFF${lines(EVENT)}\r\n\r\n${lines({ ...EVENT, quantity: 0 })}\r\n`,
    ],
    ['CloudEvents', lines(CLOUD_EVENT, { ...CLOUD_EVENT, id: '2', type: 'other' })],
    ['a day alone', { events: [{ ...EVENT, time: '2026-10-05' }] }],
    ['CSV', 'time,quantity\n2026-10-05T12:00:00Z,3\n'],
    ['CSV as Excel writes it', '\uFEFFTime;Quantity;Region\r\n2026-10-05;3;"eu; west"\r\n'],
    [
      'the same id twice',
      [
        { ...EVENT, id: 'a' },
        { ...EVENT, id: 'a' },
      ],
    ],
    ['a $schema', { $schema: './rating-usage.schema.json', quantity: 3 }],
  ])('%s', async (_what, usage) => {
    const { code, data } = await json({ charge: PER_UNIT, usage })
    expect([code, data.amount, data.quantity]).toEqual([0, '0.3', '3'])
  })

  test('gzip, UTF-16, and dimensions of a CSV', async () => {
    const folder = temporaryFolder()
    writeDocument(folder, 'charge.json', { ...PER_UNIT, filters: [{ dimension: 'region', values: ['eu'] }] })
    const csv = 'time\tquantity\tregion\n2026-10-05T00:00:00+02:00\t3\teu\n2026-10-06\t4\tus\n'
    writeFileSync(join(folder, 'packed'), gzipSync(csv))
    writeFileSync(join(folder, 'wide'), Buffer.from(`\uFEFF${csv}`, 'utf16le'))
    for (const file of ['packed', 'wide']) {
      const { out } = await runHere(folder, 'rate', '--charge', 'charge.json', '--usage', file, '--json')
      expect(JSON.parse(out)).toMatchObject({ amount: '0.3', quantity: '3' })
    }
  })

  test.each([
    ['{"quantity": 0.1}', '0.01'],
    ['{"quantity": 1e3}', '100'],
    ['{"quantity": 12345678901234567890.12345678901234567890}', '1234567890123456789.01234567890123456789'],
    ['{"quantity": -2.50}', '-0.25'],
    [
      '{"quantity": "123456789012345678901234567890123456789012345678901234567890"}',
      '12345678901234567890123456789012345678901234567890123456789',
    ],
  ])('%s is taken with every digit', async (usage, amount) => {
    expect((await json({ charge: PER_UNIT, usage })).data.amount).toBe(amount)
  })

  test.each([
    ['', 'usage.json is empty, where JSON should be.'],
    ['{"quantity": NaN}', 'NaN is no number in JSON'],
    ['{"quantity": 1e400}', 'at most 60 digits before the point'],
    [
      { events: [{ ...EVENT, quantity: '1e99999' }] },
      'events[0].quantity: "1e99999" has more than 60 digits.',
    ],
    [{ events: [{ ...EVENT, quantity: '1,000' }] }, 'events[0].quantity: "1,000" is no decimal number'],
    [
      { events: [EVENT, { ...EVENT, timestamp: 1 }] },
      'events[1].timestamp: there is no such field of an event. Did you mean time?',
    ],
    [
      { events: [{ ...EVENT, region: 'eu' }] },
      'events[0].region: there is no such field of an event. What usage is cut by goes into dimensions.',
    ],
    [
      { events: [{ ...EVENT, time: '2026-10-05T12:00:00' }] },
      'says no time zone: write 2026-10-05T12:00:00Z',
    ],
    [{ events: [{ ...EVENT, time: '2026-02-30' }] }, 'events[0].time: 2026-02-30 is no day'],
    [{ events: [7] }, 'events[0]: 7 is no object.'],
    [{ quantity: '1', events: [EVENT] }, 'quantity stands in place of events'],
    [
      [
        { ...EVENT, id: 'a' },
        { ...EVENT, id: 'a', quantity: '4' },
      ],
      '[1]: the id a came before with other content',
    ],
    [
      { quantity: '1', timezone: 'UTC' },
      'usage.json, timezone: there is no such field. Did you mean timeZone?',
    ],
    [lines(EVENT, { ...EVENT, quantity: 'x' }), 'usage.json, line 2, quantity: "x" is no decimal number'],
    [
      `${lines(EVENT)}\n{"time": }`,
      'usage.json, line 2 is not JSON: column 10: “}” stands where a value should',
    ],
    [
      'time,quantity\n2026-10-05,3\n2026-10-06,three\n',
      'usage.json, row 3, quantity: "three" is no decimal number',
    ],
    [
      'timestamp,quantity\n2026-10-05,3\n',
      'a column “time” is missing among timestamp, quantity. Call the column “timestamp” so.',
    ],
    ['time,quantity\n2026-10-05,3,4\n', 'cannot be read as CSV'],
    ['['.repeat(100_000), 'nested more than 200 deep'],
  ])('%j is refused in a sentence', async (usage, words) => {
    const { code, data, err } = await json({ charge: PER_UNIT, usage })
    expect(code).toBe(1)
    expect(
      data.error.message + data.error.issues.map(({ message }: { message: string }) => message),
    ).toContain(words)
    expect(err).toContain('Nothing was rated.')
  })

  test('more faults than anybody reads are counted', async () => {
    const events = Array.from({ length: 50 }, () => ({ ...EVENT, quantity: 'x' }))
    const { data } = await json({ charge: PER_UNIT, usage: events })
    expect(data.error.message).toContain('has 50 faults, of which these are the first 20')
    expect(data.error.issues).toHaveLength(20)
  })

  test('what counts for nothing is said', async () => {
    const events = [EVENT, { ...EVENT, metric: 'api.cals' }, { ...EVENT, time: '2026-11-01' }]
    const { data } = await json({ charge: PER_UNIT, usage: { month: '2026-10', events } })
    expect(data.amount).toBe('0.3')
    expect(data.issues.map(({ message }: { message: string }) => message)).toEqual([
      'One event of api.cals is priced by nothing. Priced is api.calls.',
      'One event is not of the months rated and counts for nothing. Give month and untilMonth.',
    ])
  })

  test('options go before what the file says, for files that say nothing too', async () => {
    const csv = 'time,quantity\n2026-10-31T23:30:00Z,3\n'
    const folder = temporaryFolder()
    writeDocument(folder, 'charge.json', { ...PER_UNIT, unitAmount: 0.105 })
    writeDocument(folder, 'usage.csv', csv)
    const files = ['--charge', 'charge.json', '--usage', 'usage.csv']
    const options = ['--month', '2026-11', '--time-zone', 'Europe/Berlin', '--currency', 'JPY']
    const run = await runHere(folder, '--json', 'rate', ...files, ...options)
    expect(JSON.parse(run.out)).toMatchObject({
      month: '2026-11',
      currency: 'JPY',
      amount: '0.315',
      rounded: '0',
    })
  })
})

describe('a charge as people write it', () => {
  const USAGE = { quantity: '1500' }
  test.each([
    ['numbers for decimals, and what is plain left out', { kind: 'per_unit', unitAmount: 0.1 }, '150'],
    [
      'a last tier without an edge, tiers of a flat amount only',
      { kind: 'volume', tiers: [{ upTo: 1000, flatAmount: 5 }, { flatAmount: 7 }] },
      '7',
    ],
    ['a word of the trade', { kind: 'threshold', steps: [{ upTo: 1000, amount: 5 }, { amount: 7 }] }, '7'],
    [
      'another product’s word',
      { kind: 'Slab', tiers: [{ upTo: 1000, unitAmount: 1 }, { unitAmount: 0.5 }] },
      '1250',
    ],
    ['our word in another spelling', { kind: 'perUnit', unitAmount: '2' }, '3000'],
    ['a package, the last block whole', { kind: 'package', amount: 5, size: 1000 }, '10'],
    ['its minimum', { kind: 'per_unit', unitAmount: '0.01', minimum: 20 }, '20'],
    ['its maximum', { kind: 'per_unit', unitAmount: '0.01', maximum: 10 }, '10'],
    ['included units a month', { kind: 'per_unit', unitAmount: '1', included: { quantity: 1000 } }, '500'],
  ])('%s', async (_what, charge, amount) => {
    const { code, data } = await json({ charge, usage: USAGE })
    expect([code, data.amount]).toEqual([0, amount])
    const sum = data.steps.reduce((total: number, step: { amount: string }) => total + Number(step.amount), 0)
    expect(sum).toBe(Number(amount))
  })

  test('what a word was read as is said', async () => {
    const charge = { kind: 'all-units', tiers: [{ unitAmount: 1 }] }
    expect((await json({ charge, usage: USAGE })).data.notes).toEqual([
      'kind: “all-units” is read as volume.',
    ])
  })

  test('settings stand with the usage', async () => {
    const charge = { kind: 'volume', tiers: [{ upTo: 10, unitAmount: 2, flatAmount: 9 }, { unitAmount: 1 }] }
    const amountOf = async (settings: object, quantity: number) =>
      (await json({ charge, usage: { settings, quantity } })).data.amount
    expect(await amountOf({ edgeUnit: 'upper' }, 10)).toBe('10')
    expect(await amountOf({ tierFeeAtZero: true }, 0)).toBe('9')
  })
})
