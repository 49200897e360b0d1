/** A fault of a book: what does not fit, and where. */

export interface Fault {
  /** Null where the fault lies outside of any batch. */
  readonly batchId: number | null
  readonly seq: number | null
  readonly table: string | null
  /** What does not fit, for a person. */
  readonly sentence: string
}

export const WHAT_NEXT = 'Keep a copy of the book as it is and restore the latest backup that verifies.'

/** Thrown by a check that met a fault. */
export class Found extends Error {
  readonly fault: Fault
  readonly isOfKeys: boolean
  constructor(fault: Fault, isOfKeys = false) {
    super(fault.sentence)
    this.fault = fault
    this.isOfKeys = isOfKeys
  }
}

/** @throws Found, with what to do next. */
export const fail = (
  batchId: number | null,
  seq: number | null,
  table: string | null,
  sentence: string,
): never => {
  throw new Found({ batchId, seq, table, sentence: `${sentence} ${WHAT_NEXT}` })
}
