/**
 * Which record is which, where records carry no id: the hash of their content and an ordinal among identical
 * ones of the batch. The first of three identical rows has ordinal 0, the next 1, then 2; when the same file
 * comes again each ordinal is met again, so nothing is added, and a fourth row is found to be new.
 */
import { hash } from 'node:crypto'
import { boundedMap } from './bounded-map.ts'
import { asBuffer } from './canonical-line.ts'

/** Entries of earlier batches that this batch delivered again: one bit per seq. */
export interface Seen {
  has(seq: number): boolean
  add(seq: number): void
}

/** Seqs in one piece of the bits: pieces are made as they are needed, so that a large book costs a small file nothing. */
const PIECE_SEQS = 65_536

export const openSeen = (): Seen => {
  const pieces = new Map<number, Uint8Array>()
  return {
    has: (seq) => {
      const at = seq % PIECE_SEQS
      const bits = pieces.get((seq - at) / PIECE_SEQS)
      return bits !== undefined && ((bits[at >>> 3] as number) & (1 << (at & 7))) !== 0
    },
    add: (seq) => {
      const at = seq % PIECE_SEQS
      const piece = (seq - at) / PIECE_SEQS
      let bits = pieces.get(piece)
      if (bits === undefined) {
        bits = new Uint8Array(PIECE_SEQS / 8)
        pieces.set(piece, bits)
      }
      bits[at >>> 3] = (bits[at >>> 3] as number) | (1 << (at & 7))
    },
  }
}

/** Repeated contents for which the next ordinal is remembered; others are counted from 0 again. */
const HINTS_MAX = 65_536

/** The keys of the ordinals of one content after another. The buffer is used again for the next key. */
export interface OrdinalKeys {
  /** First ordinal worth trying for the content in its scope (a source or a bill). */
  first(scope: number, contentHash: Uint8Array): number
  /** Remembers that ordinals below `next` are taken. */
  remember(scope: number, contentHash: Uint8Array, next: number): void
  /** First 16 bytes of SHA-256 over the content's hash and the ordinal as four big-endian bytes. */
  key(contentHash: Uint8Array, ordinal: number): Buffer
}

export const openOrdinalKeys = (): OrdinalKeys => {
  const hints = boundedMap<string, number>(HINTS_MAX)
  const input = Buffer.alloc(20)
  const output = Buffer.alloc(16)
  const name = (scope: number, contentHash: Uint8Array) =>
    `${scope} ${asBuffer(contentHash).toString('latin1')}`
  return {
    first: (scope, contentHash) => (hints.size === 0 ? 0 : (hints.get(name(scope, contentHash)) ?? 0)),
    remember: (scope, contentHash, next) => hints.set(name(scope, contentHash), next),
    key: (contentHash, ordinal) => {
      if (contentHash.byteLength !== 16) throw new RangeError('a content hash has 16 bytes')
      input.set(contentHash)
      input.writeUInt32BE(ordinal, 16)
      output.write(hash('sha256', input, 'hex'), 'hex')
      return output
    },
  }
}
