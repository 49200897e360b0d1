import { ORPCError, os } from '@orpc/server'
import { z } from 'zod'
import { serveThread, threadStart } from '../../../src/main/thread/serve-thread.ts'

const { port, data } = threadStart<{ greeting: string; closed: Int32Array }>()
const base = os.$context<{ greeting: string }>()
const aborted: string[] = []

export const router = {
  greet: base.handler(({ context }) => context.greeting),
  echo: base.input(z.unknown()).handler(({ input }) => input),
  count: base.input(z.object({ to: z.number() })).handler(async function* ({ input }) {
    for (let done = 1; done <= input.to; done += 1) yield { done, bytes: BigInt(done) }
    return 'counted'
  }),
  countThenFail: base.handler(async function* () {
    yield 1
    throw new ORPCError('CONFLICT', { message: 'The second row is already there.', data: { row: 2n } })
  }),
  forever: base.input(z.string()).handler(async ({ input, signal }) => {
    await new Promise((_, reject) => {
      signal?.addEventListener('abort', () => {
        aborted.push(input)
        reject(signal.reason)
      })
    })
  }),
  drip: base.handler(async function* ({ signal }) {
    try {
      while (!signal?.aborted) {
        yield 'drop'
        await new Promise((resolve) => setImmediate(resolve))
      }
    } finally {
      aborted.push('drip')
    }
  }),
  aborted: base.handler(() => aborted),
  refuse: base
    .errors({ month_is_closed: { status: 409, data: z.object({ month: z.string() }) } })
    .handler(({ errors }) => {
      throw errors.month_is_closed({ message: 'August is closed.', data: { month: '2026-08' } })
    }),
  bug: base.handler(() => {
    throw Object.assign(new TypeError('The scale must not be negative.'), { code: 'SCALE' })
  }),
  crash: base.handler(() => {
    setImmediate(() => {
      throw new Error('out of luck')
    })
    return new Promise<never>(() => {})
  }),
  exit: base.handler(() => process.exit(3)),
}

serveThread(router, port, {
  context: { greeting: data.greeting },
  onClose: () => {
    Atomics.store(data.closed, 0, 1)
  },
})
