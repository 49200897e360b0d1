/** The loopback server: the contract as REST and as oRPC, its OpenAPI document, and the built renderer. */
import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { OpenAPIHandler } from '@orpc/openapi/node'
import { type Context, ORPCError, type Router } from '@orpc/server'
import { BodyLimitPlugin, RPCHandler } from '@orpc/server/node'
import type { Ingest } from '../engine/ingesting/ingest.ts'
import {
  checkAddress,
  identify,
  isRefusal,
  type Keys,
  parseTarget,
  type Refusal,
  type RequestFacts,
  sameSecret,
  type Target,
} from './access.ts'
import { noBookNow, sendIngestAnswer, takePush } from './ingest.ts'
import { generateOpenApi } from './openapi.ts'
import { docsPart, refusalPage, refusalPageHeaders } from './pages.ts'
import { queryCoercion } from './query-coercion.ts'
import { dataHeaders, findRendererFile, type RendererFiles, readRendererFiles } from './renderer-files.ts'

/** The largest body of one call. Uploads come in chunks of 4 MB, so this is room enough. */
const bodyBytesMax = 16 * 1024 * 1024

export interface HttpServerOptions<T extends Context> {
  // biome-ignore lint/suspicious/noExplicitAny: oRPC's own type for "a router of any contract"
  router: Router<any, T>
  /** Makes the context of one call. `local`: the caller holds the lock file's token and may name files of this machine. */
  context: (caller: { local: boolean }) => T
  /** Takes what is pushed to /api/ingest; without it there is no such address. */
  ingest?: Ingest
  /** The program's version, for the OpenAPI document. */
  version: string
  /** 0 takes a free one. */
  port?: number
  /** The user's token; made afresh when absent. */
  token?: string
  /** The token written to the book's lock file, for the command line of the same machine. */
  localToken?: string
  /** Where the built renderer lies; null serves the API alone. */
  rendererDirectory: string | null
  /** Told of every answer, for the log. The path has no query: that is where the token is. */
  onRequest?: (answer: { method: string; path: string; status: number }) => void
  /** Told of every error that is not a declared refusal. */
  onError?: (error: unknown) => void
}

export interface HttpServer {
  /** The address to open in a browser, with the token in it. */
  readonly url: string
  /** The address without a token, for scripts and the lock file. */
  readonly origin: string
  readonly port: number
  readonly token: string
  /** Ends every connection, running streams too. */
  close(): Promise<void>
}

/**
 * Starts the server on 127.0.0.1, never on another interface.
 *
 * @throws when the port is taken or the renderer is not built, with a sentence that says what to do
 */
export async function startHttpServer<T extends Context>(options: HttpServerOptions<T>): Promise<HttpServer> {
  const files = options.rendererDirectory === null ? null : readRendererFiles(options.rendererDirectory)
  const token = options.token ?? randomBytes(32).toString('base64url')
  const server = createServer({ maxHeaderSize: 16 * 1024 })
  const port = await listen(server, options.port ?? 0)
  const keys: Keys = {
    token,
    localToken: options.localToken ?? null,
    // Cookies are shared by all ports of a host, hence the port in the name, and never the token in the value.
    session: randomBytes(32).toString('base64url'),
    cookieName: `countinghouse_${port}`,
  }
  const calls = callHandlers(options)
  server.on('request', (request, response) => {
    response.once('close', () => {
      const path = (request.url ?? '').split('?', 1)[0] ?? ''
      options.onRequest?.({ method: request.method ?? '', path, status: response.statusCode })
    })
    answer(request, response, { port, keys, files, calls, ingest: options.ingest ?? null }).catch(
      (error: unknown) => {
        options.onError?.(error)
        if (response.headersSent) response.destroy()
        else sendJson(response, 500, { code: 'INTERNAL_SERVER_ERROR', message: unexpected(error) })
      },
    )
  })
  const origin = `http://127.0.0.1:${port}`
  return {
    url: `${origin}/?token=${encodeURIComponent(token)}`,
    origin,
    port,
    token,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Serving {
  readonly port: number
  readonly keys: Keys
  readonly files: RendererFiles | null
  readonly calls: CallHandlers
  readonly ingest: Ingest | null
}

async function answer(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const facts = factsOf(request)
  const foreign = checkAddress(facts, serving.port)
  if (foreign !== null) return refuse(request, response, foreign)
  const target = parseTarget(facts.target)
  if ('status' in target) return refuse(request, response, target)

  if (target.rawPath === '/' && facts.method === 'GET' && target.query.has('token')) {
    return openSession(request, response, target, serving.keys)
  }
  if (target.rawPath === '/api/ingest' && serving.ingest !== null)
    return answerPush(request, response, serving.ingest)
  const caller = identify(facts, serving.keys)
  if (isRefusal(caller)) return refuse(request, response, caller)

  if (isUnder(target.rawPath, '/api') || isUnder(target.rawPath, '/rpc')) {
    return serving.calls(request, response, target, caller)
  }
  return sendRendererFile(request, response, target, serving.files)
}

/** Only a token made for it may push, and it opens no other address: `identify` does not know it. */
async function answerPush(request: IncomingMessage, response: ServerResponse, ingest: Ingest): Promise<void> {
  const bearer = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const pusher = bearer === undefined ? null : ingest.pusherOf(bearer)
  if (pusher === null)
    return refuse(request, response, {
      status: 401,
      code: 'UNAUTHORIZED',
      message:
        'Events are pushed with a token of their own, as "Authorization: Bearer TOKEN": make one with "token create".',
    })
  try {
    sendIngestAnswer(response, dataHeaders, await takePush(request, ingest, pusher))
  } catch (error) {
    // What the book refuses with says why itself; anything else is an error like any.
    if (!(error instanceof ORPCError)) throw error
    const { status, code, message } = error
    sendIngestAnswer(
      response,
      dataHeaders,
      code === 'NO_BOOK' ? noBookNow(message) : { status, code, message },
    )
  }
}

/** The printed address: trades the token for a cookie, so that it leaves the address bar and the history. */
async function openSession(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  keys: Keys,
): Promise<void> {
  const given = target.query.getAll('token')
  if (given.length !== 1 || !sameSecret(given[0] ?? '', keys.token)) {
    const message = 'The token in this address is not the one of this server.'
    return refuse(request, response, { status: 401, code: 'UNAUTHORIZED', message })
  }
  response.writeHead(303, {
    ...dataHeaders,
    location: '/',
    'set-cookie': `${keys.cookieName}=${keys.session}; Path=/; HttpOnly; SameSite=Strict`,
  })
  response.end()
}

type CallHandlers = (
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  caller: { local: boolean },
) => Promise<void>

function callHandlers<T extends Context>(options: HttpServerOptions<T>): CallHandlers {
  // Made anew for each handler: its plugins add to the list.
  const interceptors = () => [
    async <R>({ next }: { next: () => Promise<R> }): Promise<R> => {
      try {
        return await next()
      } catch (error) {
        if (error instanceof ORPCError) throw error
        options.onError?.(error)
        throw new ORPCError('INTERNAL_SERVER_ERROR', { message: unexpected(error), cause: error })
      }
    },
  ]
  const limit = () => new BodyLimitPlugin<T>({ maxBodySize: bodyBytesMax })
  const rpc = new RPCHandler<T>(options.router, { plugins: [limit()], clientInterceptors: interceptors() })
  const rest = new OpenAPIHandler<T>(options.router, {
    plugins: [limit(), queryCoercion<T>()],
    clientInterceptors: interceptors(),
  })
  let document: Promise<string> | null = null

  return async (request, response, target, caller) => {
    for (const [name, value] of Object.entries(dataHeaders)) response.setHeader(name, value)
    if (target.rawPath === '/api/openapi.json') {
      document ??= generateOpenApi(options.router, options.version, options.ingest !== undefined).then(
        (json) => JSON.stringify(json, null, 2),
      )
      return sendText(request, response, await document, {
        ...dataHeaders,
        'content-type': 'application/json',
      })
    }
    const page = docsPart(target.rawPath)
    if (page !== null) {
      if (typeof page.body === 'string') return sendText(request, response, page.body, page.headers)
      return sendFile(request, response, page.body.file, page.headers)
    }
    const context = options.context(caller)
    const { matched } = isUnder(target.rawPath, '/rpc')
      ? await rpc.handle(request, response, { prefix: '/rpc', context } as never)
      : await rest.handle(request, response, { prefix: '/api', context } as never)
    if (!matched) {
      const message = `There is no ${request.method} ${target.rawPath}. The calls are listed at /api/openapi.json.`
      sendJson(response, 404, { code: 'NOT_FOUND', message })
    }
  }
}

async function sendRendererFile(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  files: RendererFiles | null,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return sendJson(response, 405, { code: 'METHOD_NOT_ALLOWED', message: 'Pages can only be read.' })
  }
  const found = files && findRendererFile(files, target.path, request.headers.accept ?? '')
  if (!found)
    return sendJson(response, 404, { code: 'NOT_FOUND', message: `There is no ${target.rawPath} here.` })
  return sendFile(request, response, found.file, found.headers)
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const stream = createReadStream(file)
  await new Promise((resolve, reject) => stream.once('open', resolve).once('error', reject))
  response.writeHead(200, headers)
  if (request.method === 'HEAD') {
    stream.destroy()
    response.end()
    return
  }
  await pipeline(stream, response).catch((error: NodeJS.ErrnoException) => {
    // A browser that leaves before the file is through is no error.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
}

function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    sendJson(response, 405, { code: 'METHOD_NOT_ALLOWED', message: 'This address can only be read.' })
    return
  }
  response.writeHead(200, headers)
  response.end(request.method === 'HEAD' ? undefined : text)
}

function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const path = request.url ?? ''
  const isPage = !path.startsWith('/api') && !path.startsWith('/rpc')
  if (refusal.status === 401) response.setHeader('www-authenticate', 'Bearer realm="Countinghouse"')
  // A body that nobody will read must not keep the connection waiting.
  if (request.method !== 'GET' && request.method !== 'HEAD') response.setHeader('connection', 'close')
  if (isPage && (request.headers.accept ?? '').includes('text/html')) {
    response.writeHead(refusal.status, refusalPageHeaders)
    response.end(refusalPage(refusal.message))
  } else {
    sendJson(response, refusal.status, { code: refusal.code, message: refusal.message })
  }
}

function sendJson(response: ServerResponse, status: number, body: { code: string; message: string }): void {
  response.writeHead(status, { ...dataHeaders, 'content-type': 'application/json' })
  response.end(JSON.stringify({ ...body, data: null }))
}

function unexpected(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error)
  return `Countinghouse met an error it did not expect: ${reason}`
}

function isUnder(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`)
}

function factsOf(request: IncomingMessage): RequestFacts {
  const header = (name: string): string | null => {
    const value = request.headers[name]
    return typeof value === 'string' ? value : null
  }
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    hosts: request.headersDistinct.host ?? [],
    origin: header('origin'),
    fetchSite: header('sec-fetch-site'),
    authorization: header('authorization'),
    cookie: header('cookie'),
  }
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return reject(error)
      const why =
        error.code === 'EACCES' ? 'may not be used by this user' : 'is already used by another program'
      reject(
        new Error(`Port ${port} ${why}. Choose another with --port, or leave it out to take a free one.`),
      )
    })
    server.listen({ host: '127.0.0.1', port }, resolve)
  })
  return (server.address() as AddressInfo).port
}
