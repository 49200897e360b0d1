/**
 * Randomness that is the same on every machine: mulberry32, seeded by FNV-1a of a label. Each part of the
 * company draws from a generator of its own label, so that changing one customer leaves the others as they were.
 */
export interface Random {
  /** A whole number from 0 to below `limit`. */
  readonly below: (limit: number) => number
  /** `value`, give or take up to `permille` thousandths, as a whole number. `value * 2000` must be a safe integer. */
  readonly around: (value: number, permille: number) => number
}

const SEED = 'Countinghouse demo 1'

const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0
  return hash
}

export const randomFor = (label: string): Random => {
  let state = fnv1a(`${SEED}/${label}`)
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (limit: number) => next() % limit
  return {
    below,
    around: (value, permille) => thousandths(value, 1000 - permille + below(2 * permille + 1)),
  }
}

/** So many thousandths of a whole number, cut to a whole number. */
export const thousandths = (value: number, permille: number): number => Math.floor((value * permille) / 1000)
