/** What a row of the table is, and the servers that rows are made with. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AwsAnswer, type AwsCall, startFakeAws } from '../../support/fake-aws.ts'

/** The served program's clock when it starts. */
export const NOW = '2026-11-02T12:02:30Z'

export const KEY = 'AKIAPLANTEDKEYOFNOBODY'
export const SECRET = 'planted/secret/of/nobody'

interface Peer {
  /** What is typed or chosen, by label; `…, row 1` adds the row to its table. */
  readonly typed: Readonly<Record<string, string>>
  /** Something is used between two runs, where a kind counts by its difference. */
  readonly use?: () => void
  /** Every answer from now on is a failure, with what it was asked in it. */
  readonly fail: () => Promise<void>
  readonly close: () => Promise<void> | void
}

export interface SourceKind {
  /** As the wizard calls it, and so the source too. */
  readonly title: string
  /** Its secrets, as variables of the environment. */
  readonly secrets: Readonly<Record<string, string>>
  readonly start: () => Promise<Peer>
  /** A document of the permissions, and what it must allow. */
  readonly permissions: readonly [document: string, text: string]
  readonly check: string
  /** Cells of the preview; none where the source has no records yet. */
  readonly preview: readonly string[]
  /** Attributed and unattributed cost are shown too. */
  readonly isCost?: true
  readonly failure: RegExp
}

/** Answers with what is said, or with a failure that says everything back that it was asked. */
export const startSpeaker = async (say: () => string, status = 500) => {
  let failing = false
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    if (failing) response.writeHead(status).end(JSON.stringify([request.headers, body]))
    else response.end(say())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    fail: async () => {
      failing = true
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

export const startAws = async (
  answer: (call: AwsCall) => AwsAnswer,
  failure: AwsAnswer,
  typed: Readonly<Record<string, string>>,
): Promise<Peer> => {
  const fake = await startFakeAws()
  fake.answer = answer
  return {
    typed: { Endpoint: fake.url, ...typed },
    fail: async () => {
      fake.answer = () => failure
    },
    close: fake.close,
  }
}

export const keysOf = (source: string) => ({
  [`${source}_ACCESS_KEY_ID`]: KEY,
  [`${source}_SECRET_ACCESS_KEY`]: SECRET,
})

export const xml = (body: string): AwsAnswer => ({ headers: { 'content-type': 'text/xml' }, body })
/** One event for each of two tenants. */
export const usageLines = (metric: string): readonly string[] =>
  ['acme', 'bolt'].map((subject) =>
    JSON.stringify({
      specversion: '1.0',
      id: subject,
      source: '/files',
      type: metric,
      subject,
      time: '2026-11-02T11:00:00Z',
      data: { value: 1.5 },
    }),
  )

/** The one file of a bucket or a container. */
export const usageFile = (metric: string) => {
  const bytes = Buffer.from(`${usageLines(metric).join('\n')}\n`)
  return new Map([['in/a.jsonl', { bytes, modified: '2026-11-02T11:30:00.000Z' }]])
}
