/** The host of the desktop window: calls go over a MessagePort straight to the engine. */
import { RPCLink } from '@orpc/client/message-port'
import { saveFile } from './save-file.ts'

/** What the preload puts into the window. */
export interface HostBridge {
  /** Asks for a port to the engine. It arrives as a window message `{ nonce }` that carries the port. */
  requestPort(nonce: string): void
}

declare global {
  interface Window {
    readonly countinghouseHost?: HostBridge
  }
}

export async function desktopHost(bridge: HostBridge) {
  const link = new RPCLink({ port: await enginePort(bridge) })
  return { kind: 'desktop', link, saveFile } as const
}

/** The nonce ties the port to this question, so that no other message to the window is taken for the answer. */
function enginePort(bridge: HostBridge): Promise<MessagePort> {
  const nonce = crypto.randomUUID()
  return new Promise((resolve) => {
    const onMessage = (event: MessageEvent<unknown>) => {
      const port = event.ports[0]
      const isAnswer = typeof event.data === 'object' && event.data !== null && 'nonce' in event.data
      if (event.source !== window || port === undefined || !isAnswer || event.data.nonce !== nonce) return
      window.removeEventListener('message', onMessage)
      port.start()
      resolve(port)
    }
    window.addEventListener('message', onMessage)
    bridge.requestPort(nonce)
  })
}
