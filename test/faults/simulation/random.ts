/** Seeded randomness: the same seed gives the same world, step for step. */
export interface Random {
  /** A whole number from 0 to `end` - 1. */
  readonly below: (end: number) => number
  /** A whole number from `first` to `last`, both included. */
  readonly between: (first: number, last: number) => number
  /** Whether something happens that happens `percent` times in a hundred. */
  readonly chance: (percent: number) => boolean
  readonly pick: <T>(values: readonly T[]) => T
  readonly shuffled: <T>(values: readonly T[]) => T[]
  /** A source of its own, so that drawing more here does not change what is drawn elsewhere. */
  readonly fork: (name: string) => Random
}

const hashOf = (text: string, start: number): number => {
  let hash = start >>> 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return hash
}

/** mulberry32 */
export const randomFrom = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
  const below = (end: number): number => {
    if (end <= 0) throw new RangeError(`nothing is below ${end}`)
    return next() % end
  }
  return {
    below,
    between: (first, last) => first + below(last - first + 1),
    chance: (percent) => next() % 10_000 < percent * 100,
    pick: <T>(values: readonly T[]): T => values[below(values.length)] as T,
    shuffled: (values) => {
      const own = [...values]
      for (let i = own.length - 1; i > 0; i--) {
        const other = below(i + 1)
        const kept = own[i] as (typeof own)[number]
        own[i] = own[other] as (typeof own)[number]
        own[other] = kept
      }
      return own
    },
    fork: (name) => randomFrom(hashOf(name, seed ^ 0x811c9dc5)),
  }
}
