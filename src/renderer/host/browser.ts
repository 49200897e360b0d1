/** The host of a browser: calls go over loopback HTTP with the session cookie. */
import { RPCLink } from '@orpc/client/fetch'
import { saveFile } from './save-file.ts'

export function browserHost() {
  const link = new RPCLink({
    url: () => new URL('/rpc', window.location.origin).href,
    fetch: (request, init) => fetch(request, { ...init, credentials: 'same-origin' }),
  })
  return { kind: 'browser', link, saveFile } as const
}
