/** The served program: one engine, the loopback server before it, until a signal ends both. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Engine, startEngine } from '../engine/engine.ts'
import { PROGRAM } from '../engine/program.ts'
import { startHttpServer } from '../server/http.ts'
import { Refusal } from './failure.ts'
import type { Io } from './io.ts'
import { openBrowser } from './open-browser.ts'

export interface ServeOptions {
  readonly port?: number
  readonly open?: boolean
  readonly tokenFile?: string
}

export interface Serving {
  readonly url: string
  readonly origin: string
  readonly port: number
  readonly token: string
  readonly directory: string
}

const TOKEN = /^[A-Za-z0-9_-]{16,200}$/

const newSecret = (): string => randomBytes(32).toString('base64url')

/**
 * The user's token from a file of theirs, made there for its owner's eyes where it is not, so that the address
 * stays the same from start to start.
 * @throws Refusal `token_is_unusable`
 */
export const readTokenFile = (path: string): string => {
  if (!existsSync(path)) {
    const token = newSecret()
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${token}\n`, { mode: 0o600, flag: 'wx' })
    return token
  }
  const token = readFileSync(path, 'utf8').trim()
  if (!TOKEN.test(token))
    throw new Refusal(
      'token_is_unusable',
      `${path} holds no token: 16 to 200 letters, digits, - or _ are expected. Remove it to have one made.`,
    )
  return token
}

/** Where the build put the renderer; from source without a build there is none, and the calls are served alone. */
const rendererDirectory = (): string | null => {
  const isSource = import.meta.url.endsWith('.ts')
  const directory = fileURLToPath(
    new URL(isSource ? '../../../out/renderer' : '../renderer', import.meta.url),
  )
  return isSource && !existsSync(resolve(directory, 'index.html')) ? null : directory
}

/** Resolves at the first signal to stop; a second one ends the process at once. */
const stopSignal = (): { readonly stopped: Promise<void>; readonly forget: () => void } => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  let stop = () => {}
  const stopped = new Promise<void>((done) => {
    stop = done
  })
  let count = 0
  const onSignal = () => {
    count++
    if (count > 1) process.exit(1)
    stop()
  }
  for (const signal of signals) process.on(signal, onSignal)
  return {
    stopped,
    forget: () => {
      for (const signal of signals) process.off(signal, onSignal)
    },
  }
}

/**
 * Serves the book in the folder until a signal stops it. `prepare` is run on the engine before the address is told;
 * `announce` tells it.
 *
 * @throws LedgerRefusal where the book cannot be opened, or another process holds it
 * @throws Refusal where the port is taken or the renderer is not built
 */
export const serve = async (
  io: Io,
  directory: string,
  options: ServeOptions & { readonly demo?: boolean; readonly readOnly?: boolean },
  {
    prepare,
    announce,
  }: { prepare?: (engine: Engine) => Promise<void>; announce: (serving: Serving) => void },
): Promise<void> => {
  const token =
    options.tokenFile === undefined
      ? newSecret()
      : readTokenFile(resolve(io.workingDirectory, options.tokenFile))
  const signal = stopSignal()
  const engine = await startEngine({
    directory,
    environment: io.environment,
    ...(options.demo ? { demo: true } : {}),
    ...(options.readOnly ? { readOnly: true } : {}),
  })
  try {
    await Promise.race([prepare?.(engine), signal.stopped.then(() => Promise.reject(STOPPED))])
    const localToken = newSecret()
    const server = await startHttpServer({
      router: engine.router,
      context: ({ local }) => ({ local }),
      ingest: engine.ingest,
      version: PROGRAM.version,
      token,
      localToken,
      rendererDirectory: rendererDirectory(),
      onError: (error) =>
        io.err(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`),
      ...(options.port === undefined ? {} : { port: options.port }),
    }).catch((error: Error) => {
      throw new Refusal('cannot_serve', error.message)
    })
    try {
      engine.publish(server.origin, localToken)
      const { url, origin, port } = server
      announce({ url, origin, port, token, directory: engine.directory })
      if (options.open === true) openBrowser(io.platform, url)
      await signal.stopped
    } finally {
      await server.close()
    }
  } catch (error) {
    if (error !== STOPPED) throw error
  } finally {
    await engine.close()
    signal.forget()
  }
}

/** Thrown inside {@link serve} where a signal comes before the address is told. */
const STOPPED = new Error('stopped by a signal')
