/**
 * What the desktop and the engine's process say to each other over `process.parentPort`. The calls of the contract
 * do not go this way: each window has a MessagePort of its own, handed over with `client`.
 */

/** Desktop to engine. `open` comes first and once: another book gets another process. */
export type ToEngine =
  | {
      readonly type: 'open'
      /** The book's folder; it may be empty or not exist yet. */
      readonly directory: string
      /** The folder holds the demo book, which the engine makes when it is not there. */
      readonly demo: boolean
      /** Nothing may be written into the folder. */
      readonly readOnly: boolean
      /** Whether the desktop can keep secrets; `reason` is for people and null where it can. */
      readonly secrets: { readonly available: boolean; readonly reason: string | null }
    }
  /** A window asks for the contract; `ports[0]` of this message is its port. */
  | { readonly type: 'client'; readonly nonce: string }
  | { readonly type: 'secret'; readonly request: number; readonly answer: SecretAnswer }
  /** Finish what is being written, close the book and exit with code 0. */
  | { readonly type: 'close' }

/** Engine to desktop. */
export type FromEngine =
  /** The book cannot be opened (locked, damaged, newer); `message` says why and what to do. The engine then exits with 0. */
  | { readonly type: 'refused'; readonly message: string }
  /** Answered by a `secret` with the same `request`. */
  | { readonly type: 'secret'; readonly request: number; readonly ask: SecretAsk }

export type SecretAsk =
  | { readonly action: 'get'; readonly name: string }
  | { readonly action: 'set'; readonly name: string; readonly value: string }
  | { readonly action: 'delete'; readonly name: string }

export type SecretAnswer =
  | { readonly ok: true /** Of a `get`; null where nothing is kept. */; readonly value: string | null }
  | { readonly ok: false; readonly message: string }
