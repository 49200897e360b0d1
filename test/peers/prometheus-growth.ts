/** What Prometheus itself says that counters grew by: its raw samples, added up without our collector. */
import { type DecimalText, parseDecimal, sumDecimals } from '../../src/domain/decimal.ts'
import type { Period } from '../../src/domain/period.ts'
import { difference } from '../../src/domain/pricing/exact.ts'

interface Answer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>
      readonly values: readonly [number, string][]
    }[]
  }
}

/** By series, from the sample before the period (or zero) to the last one in it. The period is at most a day long. */
export const counterGrowth = async (
  url: string,
  name: string,
  { startMs, endMs }: Period,
): Promise<readonly { readonly labels: Readonly<Record<string, string>>; readonly value: DecimalText }[]> => {
  const query = new URLSearchParams({ query: `${name}[1d]`, time: String(endMs / 1000) })
  const { data } = (await (await fetch(`${url}/api/v1/query?${query}`)).json()) as Answer
  return data.result.map(({ metric, values }) => {
    const grown = values
      .filter(([seconds]) => seconds * 1000 < endMs)
      .flatMap(([seconds, text], index, all): DecimalText[] => {
        if (seconds * 1000 < startMs) return []
        const [now, before] = [parseDecimal(text), parseDecimal(all[index - 1]?.[1] ?? '0')]
        if (now === null || before === null) throw new Error(`${name} has the value ${text}`)
        return [Number(now) >= Number(before) ? difference(now, before) : now]
      })
    return { labels: metric, value: sumDecimals(grown) }
  })
}
