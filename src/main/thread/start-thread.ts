/** The engine's half: starts a thread and calls it as if it were a local object. */
import { setFlagsFromString } from 'node:v8'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { type ClientContext, type ClientLink, createORPCClient, ORPCError } from '@orpc/client'
import { LinkMessagePortClient, type MessagePortMainLike } from '@orpc/client/message-port'
import { StandardLink, StandardRPCLinkCodec } from '@orpc/client/standard'
import type { AnyRouter, RouterClient } from '@orpc/server'
import { postAsObject, StructuredSerializer } from './structured.ts'

export interface ThreadExit {
  readonly code: number
  /** Why the thread ended, when nobody asked it to; null after `close()`. */
  readonly error: Error | null
}

export interface Thread<R extends AnyRouter> {
  readonly client: RouterClient<R>
  /** Tells the thread to stop, and resolves when it is gone. Calls still running are rejected. May be called twice. */
  close(): Promise<void>
  /** Resolves once, when the thread has ended for whatever reason. */
  readonly onExit: Promise<ThreadExit>
}

export interface StartThreadOptions {
  /** The word for people: `cube` gives "The cube thread stopped …". */
  name: string
  /** How long `close()` waits for the thread to tidy up before it is ended by force. */
  graceMsMax?: number
  /**
   * What the thread's short-lived objects may take, 8 unless told: of 48, two halves of 16 are used, and large ones beside
   * them. Left to itself, the engine of JavaScript lets a busy thread's grow to 100 MB before it
   * looks whether any of them is still in use, and no thread gains by it.
   */
  youngMegabytesMax?: number
  /**
   * What its other objects may take before the thread is ended, 1024 unless told. It is far above what any thread
   * here needs; the engine of JavaScript tidies up more often under a limit, which halves what a busy thread holds.
   */
  oldMegabytesMax?: number
}

/**
 * Starts the thread of `file`, which must call `serveThread`. `data` reaches it by structured clone.
 *
 * A call is cancelled by its AbortSignal, progress is an event iterator, and an error arrives as an ORPCError. When
 * the thread dies, every pending and every later call is rejected with an ORPCError of code THREAD_STOPPED.
 */
export function startThread<R extends AnyRouter>(
  file: URL,
  data: unknown,
  { name, graceMsMax = 5_000, youngMegabytesMax = 8, oldMegabytesMax = 1024 }: StartThreadOptions,
): Thread<R> {
  const { port1, port2 } = new MessageChannel()
  // What the process was started with bounds its first thread, and would be every other thread's bound, whatever it is given.
  if (process.execArgv.some((argument) => argument.startsWith('--max-semi-space-size')))
    setFlagsFromString('--max-semi-space-size=0')
  const worker = new Worker(file, {
    name,
    workerData: { port: port2, data },
    transferList: [port2],
    resourceLimits: { maxYoungGenerationSizeMb: youngMegabytesMax, maxOldGenerationSizeMb: oldMegabytesMax },
  })
  const stopped = new AbortController()
  let closing = false
  let failure: Error | null = null

  worker.on('error', (error) => {
    failure = error
  })
  const onExit = new Promise<ThreadExit>((resolve) => {
    worker.once('exit', (code) => {
      const error = closing ? null : (failure ?? new Error(`it exited with code ${code}`))
      stopped.abort(stoppedError(name, error))
      port1.close()
      resolve({ code, error })
    })
  })

  return {
    client: createORPCClient<RouterClient<R>>(callsUntil(stopped.signal, linkOver(port1))),
    onExit,
    close: async () => {
      if (!closing) {
        closing = true
        stopped.abort(stoppedError(name, null))
        port1.close()
      }
      const force = setTimeout(() => void worker.terminate(), graceMsMax)
      await onExit
      clearTimeout(force)
    },
  }
}

function stoppedError(
  name: string,
  error: Error | null,
): ORPCError<'THREAD_STOPPED', { reason: string | null }> {
  return new ORPCError('THREAD_STOPPED', {
    status: 503,
    message:
      error === null
        ? `The ${name} thread was closed while this call was running. What it had saved is kept.`
        : `The ${name} thread stopped unexpectedly: ${error.message}. What it had saved is kept; start Countinghouse again and repeat the last step.`,
    data: { reason: error?.message ?? null },
  })
}

function linkOver(port: MessagePort): ClientLink<ClientContext> {
  // oRPC is not shown the port's close event: it would reject the calls with a sentence of its own about queues.
  const messagesOnly: MessagePortMainLike = {
    postMessage: (message, transfer) => port.postMessage(message, transfer ?? []),
    on: (event, callback) => {
      if (event === 'message') port.on('message', (message) => callback({ data: message }))
    },
  }
  return new StandardLink(
    new StandardRPCLinkCodec(new StructuredSerializer(), { url: 'http://orpc' }),
    new LinkMessagePortClient({ port: messagesOnly, experimental_transfer: postAsObject }),
  )
}

/** The link, with every call and every iterator also ended by `stopped`, whose reason the caller then sees. */
function callsUntil(stopped: AbortSignal, link: ClientLink<ClientContext>): ClientLink<ClientContext> {
  return {
    call: async (path, input, options) => {
      stopped.throwIfAborted()
      const signal = options.signal ? AbortSignal.any([options.signal, stopped]) : stopped
      try {
        const output = await link.call(path, input, { ...options, signal })
        return isIterator(output) ? iteratorUntil(stopped, output) : output
      } catch (error) {
        throw stopped.aborted ? stopped.reason : error
      }
    },
  }
}

function isIterator(value: unknown): value is AsyncIteratorObject<unknown, unknown, void> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

async function* iteratorUntil(stopped: AbortSignal, events: AsyncIteratorObject<unknown, unknown, void>) {
  try {
    return yield* { [Symbol.asyncIterator]: () => events }
  } catch (error) {
    throw stopped.aborted ? stopped.reason : error
  }
}
