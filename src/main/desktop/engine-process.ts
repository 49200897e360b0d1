/** The engine's process: started, asked for ports, stopped, and what to do when it dies. */
import { fileURLToPath } from 'node:url'
import { MessageChannelMain, type MessagePortMain, utilityProcess } from 'electron'
import type { FromEngine, ToEngine } from '../engine/messages.ts'
import type { SecretKeeper } from './secrets.ts'

export interface Engine {
  /** A port that speaks the contract, for one window. */
  connect(nonce: string): MessagePortMain
  /** Asks the engine to close the book, and resolves when its process is gone. */
  stop(): Promise<void>
}

export interface EngineOptions {
  readonly directory: string
  readonly demo: boolean
  readonly readOnly: boolean
  readonly secrets: SecretKeeper
  /** The engine would not open the book; `message` is for people. */
  readonly onRefused: (message: string) => void
  /** The process ended although nobody asked it to. */
  readonly onCrash: (code: number) => void
}

/** How long a stopping engine may take to finish what it is writing before it is ended by force. */
const stopMsMax = 10_000

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const secrets = await options.secrets.availability()
  const child = utilityProcess.fork(fileURLToPath(new URL('./engine.js', import.meta.url)), [], {
    serviceName: 'Countinghouse engine',
    // As scripts/process.mjs starts it: one arena of Linux's allocator instead of one for each thread.
    env: { MALLOC_ARENA_MAX: '1', ...process.env },
  })
  const send = (message: ToEngine, ports: MessagePortMain[] = []): void => child.postMessage(message, ports)
  let expected = false

  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      resolve()
      if (!expected) options.onCrash(code)
    })
  })
  child.on('message', async (message: FromEngine) => {
    if (message.type === 'refused') {
      expected = true
      child.kill()
      options.onRefused(message.message)
    } else {
      const answer = await options.secrets.answer(message.ask)
      send({ type: 'secret', request: message.request, answer })
    }
  })
  const { directory, demo, readOnly } = options
  send({ type: 'open', directory, demo, readOnly, secrets })

  return {
    connect: (nonce) => {
      const { port1, port2 } = new MessageChannelMain()
      send({ type: 'client', nonce }, [port1])
      return port2
    },
    stop: async () => {
      if (!expected) send({ type: 'close' })
      expected = true
      const force = setTimeout(() => child.kill(), stopMsMax)
      await gone
      clearTimeout(force)
    },
  }
}
