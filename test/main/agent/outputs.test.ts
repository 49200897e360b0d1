import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { folderOutput } from '../../../src/main/agent/outputs/folder.ts'
import { ingestOutput } from '../../../src/main/agent/outputs/ingest.ts'
import { kinesisOutput } from '../../../src/main/agent/outputs/kinesis.ts'
import { s3Output } from '../../../src/main/agent/outputs/s3.ts'
import { backOffMs, startSender } from '../../../src/main/agent/sending.ts'
import { openStore } from '../../../src/main/agent/store.ts'
import { accountShape } from '../../../src/main/collect/kinds/aws/account.ts'
import { jsonAnswer, jsonError, startFakeAws } from '../../support/fake-aws.ts'
import { temporaryFolder } from './support.ts'

const LINES = [1, 2, 3, 4, 5].map((n) =>
  JSON.stringify({ id: `cpu.seconds/b.7/${n}`, time: '2026-11-02T12:00:00Z' }),
)
const file = { name: 'node-1-instance-000000000001', agent: 'node-1', lines: LINES }
const never = new AbortController().signal

interface Push {
  readonly headers: IncomingHttpHeaders
  readonly lines: readonly string[]
}
/** A stand-in for a served book: it answers as the test says, and keeps what it was sent. */
const startBook = async (
  answer: (push: Push, nth: number) => { status: number; headers?: object; body?: string },
) => {
  const pushes: Push[] = []
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const push = {
      headers: request.headers,
      lines: Buffer.concat(pieces).toString().split('\n').filter(Boolean),
    }
    pushes.push(push)
    const { status, headers = {}, body = '{}' } = answer(push, pushes.length)
    response.writeHead(status, headers as Record<string, string>).end(body)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/ingest`
  const output = ingestOutput(
    { kind: 'ingest', url, token: { environment: 'TOKEN' } },
    { TOKEN: 'chi_planted' },
  )
  return { pushes, output, url }
}

test('folder: a file appears whole, and again is the same file', async () => {
  const folder = join(temporaryFolder(), 'new/out')
  const output = folderOutput(folder)
  await output.send(file, never)
  await output.send(file, never)
  expect(readdirSync(folder)).toEqual([`${file.name}.jsonl`])
  expect(readFileSync(join(folder, `${file.name}.jsonl`), 'utf8')).toBe(`${LINES.join('\n')}\n`)
  // Whoever takes the files up runs as somebody else.
  expect(statSync(join(folder, `${file.name}.jsonl`)).mode & 0o777).toBe(0o644)
  const blocked = folderOutput(join(folder, `${file.name}.jsonl`))
  await expect(blocked.send(file, never)).rejects.toMatchObject({
    message: expect.stringMatching(/^Nothing can be written into .+: /),
    retryable: true,
  })
})

test('ingest: lines with the token, and nothing refused', async () => {
  const { pushes, output } = await startBook(() => ({ status: 202 }))
  expect(await output.send(file, never)).toEqual([])
  expect(pushes).toHaveLength(1)
  expect(pushes[0]?.lines).toEqual(LINES)
  expect(pushes[0]?.headers).toMatchObject({
    authorization: 'Bearer chi_planted',
    'content-type': 'application/x-ndjson',
  })
})

test('ingest: what is too large is sent in halves, down to the event that is too large alone', async () => {
  const { pushes, output } = await startBook(({ lines }) => ({
    status: lines.length > 2 || lines.includes(LINES[3] ?? '') ? 413 : 202,
  }))
  expect(await output.send(file, never)).toEqual([
    { lines: [LINES[3]], answer: '413: the event alone is larger than a push may be.' },
  ])
  expect(pushes.map(({ lines }) => lines.length)).toEqual([5, 3, 2, 1, 2, 1, 1])
})

const REFUSALS: readonly (readonly [
  status: number,
  headers: object,
  retryable: boolean,
  afterMs: number | null,
])[] = [
  [401, {}, false, null],
  [409, {}, false, null],
  [422, {}, false, null],
  [429, { 'retry-after': '7' }, true, 7000],
  [503, { 'retry-after': '120' }, true, 120_000],
  [500, {}, true, null],
]
test.each(REFUSALS)(
  'ingest: %i keeps the events, and they are sent again',
  async (status, headers, retryable, afterMs) => {
    const { output } = await startBook(() => ({
      status,
      headers,
      body: '{"message":"A sentence of the book."}',
    }))
    const failure = await output.send(file, never).catch((error) => error)
    expect(failure).toMatchObject({ name: 'SourceFailure', retryable, retryAfterMs: afterMs })
    expect(failure.message).toMatch(status === 401 ? /refuses the token/ : /A sentence of the book\./)
    expect(failure.message).not.toContain('chi_planted')
  },
)

test('the sender: goes on where it failed, obeys the receiver, and sets aside what is refused for good', async () => {
  const folder = temporaryFolder()
  const store = openStore(folder, () => 'instance')
  store.commit({}, ['{"id":"one"}'])
  store.commit({}, ['{"id":"two"}'])
  store.commit({}, ['{"id":"three"}'])
  const { pushes, output } = await startBook(({ lines }, nth) => {
    if (nth === 2) return { status: 429, headers: { 'retry-after': '1' } }
    return lines[0]?.includes('two') ? { status: 400, body: '{"message":"No event."}' } : { status: 202 }
  })
  const said: string[] = []
  const stopping = new AbortController()
  const sender = startSender(store, output, 'node-1', {
    random: () => 0,
    complain: (sentence) => said.push(sentence),
    recover: () => said.push('recovered'),
  })
  const began = performance.now()
  const running = sender.run(stopping.signal)
  await vi.waitFor(() => expect(store.waiting()).toEqual([]), { timeout: 5000 })
  expect(performance.now() - began).toBeGreaterThanOrEqual(990)
  expect(pushes.map(({ lines }) => lines[0])).toEqual([
    '{"id":"one"}',
    '{"id":"two"}',
    '{"id":"two"}',
    '{"id":"three"}',
  ])
  store.commit({}, ['{"id":"four"}'])
  sender.wake()
  await vi.waitFor(() => expect(store.waiting()).toEqual([]))
  stopping.abort()
  await running
  expect(said).toEqual([
    expect.stringMatching(/answered 429/),
    expect.stringMatching(/refused 1 events for good: 400: No event\. They are kept in refused\/\.$/),
    'recovered',
  ])
  expect(readdirSync(join(folder, 'refused')).sort()).toEqual(['000000000002.jsonl', '000000000002.txt'])
  expect(readFileSync(join(folder, 'refused/000000000002.jsonl'), 'utf8')).toBe('{"id":"two"}\n')
  expect(readFileSync(join(folder, 'refused/000000000002.txt'), 'utf8')).toBe('400: No event.\n')
})

test('waiting grows to five minutes, half of it by chance, and to what is asked for where that is longer', () => {
  const waits = [1, 2, 3, 9, 10, 50].map((failures) => [
    backOffMs(failures, null, () => 0),
    backOffMs(failures, null, () => 0.999_999),
  ])
  expect(waits).toEqual([
    [500, 1000],
    [1000, 2000],
    [2000, 4000],
    [128_000, 256_000],
    [150_000, 300_000],
    [150_000, 300_000],
  ])
  expect(backOffMs(1, 90_000, () => 0)).toBe(90_000)
  expect(backOffMs(1, 86_400_000, () => 0)).toBe(3_600_000)
})

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')
})
afterEach(() => vi.unstubAllEnvs())

const account = (endpoint: string) => ({
  region: 'us-east-1',
  profile: accountShape.profile.parse(undefined),
  roleArn: accountShape.roleArn.parse(undefined),
  externalId: accountShape.externalId.parse(undefined),
  endpoint,
})
const startAws = async () => {
  const aws = await startFakeAws()
  onTestFinished(aws.close)
  return aws
}

test('S3: an object by agent and day, the same bytes each time; a failure keeps the events', async () => {
  const aws = await startAws()
  const output = await s3Output(
    { kind: 's3', ...account(aws.url), bucket: 'usage', prefix: 'agents/' },
    process.env,
  )
  onTestFinished(output.close)
  aws.answer = () => ({ status: 200 })
  await output.send(file, never)
  await output.send(file, never)
  expect(aws.calls.map(({ action, path }) => `${action} ${path.split('?')[0]}`)).toEqual(
    Array(2).fill('PUT /usage/agents/node-1/2026-11-02/node-1-instance-000000000001.jsonl.gz'),
  )
  expect(aws.calls[0]?.body).toBe(aws.calls[1]?.body)
  aws.answer = () => ({ status: 403, body: '<Error><Code>AccessDenied</Code><Message>no</Message></Error>' })
  await expect(output.send(file, never)).rejects.toMatchObject({
    name: 'SourceFailure',
    message: expect.stringMatching(/s3:PutObject/),
  })
})

test('Kinesis: only the records that were not taken are sent again; one cgroup keeps its partition', async () => {
  const aws = await startAws()
  const output = await kinesisOutput({ kind: 'kinesis', ...account(aws.url), stream: 'usage' }, process.env)
  onTestFinished(output.close)
  const sent: string[][] = []
  aws.answer = ({ body }) => {
    const { Records } = JSON.parse(body) as { Records: { Data: string; PartitionKey: string }[] }
    sent.push(
      Records.map(
        ({ Data, PartitionKey }) =>
          `${PartitionKey} ${JSON.parse(Buffer.from(Data, 'base64').toString()).id}`,
      ),
    )
    const isFirst = sent.length === 1
    return jsonAnswer({
      FailedRecordCount: isFirst ? 2 : 0,
      Records: Records.map((_, index) =>
        isFirst && index % 2 === 1
          ? { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'slow down' }
          : { SequenceNumber: String(index), ShardId: 'shardId-000000000000' },
      ),
    })
  }
  expect(await output.send(file, never)).toEqual([])
  expect(sent).toEqual([
    [1, 2, 3, 4, 5].map((n) => `cpu.seconds/b.7 cpu.seconds/b.7/${n}`),
    [2, 4].map((n) => `cpu.seconds/b.7 cpu.seconds/b.7/${n}`),
  ])
  sent.length = 0
  const many = { ...file, lines: Array.from({ length: 1201 }, (_, n) => JSON.stringify({ id: `m/${n}` })) }
  sent.push([])
  await output.send(many, never)
  expect(sent.slice(1).map(({ length }) => length)).toEqual([500, 500, 201])
  aws.answer = () => jsonError('ResourceNotFoundException', 'Stream usage not found')
  await expect(output.send(file, never)).rejects.toMatchObject({
    message: expect.stringMatching(/Stream usage not found/),
  })
})
