/**
 * A Stripe that keeps state on this machine: the endpoints a delivery uses, with Stripe's rules for idempotency
 * keys (docs.stripe.com/api/idempotent_requests), search lag, drafts and totals, and faults on request.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Answer, createStripeState, refusal, type StripeState } from './stripe-state.ts'

export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  /** Query or form fields, decoded, nested names as sent: `metadata[a]`. */
  readonly fields: Readonly<Record<string, string>>
  readonly idempotencyKey: string | null
  /** Whether it was answered from a saved idempotency key. */
  replayed: boolean
  /** Null where the connection was dropped. */
  status: number | null
}

export interface Fault {
  /** Counts only requests whose `METHOD /path` contains this; all where left out. */
  readonly on?: string
  /** `drop` closes the connection without an answer; a number is answered as that HTTP status. */
  readonly answer: 'drop' | 429 | 500
  /** Whether the request takes effect all the same. */
  readonly applied: boolean
  /** How many requests in a row; one where left out. */
  readonly times?: number
}

export interface StripeStandIn {
  readonly url: string
  readonly state: StripeState
  readonly requests: readonly ReceivedRequest[]
  failNext(fault: Fault): void
  /** Applies the `call`-th request from now (counted from 1), drops it, and refuses all others until `recover`. */
  crashAfter(call: number): void
  /** Drops the `call`-th request from now without applying it, and refuses all others until `recover`. */
  crashBefore(call: number): void
  recover(): void
  /** Lets Stripe's clock run on: search catches up, idempotency keys expire. */
  advance(ms: number): void
  close(): Promise<void>
}

export interface StripeStandInOptions {
  /** 0 or left out: any free port. */
  readonly port?: number
  /** The only key accepted; any `sk_…` or `rk_…` where left out. */
  readonly apiKey?: string
  /** UTC milliseconds; the machine's clock where left out. */
  readonly nowMs?: () => number
  /** As in accounts in India. */
  readonly searchUnavailable?: boolean
}

const KEY_LIFE_MS = 24 * 3600 * 1000

interface SavedAnswer {
  readonly request: string
  readonly answer: Answer
  readonly savedAtMs: number
}

export const startStripeStandIn = async (options: StripeStandInOptions = {}): Promise<StripeStandIn> => {
  const clock = options.nowMs ?? (() => Date.now())
  let offsetMs = 0
  const nowMs = () => clock() + offsetMs
  const state = createStripeState({ nowMs, searchUnavailable: options.searchUnavailable ?? false })
  const requests: ReceivedRequest[] = []
  const savedAnswers = new Map<string, SavedAnswer>()
  const faults: { fault: Fault; left: number }[] = []
  let crash: { calls: number; applied: boolean } | null = null
  let isDown = false

  const respond = (received: ReceivedRequest, authorization: string | undefined): Answer => {
    const key = /^Bearer ((?:sk|rk)_\S+)$/.exec(authorization ?? '')?.[1]
    if (key === undefined || (options.apiKey !== undefined && key !== options.apiKey))
      return refusal(401, {
        message: `Invalid API Key provided: ${key?.slice(0, 8) ?? 'none'}****${key?.slice(-4) ?? ''}`,
      })
    if (received.method !== 'POST' || received.idempotencyKey === null)
      return state.handle(received.method, received.path, received.fields)
    const request = JSON.stringify([received.path, Object.entries(received.fields).sort()])
    const saved = savedAnswers.get(received.idempotencyKey)
    if (saved !== undefined && nowMs() - saved.savedAtMs < KEY_LIFE_MS) {
      if (saved.request !== request)
        return refusal(400, {
          type: 'idempotency_error',
          message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${received.idempotencyKey}' if you meant to execute a different request.`,
        })
      received.replayed = true
      return saved.answer
    }
    const answer = state.handle(received.method, received.path, received.fields)
    // A request that fails validation was never begun, and its key stays free.
    if (answer.status < 400)
      savedAnswers.set(received.idempotencyKey, { request, answer, savedAtMs: nowMs() })
    return answer
  }

  /** Stripe saves a 500 under the key and repeats it. */
  const saveFailure = (received: ReceivedRequest, answer: Answer): void => {
    if (received.method !== 'POST' || received.idempotencyKey === null) return
    const request = JSON.stringify([received.path, Object.entries(received.fields).sort()])
    savedAnswers.set(received.idempotencyKey, { request, answer, savedAtMs: nowMs() })
  }

  const faultFor = (received: ReceivedRequest): Fault | null => {
    if (crash !== null) {
      crash.calls -= 1
      if (crash.calls > 0) return null
      const { applied } = crash
      crash = null
      isDown = true
      return { answer: 'drop', applied }
    }
    const index = faults.findIndex(({ fault }) =>
      `${received.method} ${received.path}`.includes(fault.on ?? ''),
    )
    const found = faults[index]
    if (found === undefined) return null
    found.left -= 1
    if (found.left === 0) faults.splice(index, 1)
    return found.fault
  }

  const send = (response: ServerResponse, received: ReceivedRequest, answer: Answer): void => {
    received.status = answer.status
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      'request-id': `req_${String(requests.length).padStart(6, '0')}`,
      ...(received.replayed ? { 'idempotent-replayed': 'true' } : {}),
      ...(answer.status >= 500 ? { 'stripe-should-retry': 'false' } : {}),
    })
    response.end(JSON.stringify(answer.body))
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    if (isDown) {
      request.socket.destroy()
      return
    }
    const url = new URL(request.url ?? '/', 'http://stripe')
    const form = request.method === 'POST' ? Buffer.concat(parts).toString('utf8') : url.search
    const header = request.headers['idempotency-key']
    const received: ReceivedRequest = {
      method: request.method ?? 'GET',
      path: url.pathname,
      fields: Object.fromEntries(new URLSearchParams(form)),
      idempotencyKey: typeof header === 'string' ? header : null,
      replayed: false,
      status: null,
    }
    requests.push(received)
    const fault = faultFor(received)
    if (fault === null) {
      send(response, received, respond(received, request.headers.authorization))
      return
    }
    if (fault.applied) respond(received, request.headers.authorization)
    if (fault.answer === 'drop') {
      request.socket.destroy()
      return
    }
    const answer =
      fault.answer === 429
        ? refusal(429, { code: 'rate_limit', message: 'Too many requests.' })
        : refusal(500, { type: 'api_error', message: 'An unknown error occurred' })
    if (fault.answer === 500) saveFailure(received, answer)
    send(response, received, answer)
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      response.writeHead(599)
      response.end(String(error))
    })
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    state,
    requests,
    failNext: (fault) => {
      faults.push({ fault, left: fault.times ?? 1 })
    },
    crashAfter: (call) => {
      crash = { calls: call, applied: true }
    },
    crashBefore: (call) => {
      crash = { calls: call, applied: false }
    },
    recover: () => {
      isDown = false
      crash = null
    },
    advance: (ms) => {
      offsetMs += ms
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
