/** What a record of Kafka becomes, and which records of an answer count. */
import { describe, expect, test } from 'vitest'
import { committedRecords } from '../../../../src/main/collect/kinds/kafka/client.ts'
import { isTombstone, kafkaLines } from '../../../../src/main/collect/kinds/kafka/events.ts'

const NOW = Date.parse('2026-11-10T12:00:00Z')

const event = (id: number | string) =>
  JSON.stringify({
    specversion: '1.0',
    id: String(id),
    source: '/test',
    type: 'calls',
    subject: 'acme',
    time: '2026-11-10T10:00:00Z',
    data: { value: 1 },
  })

describe('events, as the Kafka protocol binding has them', () => {
  const lines = (value: string | null, headers: Readonly<Record<string, string>> = {}) =>
    kafkaLines(
      {
        topic: 'usage',
        partition: 3,
        offset: 41n,
        value: value === null ? null : Buffer.from(value),
        headers: new Map(Object.entries(headers)),
      },
      NOW,
    ).map((line) => JSON.parse(line))
  const ce = {
    ce_specversion: '1.0',
    ce_id: '7',
    ce_source: '/test',
    ce_type: 'calls',
    ce_subject: 'acme',
    ce_time: '2026-11-10T10:00:00Z',
  }

  test('structured', () => {
    expect(lines(event(1), { 'content-type': 'application/cloudevents+json; charset=UTF-8' })).toEqual([
      JSON.parse(event(1)),
    ])
  })
  test('binary, with its digits', () => {
    const value = Buffer.from('{"value": 1.50000000000000000001}')
    const [line] = kafkaLines(
      { topic: 'usage', partition: 0, offset: 1n, value, headers: new Map(Object.entries(ce)) },
      NOW,
    )
    expect(line).toBe(
      '{"specversion":"1.0","id":"7","source":"/test","type":"calls","subject":"acme","time":"2026-11-10T10:00:00Z","data":{"value": 1.50000000000000000001}}',
    )
  })
  test('binary without data, or without an id', () => {
    expect(lines(null, ce)[0]).not.toHaveProperty('data')
    expect(lines('{}', { ...ce, ce_id: '' })[0]).toMatchObject({ id: 'usage/3/41', data: {} })
  })
  test('no header can pass for data', () => {
    expect(lines('{"value":2}', { ...ce, ce_data: '{"value":1}' })[0]).toMatchObject({ data: { value: 2 } })
    expect(lines('2},"id":"8"', ce)[0]).toMatchObject({
      reason: 'it is an event in headers whose data is not JSON',
      kafkaoffset: '41',
    })
  })
  test('data that is no JSON', () => {
    expect(lines('x', { ...ce, 'content-type': 'text/plain' })[0]).toMatchObject({
      reason: 'data_base64 is not a JSON object in "data"',
      kafkapartition: '3',
    })
  })
  test('a tombstone has neither a value nor attributes', () => {
    const record = { topic: 'usage', partition: 0, offset: 0n, value: null }
    expect(isTombstone({ ...record, headers: new Map([['trace', '1']]) })).toBe(true)
    expect(isTombstone({ ...record, headers: new Map(Object.entries(ce)) })).toBe(false)
  })
})

describe('transactions', () => {
  const batch = (first: number, count: number, producer: bigint, attributes = 0b1_0000) => ({
    firstOffset: BigInt(first),
    length: 0,
    partitionLeaderEpoch: 0,
    magic: 2,
    crc: 0,
    attributes,
    lastOffsetDelta: count - 1,
    firstTimestamp: 0n,
    maxTimestamp: 0n,
    producerId: producer,
    producerEpoch: 0,
    firstSequence: 0,
    records: Array.from({ length: count }, (_, offsetDelta) => ({
      length: 0,
      attributes: 0,
      timestampDelta: 0n,
      offsetDelta,
      key: null as Buffer | null,
      value: Buffer.from('x'),
      headers: [],
    })),
  })
  const mark = (at: number, producer: bigint, type: 0 | 1) => {
    const control = batch(at, 1, producer, 0b11_0000)
    const key = Buffer.alloc(4)
    key.writeInt16BE(type, 2)
    return { ...control, records: control.records.map((record) => ({ ...record, key })) }
  }
  const offsets = (
    records: readonly ReturnType<typeof batch>[],
    aborted: readonly (readonly [bigint, number])[],
    from = 0,
  ) => {
    const fetched = committedRecords(
      'usage',
      {
        partitionIndex: 0,
        errorCode: 0,
        highWatermark: 100n,
        lastStableOffset: 100n,
        logStartOffset: 0n,
        preferredReadReplica: -1,
        records: [...records],
        abortedTransactions: aborted.map(([producerId, first]) => ({
          producerId,
          firstOffset: BigInt(first),
        })),
      },
      BigInt(from),
    )
    return [fetched.records.map(({ offset }) => Number(offset)), Number(fetched.next)]
  }

  test('two aborted and one committed of one producer, and another’s between them', () => {
    expect(
      offsets(
        [
          batch(0, 2, 7n),
          batch(2, 1, 8n),
          mark(3, 7n, 0),
          batch(4, 2, 7n),
          mark(6, 7n, 1),
          batch(7, 1, 7n),
          mark(8, 8n, 1),
          mark(9, 7n, 0),
          batch(10, 1, -1n, 0),
        ],
        [
          [7n, 7],
          [7n, 0],
        ],
      ),
    ).toEqual([[2, 4, 5, 10], 11])
  })
  test('an answer that ends before the mark of an aborted one', () => {
    expect(offsets([batch(0, 2, 7n), batch(2, 2, 7n)], [[7n, 0]])).toEqual([[], 4])
  })
  test('a batch that begins before, and one that was compacted', () => {
    expect(offsets([{ ...batch(3, 4, -1n, 0), lastOffsetDelta: 9 }], [], 5)).toEqual([[5, 6], 13])
    expect(offsets([], [], 5)).toEqual([[], 5])
  })
})
