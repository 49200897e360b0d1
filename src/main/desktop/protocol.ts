/** `app://countinghouse/`: the built renderer, with the headers and the policy of the served one. */
import { readFile } from 'node:fs/promises'
import { type Protocol, protocol } from 'electron'
import { parseTarget } from '../server/access.ts'
import { dataHeaders, findRendererFile, readRendererFiles } from '../server/renderer-files.ts'
import { appHost, appScheme } from './navigation.ts'

/** Makes `app:` a scheme with an origin, as http has one. Must run before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: appScheme,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ])
}

/** Serves the files of `directory` and nothing else. @throws when the renderer is not built */
export function serveRenderer(target: Protocol, directory: string): void {
  const files = readRendererFiles(directory)
  target.handle(appScheme, async (request) => {
    const refuse = (status: number): Response => new Response(null, { status, headers: dataHeaders })
    const url = new URL(request.url)
    if (url.host !== appHost) return refuse(404)
    if (request.method !== 'GET') return refuse(405)
    const path = parseTarget(url.pathname)
    if ('status' in path) return refuse(400)
    const found = findRendererFile(files, path.path, request.headers.get('accept') ?? 'text/html')
    if (found === null) return refuse(404)
    return new Response(new Uint8Array(await readFile(found.file)), { headers: found.headers })
  })
}
