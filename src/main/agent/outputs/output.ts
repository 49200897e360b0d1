/** Where events go: a way to hand on one spooled file, again and again until it is taken. */

export interface SpooledFile {
  /** The same whenever the file is sent: `node-7-1b9d6bcd-000000000012`. */
  readonly name: string
  readonly agent: string
  /** CloudEvents, one a line; at least one. */
  readonly lines: readonly string[]
}

/** What the receiver will never take, and what it said. */
export interface Refused {
  readonly lines: readonly string[]
  readonly answer: string
}

export interface Output {
  /** For people: `http://127.0.0.1:4100/api/ingest`. */
  readonly place: string
  /**
   * Hands the file on and returns what was refused for good. May be called again with a file that was taken whole or in
   * part, because nobody knows that of a cut connection.
   * @throws SourceFailure where it was not taken and shall be sent again; the signal's reason
   */
  readonly send: (file: SpooledFile, signal: AbortSignal) => Promise<readonly Refused[]>
  readonly close: () => void
}
