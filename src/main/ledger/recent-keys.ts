/** Keys of the events that a batch has posted last, in memory, until they are written as a sorted run. */
import { KEY_BYTES } from './usage-page.ts'

export interface RecentKeys {
  readonly size: number
  /** Keeps a key under the next ordinal, counted from 0. */
  add(fingerprint: number, sourceNo: number, keys: Uint8Array, index: number): void
  /** The ordinal of the same key of the same source; -1 where there is none. */
  find(fingerprint: number, sourceNo: number, keys: Uint8Array, index: number): number
  fingerprintAt(ordinal: number): number
  clear(): void
}

const SMALLEST = 1024

export const isSameKey = (one: Uint8Array, at: number, other: Uint8Array, otherAt: number): boolean => {
  for (let i = 0; i < KEY_BYTES; i++) if (one[at + i] !== other[otherAt + i]) return false
  return true
}

/** An open-addressing table of ordinals; it doubles as it fills, so that a small batch takes little. */
export const recentKeys = (): RecentKeys => {
  let size = 0
  let kept = new Uint8Array(SMALLEST * KEY_BYTES)
  let fingerprints = new Uint32Array(SMALLEST)
  let sources = new Int32Array(SMALLEST)
  let slots = new Int32Array(SMALLEST * 2).fill(-1)

  const place = (fingerprint: number, ordinal: number) => {
    const mask = slots.length - 1
    let slot = Math.imul(fingerprint, 0x9e3779b1) & mask
    while (slots[slot] !== -1) slot = (slot + 1) & mask
    slots[slot] = ordinal
  }
  const grow = () => {
    const larger = <Values extends Uint8Array | Uint32Array | Int32Array>(values: Values, into: Values) => {
      into.set(values)
      return into
    }
    kept = larger(kept, new Uint8Array(kept.length * 2))
    fingerprints = larger(fingerprints, new Uint32Array(fingerprints.length * 2))
    sources = larger(sources, new Int32Array(sources.length * 2))
    slots = new Int32Array(slots.length * 2).fill(-1)
    for (let ordinal = 0; ordinal < size; ordinal++) place(fingerprints[ordinal] as number, ordinal)
  }

  return {
    get size() {
      return size
    },
    add: (fingerprint, sourceNo, keys, index) => {
      if (size === fingerprints.length) grow()
      const from = index * KEY_BYTES
      const to = size * KEY_BYTES
      for (let i = 0; i < KEY_BYTES; i++) kept[to + i] = keys[from + i] as number
      fingerprints[size] = fingerprint
      sources[size] = sourceNo
      place(fingerprint, size)
      size++
    },
    find: (fingerprint, sourceNo, keys, index) => {
      const mask = slots.length - 1
      for (let slot = Math.imul(fingerprint, 0x9e3779b1) & mask; ; slot = (slot + 1) & mask) {
        const ordinal = slots[slot] as number
        if (ordinal === -1) return -1
        if (
          fingerprints[ordinal] === fingerprint &&
          sources[ordinal] === sourceNo &&
          isSameKey(kept, ordinal * KEY_BYTES, keys, index * KEY_BYTES)
        )
          return ordinal
      }
    },
    fingerprintAt: (ordinal) => fingerprints[ordinal] as number,
    clear: () => {
      if (size === 0) return
      size = 0
      slots.fill(-1)
    },
  }
}
