/** The thread's half: answers the calls of the engine with a router. */
import { type MessagePort, workerData } from 'node:worker_threads'
import type { Context, Router } from '@orpc/server'
import { MessagePortHandler } from '@orpc/server/message-port'
import { StandardHandler, StandardRPCCodec, StandardRPCMatcher } from '@orpc/server/standard'
import { errorForOtherSide, postAsObject, StructuredSerializer } from './structured.ts'

/** What `startThread` gave this thread: the port to serve, and the caller's own data. */
export function threadStart<Data>(): { port: MessagePort; data: Data } {
  return workerData as { port: MessagePort; data: Data }
}

export interface ServeThreadOptions<T extends Context> {
  /** Handed to every procedure. */
  context: T
  /** Runs once when the engine closes the port, after every running call was told to stop; then the thread ends. */
  onClose?: () => void | Promise<void>
}

/**
 * Serves `router` on `port` until the engine closes it. An error thrown by a procedure goes to the caller as an
 * ORPCError with its message; it does not end the thread.
 */
export function serveThread<T extends Context>(
  // biome-ignore lint/suspicious/noExplicitAny: oRPC's own type for "a router of any contract"
  router: Router<any, T>,
  port: MessagePort,
  options: ServeThreadOptions<T>,
): void {
  const serializer = new StructuredSerializer()
  const handler = new StandardHandler<T>(router, new StandardRPCMatcher(), new StandardRPCCodec(serializer), {
    interceptors: [
      async ({ next }) => {
        try {
          return await next()
        } catch (thrown) {
          throw errorForOtherSide(thrown)
        }
      },
    ],
  })
  new MessagePortHandler<T>(handler, { experimental_transfer: postAsObject }).upgrade(port, {
    context: options.context,
  } as never)
  port.once('close', async () => {
    // A native library may hold the event loop open for ever, so the thread leaves by itself once it has tidied up.
    await options.onClose?.()
    process.exit(0)
  })
}
