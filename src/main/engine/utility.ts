/** The engine as Electron's utility process: the same router, one MessagePort per window. */

import { createRouterClient } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { makeDemoBook } from '../demo/make-demo-book.ts'
import { clearHalfMadeDemoBook } from '../demo/marker.ts'
import { describeLock } from '../ledger/lock.ts'
import type { SecretStore } from '../secrets/secrets.ts'
import { machineClock } from './clock.ts'
import { type Engine, startEngine } from './engine.ts'
import type { FromEngine, SecretAnswer, SecretAsk, ToEngine } from './messages.ts'
import { sentenceOf } from './refusals.ts'

/** `process.parentPort` of Electron's utility process, typed without importing electron. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: ToEngine; ports: readonly MessagePortLike[] }) => void): void
  postMessage(message: FromEngine): void
}
interface MessagePortLike {
  start(): void
}

const parent = (process as unknown as { parentPort: ParentPort }).parentPort
let engine: Promise<Engine> | null = null
let asked = 0
const waiting = new Map<number, (answer: SecretAnswer) => void>()

const ask = (request: SecretAsk): Promise<string | null> =>
  new Promise((resolve, reject) => {
    const number = ++asked
    waiting.set(number, (answer) => (answer.ok ? resolve(answer.value) : reject(new Error(answer.message))))
    parent.postMessage({ type: 'secret', request: number, ask: request })
  })

const storeOf = (secrets: Extract<ToEngine, { type: 'open' }>['secrets']): SecretStore => ({
  ...secrets,
  get: (name) => ask({ action: 'get', name }),
  set: async (name, value) => {
    await ask({ action: 'set', name, value })
  },
  delete: async (name) => {
    await ask({ action: 'delete', name })
  },
})

const open = async (message: Extract<ToEngine, { type: 'open' }>): Promise<Engine> => {
  if (message.demo && describeLock(message.directory) === null) clearHalfMadeDemoBook(message.directory)
  const opened = await startEngine({
    directory: message.directory,
    demo: message.demo,
    readOnly: message.readOnly,
    secretStore: storeOf(message.secrets),
  })
  if (message.demo && !opened.hasBook())
    await makeDemoBook(createRouterClient(opened.router, { context: { local: true } }), {
      directory: message.directory,
      nowMs: machineClock().nowMs(),
      onProgress: () => {},
    })
  return opened
}

const end = async (code: number) => {
  await engine?.then((opened) => opened.close()).catch(() => undefined)
  process.exit(code)
}

parent.on('message', ({ data, ports }) => {
  switch (data.type) {
    case 'open':
      engine = open(data)
      engine.catch((error: unknown) => {
        parent.postMessage({ type: 'refused', message: sentenceOf(error) })
        void end(0)
      })
      return
    case 'client': {
      const [port] = ports
      void engine?.then((opened) => {
        if (port === undefined) return
        new RPCHandler(opened.router).upgrade(port as never, { context: { local: false } })
        port.start()
      })
      return
    }
    case 'secret':
      waiting.get(data.request)?.(data.answer)
      waiting.delete(data.request)
      return
    case 'close':
      void end(0)
  }
})
