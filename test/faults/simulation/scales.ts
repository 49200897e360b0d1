/**
 * At how many decimals a quantity is kept, and which are refused (src/main/collect/README.md): the smallest scale the
 * metric has that holds it; scales are only added. A metric nobody defined is defined by the first file that has it.
 */
const PROPOSED_SCALES = [0, 3, 6, 9, 12]
const SCALE_MAX = 12
const QUANTITY_MAX = 2n ** 63n - 1n

export interface Scales {
  readonly define: (metric: string, scale: number) => void
  /** Begins a file: only within it may a metric that it brought be given a finer scale. */
  readonly beginFile: () => void
  /** The reason to reject the quantity, or null and the scale is taken. `unitsOf` gives its units at a scale. */
  readonly refusalOf: (
    metric: string,
    decimals: number,
    unitsOf: (scale: number) => bigint,
  ) => 'too_fine' | 'too_large' | null
  /** The same, and nothing is taken. */
  readonly wouldRefuse: Scales['refusalOf']
}

export const openScales = (): Scales => {
  const defined = new Map<string, number>()
  const kept = new Map<string, Set<number>>()
  /** Scales that a file proposed for metrics it brought; what no quantity was kept at is forgotten with the file. */
  let proposed = new Map<string, Set<number>>()

  const keptOf = (metric: string): Set<number> => {
    const scales = kept.get(metric) ?? new Set<number>()
    kept.set(metric, scales)
    return scales
  }
  const smallestThatHolds = (
    metric: string,
    decimals: number,
    proposal: number | null,
  ): number | undefined => {
    const definition = proposal ?? defined.get(metric)
    return [
      ...keptOf(metric),
      ...(proposed.get(metric) ?? []),
      ...(definition === undefined ? [] : [definition]),
    ]
      .filter((scale) => scale >= decimals)
      .sort((a, b) => a - b)[0]
  }

  /** Nothing is kept by it. */
  const judge = (metric: string, decimals: number, unitsOf: (scale: number) => bigint) => {
    const isFirst = !defined.has(metric)
    let proposal: number | null = null
    if (isFirst || (smallestThatHolds(metric, decimals, null) === undefined && proposed.has(metric))) {
      const finest = Math.max(decimals, ...keptOf(metric), defined.get(metric) ?? 0)
      proposal = PROPOSED_SCALES.find((each) => each >= finest) ?? SCALE_MAX
    }
    const scale = smallestThatHolds(metric, decimals, proposal) ?? null
    const refusal = scale === null ? 'too_fine' : unitsOf(scale) > QUANTITY_MAX ? 'too_large' : null
    return { refusal, scale, proposal } as const
  }

  return {
    define: (metric, scale) => void defined.set(metric, scale),
    beginFile: () => {
      proposed = new Map()
    },
    refusalOf: (metric, decimals, unitsOf) => {
      const { refusal, scale, proposal } = judge(metric, decimals, unitsOf)
      if (proposal !== null) {
        defined.set(metric, proposal)
        proposed.set(metric, new Set(proposed.get(metric)).add(proposal))
      }
      if (refusal === null && scale !== null) keptOf(metric).add(scale)
      return refusal
    },
    wouldRefuse: (metric, decimals, unitsOf) => judge(metric, decimals, unitsOf).refusal,
  }
}
