/** How records are known: the first 16 bytes of SHA-256 over their id or content. */
import { hash } from 'node:crypto'

/** Writes the key of a text as the `index`th of `keys`. The same as the ledger's `key16`, without a buffer for each. */
export const writeKey = (keys: Uint8Array, index: number, text: string): void => {
  const digest = hash('sha256', text, 'binary')
  const at = index * 16
  for (let i = 0; i < 16; i++) keys[at + i] = digest.charCodeAt(i)
}
