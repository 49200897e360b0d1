/**
 * Numbers for names that stand in a longer text, looked up without cutting them out: the characters are compared
 * where they are.
 */
export interface NumberedRanges {
  /**
   * The number of the name made of `count` ranges of a text, given by its UTF-16 codes: `places` holds their
   * beginnings and ends from `first` on, `hashes` a hash of each at half of its place. Several ranges are one name,
   * parted by NULs.
   */
  numberOf(codes: Uint16Array, places: Int32Array, hashes: Int32Array, first: number, count: number): number
  forget(): void
}

const SLOTS = 16_384
/** Above half of the slots, looking up would take long; what comes then is numbered without being remembered. */
const KEPT_MAX = SLOTS / 2
/** Longer names are not remembered either, so that what is kept stays small. */
const NAME_MAX = 1024

/** A name may be as long as a line, which is more than a function takes as arguments. */
const textOf = (name: Uint16Array): string =>
  Buffer.from(name.buffer, name.byteOffset, name.byteLength).toString('utf16le')

export const numberedRanges = (number: (name: string) => number): NumberedRanges => {
  const known = new Int32Array(SLOTS)
  const numbers = new Int32Array(SLOTS)
  /** The codes of each name, ranges parted by NULs. */
  const names: Uint16Array[] = new Array(SLOTS).fill(new Uint16Array(0))
  const used = new Uint8Array(SLOTS)
  let kept = 0

  const hashOf = (hashes: Int32Array, first: number, count: number): number => {
    let hash = 0
    for (let range = first / 2; range < first / 2 + count; range++)
      hash = Math.imul(hash ^ (hashes[range] as number), 0x01000193)
    return hash ^ (hash >>> 15)
  }
  const isSame = (
    name: Uint16Array,
    codes: Uint16Array,
    places: Int32Array,
    first: number,
    count: number,
  ): boolean => {
    let i = 0
    for (let range = first; range < first + count * 2; range += 2) {
      if (range > first && name[i++] !== 0) return false
      const end = places[range + 1] as number
      for (let at = places[range] as number; at < end; at++) if (name[i++] !== codes[at]) return false
    }
    return i === name.length
  }
  const nameOf = (codes: Uint16Array, places: Int32Array, first: number, count: number): Uint16Array => {
    let length = Math.max(0, count - 1)
    for (let range = first; range < first + count * 2; range += 2)
      length += (places[range + 1] as number) - (places[range] as number)
    // Filled with the NULs that part the ranges.
    const name = new Uint16Array(length)
    let at = 0
    for (let range = first; range < first + count * 2; range += 2) {
      const codesOfRange = codes.subarray(places[range], places[range + 1])
      name.set(codesOfRange, at)
      at += codesOfRange.length + 1
    }
    return name
  }

  return {
    numberOf: (codes, places, hashes, first, count) => {
      const hash = hashOf(hashes, first, count)
      let slot = hash & (SLOTS - 1)
      while (used[slot] === 1) {
        if (known[slot] === hash && isSame(names[slot] as Uint16Array, codes, places, first, count))
          return numbers[slot] as number
        slot = (slot + 1) & (SLOTS - 1)
      }
      const name = nameOf(codes, places, first, count)
      const found = number(textOf(name))
      if (kept < KEPT_MAX && name.length <= NAME_MAX) {
        kept++
        used[slot] = 1
        known[slot] = hash
        numbers[slot] = found
        names[slot] = name
      }
      return found
    },
    forget: () => {
      if (kept === 0) return
      kept = 0
      used.fill(0)
    },
  }
}
