/**
 * Records of a Kinesis stream, one event each. `PutRecords` takes at most 500 records and 5 MB a call, and may take
 * some and refuse others (API reference, "PutRecords"): those are sent again, alone.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { SourceFailure } from '../../collect/collector.ts'
import { clientSettings } from '../../collect/kinds/aws/account.ts'
import { asking } from '../../collect/kinds/aws/failures.ts'
import type { OutputConfig } from '../config.ts'
import type { Output } from './output.ts'

type KinesisConfig = Extract<OutputConfig, { readonly kind: 'kinesis' }>

const CALL_RECORDS_MAX = 500
/** A spooled file has 1 MB at most, so a call's bytes never come near the bound. */
const ROUNDS_MAX = 5
const FIRST_WAIT_MS = 200

export const kinesisOutput = async (
  config: KinesisConfig,
  environment: NodeJS.ProcessEnv,
): Promise<Output> => {
  const { KinesisClient, PutRecordsCommand } = await import('@aws-sdk/client-kinesis')
  const { NodeHttpHandler } = await import('@smithy/node-http-handler')
  const { requestHandler, ...settings } = await clientSettings({
    config,
    environment,
    secret: async () => null,
  })
  // By itself this client alone speaks HTTP/2, which endpoints other than AWS' own do not.
  const client = new KinesisClient({ ...settings, requestHandler: new NodeHttpHandler(requestHandler) })

  /** Lines that were not taken, and why the last of them was not. */
  const put = async (lines: readonly string[], signal: AbortSignal) => {
    const answer = await asking(signal, 'kinesis:PutRecords', () =>
      client.send(
        new PutRecordsCommand({
          StreamName: config.stream,
          // By what it is about, so that one cgroup's events keep their order within a shard.
          Records: lines.map((line) => ({ Data: Buffer.from(line), PartitionKey: partitionOf(line) })),
        }),
        { abortSignal: signal },
      ),
    )
    const results = answer.Records ?? []
    const left = lines.filter((_, index) => results[index]?.SequenceNumber === undefined)
    return { left, why: results.findLast(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode ?? '' }
  }

  const putAll = async (lines: readonly string[], signal: AbortSignal): Promise<void> => {
    let { left, why } = await put(lines, signal)
    for (let round = 1; left.length > 0; round++) {
      if (round === ROUNDS_MAX)
        throw new SourceFailure(
          `The stream ${config.stream} did not take ${left.length} of ${lines.length} records (${why}). They are sent again later; give the stream more shards where this goes on.`,
          { retryable: true },
        )
      await wait(FIRST_WAIT_MS * 2 ** round, undefined, { signal })
      ;({ left, why } = await put(left, signal))
    }
  }

  return {
    place: `stream ${config.stream}`,
    send: async ({ lines }, signal) => {
      for (let at = 0; at < lines.length; at += CALL_RECORDS_MAX)
        await putAll(lines.slice(at, at + CALL_RECORDS_MAX), signal)
      return []
    },
    close: () => client.destroy(),
  }
}

/** The event's id without its window: `cpu.seconds/1b9d.77/…`; at most 256 characters, as the API has it. */
const partitionOf = (line: string): string => {
  const { id = '' } = JSON.parse(line) as { id?: string }
  return id.slice(0, Math.max(1, id.lastIndexOf('/'))).slice(-256) || 'event'
}
