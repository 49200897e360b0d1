/**
 * A Bloom filter over 32-bit fingerprints: "certainly not there" or "look". Each fingerprint sets one bit in each of
 * the eight words of one block, so that a look-up touches one line of the processor's cache (the split block filter
 * of the Apache Parquet format).
 */
const SALTS = new Int32Array([
  0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31,
])
const WORDS = 8
/** At 12 bits a key about one key in 150 that is not there has to be looked for. */
const BITS_PER_KEY = 12

export interface KeyFilter {
  /** How many keys it was made for; with more, too many have to be looked for. */
  readonly capacity: number
  add(fingerprint: number): void
  mayHave(fingerprint: number): boolean
}

export const keyFilter = (capacity: number): KeyFilter => {
  const blocks = Math.max(1, Math.ceil((capacity * BITS_PER_KEY) / (WORDS * 32)))
  const words = new Int32Array(blocks * WORDS)
  const blockOf = (fingerprint: number) => Math.floor((fingerprint / 4_294_967_296) * blocks) * WORDS
  const mixed = (fingerprint: number) => Math.imul(fingerprint ^ (fingerprint >>> 15), 0x2c1b3c6d)
  return {
    capacity,
    add: (fingerprint) => {
      const block = blockOf(fingerprint)
      const mix = mixed(fingerprint)
      for (let i = 0; i < WORDS; i++)
        words[block + i] = (words[block + i] as number) | (1 << (Math.imul(mix, SALTS[i] as number) >>> 27))
    },
    mayHave: (fingerprint) => {
      const block = blockOf(fingerprint)
      const mix = mixed(fingerprint)
      for (let i = 0; i < WORDS; i++)
        if (((words[block + i] as number) & (1 << (Math.imul(mix, SALTS[i] as number) >>> 27))) === 0)
          return false
      return true
    },
  }
}
