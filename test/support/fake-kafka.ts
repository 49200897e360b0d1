/**
 * A broker in memory that speaks as much of Kafka's protocol as a reader asks (ApiVersions 3, Metadata 12, ListOffsets
 * 7, Fetch 13), with faults on demand. What a real broker does is in test/peers/kafka.test.ts.
 */

import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { createRecordsBatch, Reader, Writer } from '@platformatic/kafka'

export interface FakeRecord {
  readonly value: string | null
  readonly headers?: Readonly<Record<string, string>>
}

interface FakePartition {
  readonly records: FakeRecord[]
  /** Offset of the first there is. */
  first: number
}

export interface FakeTopic {
  id: string
  readonly partitions: FakePartition[]
}

export type Fault = 'cut' | { readonly code: number }

export interface FakeKafka {
  readonly address: string
  readonly topics: Map<string, FakeTopic>
  /** Records an answer holds at most. */
  atOnce: number
  /** Asked before each answer; null lets it be. @param api `metadata`, `offsets`, `fetch` */
  fault: (api: string, topic: string) => Fault | null
  readonly addTopic: (name: string, partitions?: number) => FakeTopic
  readonly put: (topic: string, partition: number, ...values: readonly (FakeRecord | string)[]) => void
  readonly expire: (topic: string, partition: number, first: number) => void
  readonly close: () => void
}

const APIS = [
  [1, 13, 'fetch'],
  [2, 7, 'offsets'],
  [3, 12, 'metadata'],
  [18, 3, 'versions'],
] as const
const NONE = 0
const OUT_OF_RANGE = 1
const UNKNOWN_TOPIC = 3
const EARLIEST = -2n

const batchOf = (topic: string, first: number, records: readonly FakeRecord[]): Buffer => {
  const batch = createRecordsBatch(
    records.map(({ value, headers = {} }) => ({
      topic,
      // The protocol knows a value that is none; the type of this function does not.
      value: (value === null ? null : Buffer.from(value)) as Buffer,
      headers: new Map(Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
    })),
  ).buffer
  batch.writeBigInt64BE(BigInt(first))
  return batch
}

export const startFakeKafka = async (): Promise<FakeKafka> => {
  const topics = new Map<string, FakeTopic>()
  const sockets = new Set<Socket>()
  let made = 0

  const metadata = (reader: Reader): Writer | Fault => {
    const names = reader.readArray(
      (r) => {
        r.readUUID()
        return r.readString()
      },
      true,
      true,
    )
    const fault = names.map((name) => fake.fault('metadata', name)).find((each) => each !== null)
    if (fault === 'cut') return fault
    return Writer.create()
      .appendInt32(0)
      .appendArray([port], (w, each) => {
        w.appendInt32(1).appendString('127.0.0.1').appendInt32(each).appendString(null)
      })
      .appendString('fake')
      .appendInt32(1)
      .appendArray(names, (w, name) => {
        const topic = topics.get(name)
        w.appendInt16(fault?.code ?? (topic === undefined ? UNKNOWN_TOPIC : NONE))
          .appendString(name)
          .appendUUID(topic?.id ?? null)
          .appendBoolean(false)
          .appendArray([...(topic?.partitions.keys() ?? [])], (p, index) => {
            p.appendInt16(NONE).appendInt32(index).appendInt32(1).appendInt32(0)
            for (let list = 0; list < 3; list++) p.appendArray([], () => undefined, true, false)
          })
          .appendInt32(0)
      })
      .appendTaggedFields()
  }

  const offsets = (reader: Reader): Writer | Fault => {
    reader.readInt32()
    reader.readInt8()
    const asked = reader.readArray(
      (r) => ({
        name: r.readString(),
        partitions: r.readArray(
          (p) => {
            const index = p.readInt32()
            p.readInt32()
            const timestamp = p.readInt64()
            p.readTaggedFields()
            return { index, timestamp }
          },
          true,
          false,
        ),
        tags: r.readTaggedFields(),
      }),
      true,
      false,
    )
    const fault = asked.map(({ name }) => fake.fault('offsets', name)).find((each) => each !== null)
    if (fault === 'cut') return fault
    return Writer.create()
      .appendInt32(0)
      .appendArray(asked, (w, { name, partitions }) => {
        w.appendString(name).appendArray(partitions, (p, { index, timestamp }) => {
          const { first = 0, records = [] } = topics.get(name)?.partitions[index] ?? {}
          p.appendInt32(index)
            .appendInt16(fault?.code ?? NONE)
            .appendInt64(-1n)
            .appendInt64(BigInt(timestamp === EARLIEST ? first : first + records.length))
            .appendInt32(0)
        })
      })
      .appendTaggedFields()
  }

  const fetched = (reader: Reader): Writer | Fault => {
    reader.skip(4 + 4 + 4 + 4 + 1 + 4 + 4)
    const [{ id = '', index = 0, offset = 0n } = {}] = reader.readArray(
      (r) => {
        const topicId = r.readUUID()
        const [partition] = r.readArray((p) => {
          const at = p.readInt32()
          p.readInt32()
          const fetchOffset = p.readInt64()
          p.skip(4 + 8 + 4)
          return { index: at, offset: fetchOffset }
        })
        return { id: topicId, ...partition }
      },
      true,
      true,
    )
    const [name = '', topic] = [...topics].find(([, each]) => each.id === id) ?? []
    const { first = 0, records = [] } = topic?.partitions[index] ?? {}
    const fault = fake.fault('fetch', name)
    if (fault === 'cut') return fault
    const from = Number(offset)
    const isOut = from < first || from > first + records.length
    const given = isOut ? [] : records.slice(from - first, from - first + fake.atOnce)
    const bytes = given.length === 0 ? Buffer.alloc(0) : batchOf(name, from, given)
    const end = BigInt(first + records.length)
    return Writer.create()
      .appendInt32(0)
      .appendInt16(NONE)
      .appendInt32(0)
      .appendArray([id], (w, each) => {
        w.appendUUID(each).appendArray([index], (p, at) => {
          p.appendInt32(at)
            .appendInt16(fault?.code ?? (isOut ? OUT_OF_RANGE : NONE))
            .appendInt64(end)
            .appendInt64(end)
            .appendInt64(BigInt(first))
            .appendArray([], () => undefined)
            .appendInt32(-1)
            .appendUnsignedVarInt(bytes.length + 1)
            .append(bytes)
        })
      })
      .appendTaggedFields()
  }

  const answer = (request: Buffer): Buffer | 'cut' => {
    const reader = Reader.from(request)
    const key = reader.readInt16()
    reader.readInt16()
    const correlation = reader.readInt32()
    reader.readNullableString(false)
    reader.readTaggedFields()
    const api = APIS.find(([each]) => each === key)?.[2]
    const head = Writer.create().appendInt32(correlation)
    if (api === 'versions') {
      head
        .appendInt16(NONE)
        .appendArray([...APIS], (w, [each, version]) => {
          w.appendInt16(each).appendInt16(version).appendInt16(version)
        })
        .appendInt32(0)
        .appendTaggedFields()
      return head.prependLength().buffer
    }
    const body = api === 'metadata' ? metadata(reader) : api === 'offsets' ? offsets(reader) : fetched(reader)
    if (!(body instanceof Writer)) return 'cut'
    return head.appendTaggedFields().appendFrom(body).prependLength().buffer
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    let held = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (piece) => {
      held = Buffer.concat([held, piece])
      while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
        const end = 4 + held.readInt32BE(0)
        const given = answer(held.subarray(4, end))
        held = held.subarray(end)
        if (given === 'cut') socket.destroy()
        else socket.write(given)
      }
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo

  const fake: FakeKafka = {
    address: `127.0.0.1:${port}`,
    topics,
    atOnce: 3,
    fault: () => null,
    addTopic: (name, partitions = 1) => {
      made++
      const topic = {
        id: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
        partitions: Array.from({ length: partitions }, () => ({ records: [], first: 0 })),
      }
      topics.set(name, topic)
      return topic
    },
    put: (name, partition, ...values) => {
      const records = topics.get(name)?.partitions[partition]?.records
      for (const value of values) records?.push(typeof value === 'string' ? { value } : value)
    },
    expire: (name, partition, first) => {
      const found = topics.get(name)?.partitions[partition]
      if (found === undefined) return
      found.records.splice(0, first - found.first)
      found.first = first
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
  return fake
}
