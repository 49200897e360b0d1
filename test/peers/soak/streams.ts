/** Events in streams: a Kinesis by moto that is split in the middle, and a real Kafka. */

import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis'
import {
  Admin,
  Consumer,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { startKafka } from '../kafka-broker.ts'
import { type Moto, motoSource } from './moto.ts'
import { eventText, eventTotals, keptUsage, type SoakPeer } from './peer.ts'

/** Events of a step; every fifth is sent twice. */
const sent = (metric: string, step: number, fromMs: number): readonly string[] =>
  Array.from({ length: 30 }, (_, index) => {
    const text = eventText(
      metric,
      index % 3 === 0 ? 'bolt' : 'acme',
      `${step}-${index}`,
      fromMs,
      `${index}.75`,
    )
    return index % 5 === 0 ? [text, text] : [text]
  }).flat()

export const kinesisPeer = async (moto: Moto): Promise<SoakPeer> => {
  const client = new KinesisClient({ ...moto.settings, requestHandler: new NodeHttpHandler() })
  const StreamName = 'soak'
  await client.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }))
  return {
    source: motoSource(moto, 'Stream', 'aws_kinesis', { stream: StreamName }),
    work: async (step, fromMs) => {
      const Records = sent('kinesis.calls', step, fromMs).map((text, index) => ({
        PartitionKey: `key ${index}`,
        Data: Buffer.from(text),
      }))
      await client.send(new PutRecordsCommand({ StreamName, Records }))
      if (step === 2)
        await client.send(
          new UpdateShardCountCommand({ StreamName, TargetShardCount: 4, ScalingType: 'UNIFORM_SCALING' }),
        )
    },
    own: async () => {
      const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }))
      const texts: string[] = []
      for (const { ShardId } of Shards) {
        const { ShardIterator } = await client.send(
          new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
        )
        const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 10_000 }))
        for (const { Data } of Records) texts.push(Buffer.from(Data ?? []).toString())
      }
      return eventTotals(texts)
    },
    kept: keptUsage(moto.startMs, 'kinesis.calls'),
    close: async () => client.destroy(),
  }
}

export const kafkaPeer = async (startMs: number): Promise<SoakPeer> => {
  const broker = await startKafka()
  const reached = { clientId: 'soak', bootstrapBrokers: [broker.address] }
  const admin = new Admin(reached)
  await admin.createTopics({ topics: ['soak'], partitions: 3, replicas: 1 })
  await admin.close()
  const producer = new Producer({ ...reached, serializers: stringSerializers, retries: 10 })
  let records = 0
  return {
    source: {
      name: 'Kafka',
      kind: 'kafka',
      config: { brokers: broker.address, topics: ['soak'] },
      everyMinutes: 10,
    },
    work: async (step, fromMs) => {
      const messages = sent('kafka.calls', step, fromMs).map((value, index) => ({
        topic: 'soak',
        key: `key ${index}`,
        value,
      }))
      records += messages.length
      await producer.send({ messages })
    },
    own: async () => {
      const consumer = new Consumer({ ...reached, groupId: 'soak', deserializers: stringDeserializers })
      const stream = await consumer.consume({ topics: ['soak'], mode: MessagesStreamModes.EARLIEST })
      const texts: string[] = []
      for await (const { value } of stream) {
        texts.push(value)
        if (texts.length === records) break
      }
      await consumer.close(true)
      return eventTotals(texts)
    },
    kept: keptUsage(startMs, 'kafka.calls'),
    close: async () => {
      await producer.close(true).catch(() => undefined)
      await broker.stop()
    },
  }
}
