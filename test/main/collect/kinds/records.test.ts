import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { recordLines } from '../../../../src/main/collect/kinds/records.ts'

const NOW = Date.parse('2026-11-10T12:00:00Z')
const place = { kafkatopic: 'usage', kafkapartition: '3', kafkaoffset: '41' }
const lines = (bytes: string | Uint8Array) =>
  recordLines({ bytes: Buffer.from(bytes), place, id: 'usage/3/41' }, NOW)
const event = (members: string, id = '"id":"1",') =>
  `{"specversion":"1.0",${id}"source":"/a","type":"calls","subject":"acme","time":"2026-11-10T10:00:00Z",${members}}`

describe('events', () => {
  test('one goes on as it was written, every digit', () => {
    const text = event('"data":{"value":1.50000000000000000001}')
    expect(lines(text)).toEqual([text])
    expect(lines(gzipSync(text))).toEqual([text])
    expect(lines(`\ufeff${text}\n`)).toEqual([text])
  })
  test('one on several lines goes on in one', () => {
    expect(lines(event('\n  "data": {\r\n "value": 2 }\n'))).toEqual([event('   "data": {  "value": 2 } ')])
  })
  test('an array, and one a line', () => {
    const three = ['"data":{"value":1,"x":"[1,2}"}', '"data":{"value":0.10}', '"x":"\\",{"'].map((each) =>
      event(each),
    )
    expect(lines(`[ ${three.join(' ,\n')} ]`)).toEqual(three)
    expect(lines(three.join('\n\r\n'))).toEqual(three)
    expect(lines('[]')).toEqual([])
  })
  test.each(['', '"id":null,', '"id":"",'])('without an id (%s) it gets the record’s', (id) => {
    expect(lines(event('"data":{}', id)).map((line) => JSON.parse(line).id)).toEqual(['usage/3/41'])
    expect(
      lines(`[${event('"data":{}', id)},${event('"data":{}', id)}]`).map((line) => JSON.parse(line).id),
    ).toEqual(['usage/3/41/1', 'usage/3/41/2'])
  })
  test('a record of Paigo’s too', () => {
    expect(
      JSON.parse(
        lines('{"customerId":"a","dimensionId":"b","recordValue":1,"timestamp":"2026-11-10T10:00:00Z"}')[0] ??
          '',
      ).id,
    ).toBe('usage/3/41')
  })
})

describe('what is no event says where it is', () => {
  const one = (bytes: string | Uint8Array) => {
    const made = lines(bytes)
    expect(made).toHaveLength(1)
    return JSON.parse(made[0] ?? '')
  }
  test.each([
    ['', { reason: 'it is not JSON', record: '' }],
    ['{"a": \n 1', { reason: 'it is not JSON', record: '{"a": \n 1' }],
    ['{}', { reason: 'it is no CloudEvent', record: '{}' }],
    ['[1]', { reason: 'it is no CloudEvent', record: '1' }],
    ['17', { reason: 'it is no CloudEvent', record: '17' }],
    [Buffer.from([0xff, 0xfe]), { reason: 'it is not text in UTF-8', record_base64: '//4=' }],
    [
      Buffer.from([0x1f, 0x8b, 8]),
      { reason: 'it is packed with gzip and damaged, or too large', record_base64: 'H4sI' },
    ],
    [
      Buffer.from([0xf3, 0x89, 0x9a, 0xc2, 1]),
      {
        reason: 'several records in one, as the Kinesis Producer Library aggregates them',
        record_base64: '84mawgE=',
      },
    ],
  ])('%j', (bytes, held) => {
    expect(one(bytes)).toMatchObject({ ...place, ...held })
  })
  test('an event with a fault keeps its members, so that it can be mended', () => {
    expect(one(event('"data":{"value":-1}'))).toEqual({
      ...JSON.parse(event('"data":{"value":-1}')),
      ...place,
      reason: 'the quantity -1 is negative',
    })
  })
  test('of several lines only those that are none', () => {
    const good = event('"data":{"value":1}')
    const [first, second, third] = lines(`${good}\nnonsense\n${good}`)
    expect([first, third]).toEqual([good, good])
    expect(JSON.parse(second ?? '')).toEqual({
      ...place,
      item: '2',
      reason: 'it is not JSON',
      record: 'nonsense',
    })
  })
})
