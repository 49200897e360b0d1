/** Reads the texts of a query as what the contract says they are: `?limit=5` is a number there. */
import type { Context } from '@orpc/server'
import type { StandardHandlerOptions, StandardHandlerPlugin } from '@orpc/server/standard'
import { experimental_ZodSmartCoercionPlugin as ZodSmartCoercionPlugin } from '@orpc/zod/zod4'

/**
 * oRPC's own coercion for GET alone. It also makes an empty list of a missing one, which is right for a query, where
 * an empty list cannot be written, and wrong for a body: a forgotten list of rules must not mean "no rules".
 */
export function queryCoercion<T extends Context>(): StandardHandlerPlugin<T> {
  return {
    init(options) {
      const inner: StandardHandlerOptions<T> = { clientInterceptors: [] }
      new ZodSmartCoercionPlugin<T>().init(inner)
      const [coerce] = inner.clientInterceptors ?? []
      if (coerce === undefined)
        throw new Error('oRPC no longer coerces by an interceptor: see query-coercion.ts')
      options.clientInterceptors = [
        (call) => (call.procedure['~orpc'].route.method === 'GET' ? coerce(call) : call.next()),
        ...(options.clientInterceptors ?? []),
      ]
    },
  }
}
