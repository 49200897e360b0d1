/** The one seam between browser and desktop: what a screen may ask of the place it runs in. */
import type { ClientContext, ClientLink } from '@orpc/client'
import { browserHost } from './browser.ts'
import { desktopHost } from './desktop.ts'

export interface Host {
  readonly kind: 'browser' | 'desktop'
  /** Where the calls of the contract go. */
  readonly link: ClientLink<ClientContext>
  /** Offers `bytes` to the user to keep as a file of this name. */
  saveFile(name: string, bytes: Blob): void
}

/** Chosen once at the start, by what the preload left in the window. */
export async function createHost(): Promise<Host> {
  const bridge = window.countinghouseHost
  return bridge === undefined ? (browserHost() satisfies Host) : ((await desktopHost(bridge)) satisfies Host)
}
