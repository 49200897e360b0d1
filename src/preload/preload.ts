/** Hands the page a MessagePort to the engine, and nothing else of Electron. */
import { contextBridge, ipcRenderer } from 'electron'

const channel = 'engine-port'
const asked = new Set<string>()

contextBridge.exposeInMainWorld('countinghouseHost', {
  requestPort: (nonce: unknown): void => {
    if (typeof nonce !== 'string') return
    asked.add(nonce)
    ipcRenderer.send(channel, nonce)
  },
})

ipcRenderer.on(channel, (event, nonce: string) => {
  if (asked.delete(nonce)) window.postMessage({ nonce }, window.location.origin, event.ports)
})
