/** A made-up AWS endpoint: answers each call as a test says, in the documented shapes, with faults on demand. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface AwsCall {
  /** `GetCostAndUsage`, `GetCallerIdentity`; of S3 the method. */
  readonly action: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface AwsAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** The connection is cut after as many bytes of the body; its length is told as whole. */
  readonly cutAfter?: number
}

export interface FakeAws {
  readonly url: string
  readonly calls: AwsCall[]
  answer: (call: AwsCall) => AwsAnswer
  readonly close: () => void
}

export const jsonAnswer = (body: object): AwsAnswer => ({
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(body),
})

/** An error as AWS' JSON protocols give it. */
export const jsonError = (name: string, message: string, status = 400): AwsAnswer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': name },
  body: JSON.stringify({ __type: name, message }),
})

export const ACCOUNT = '123456789012'

const CALLER = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::${ACCOUNT}:user/ada</Arn><UserId>AIDA</UserId><Account>${ACCOUNT}</Account></GetCallerIdentityResult>
<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>`

const actionOf = (method: string, headers: IncomingHttpHeaders, body: string): string => {
  const target = headers['x-amz-target']
  if (typeof target === 'string') return target.split('.').at(-1) ?? target
  return new URLSearchParams(body).get('Action') ?? method
}

export const startFakeAws = async (): Promise<FakeAws> => {
  const fake: Omit<FakeAws, 'url'> = {
    calls: [],
    answer: () => ({ status: 500 }),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece) => pieces.push(piece))
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString()
      const call = {
        action: actionOf(request.method ?? '', request.headers, body),
        path: request.url ?? '',
        headers: request.headers,
        body,
      }
      if (call.action === 'GetCallerIdentity') {
        response.writeHead(200, { 'content-type': 'text/xml' }).end(CALLER)
        return
      }
      fake.calls.push(call)
      const { status = 200, headers = {}, body: content = '', cutAfter } = fake.answer(call)
      const bytes = Buffer.from(content)
      response.writeHead(status, { 'content-length': String(bytes.length), ...headers })
      if (cutAfter === undefined) response.end(bytes)
      else response.write(bytes.subarray(0, cutAfter), () => request.socket.destroy())
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return Object.assign(fake, { url: `http://127.0.0.1:${port}` })
}
