/** Hands a window its port to the engine, when its preload asks for one. */
import { ipcMain, type MessagePortMain } from 'electron'
import { isOurPage } from './navigation.ts'

/** The one channel between preload and main, both ways; the preload knows it by the same name. */
const channel = 'engine-port'

/** `connect` makes the port, or gives null while no engine runs. Only the main frame of our own page is answered. */
export function handOverPorts(home: string, connect: (nonce: string) => MessagePortMain | null): void {
  ipcMain.on(channel, (event, nonce: unknown) => {
    const frame = event.senderFrame
    if (frame === null || frame.parent !== null || !isOurPage(frame.url, home)) return
    if (typeof nonce !== 'string' || !/^[\w-]{16,64}$/.test(nonce)) return
    const port = connect(nonce)
    if (port !== null) event.sender.postMessage(channel, nonce, [port])
  })
}
