/**
 * One contract's 24 months rated again, as a screen does on a change of a price: usage is known, nothing is asked. Bundled
 * for the browser, so it imports nothing of Node.
 */
import type { DecimalText } from '../../src/domain/decimal.ts'
import { usageToAskFor } from '../../src/domain/invoice/ask.ts'
import { buildInvoices, rateContract } from '../../src/domain/invoice/build.ts'
import { type Month, monthsBetween } from '../../src/domain/period.ts'
import type { RateCard } from '../../src/domain/pricing/ratecard.ts'
import type { MetricUsage, UsageNeed, UsageRow } from '../../src/domain/pricing/usage.ts'
import { FIRST_MONTH, LAST_MONTH } from './events.ts'
import { CARD, contractOf, PRICED } from './rate-card.ts'

const HOUR_MS = 3_600_000
const REGIONS = ['eu-central-1', 'eu-west-2', 'us-east-1', 'us-west-2', 'ap-south-1']
const VALUES = 400

/** As the large book's largest tenant has it: every hour has usage, every region, every size of an event. */
const rowsOf = ({ startMs, endMs, cut }: UsageNeed): readonly UsageRow[] => {
  const row = (index: number, more: Partial<UsageRow> = {}): UsageRow => ({
    startMs,
    keys: [],
    quantity: `${1_000 + index}.${100 + (index % 800)}` as DecimalText,
    events: 9,
    ...more,
  })
  if (cut.bucketMs !== undefined)
    return Array.from({ length: Math.round((endMs - startMs) / HOUR_MS) }, (_, index) =>
      row(index, { startMs: startMs + index * HOUR_MS }),
    )
  if (cut.dimensions !== undefined)
    return REGIONS.map((region, index) => row(index, { keys: [region, 'enterprise'] }))
  if (cut.byValue === true)
    return Array.from({ length: VALUES }, (_, index) => {
      const value = String(index + 1) as DecimalText
      return row(index, { value, quantity: String((index + 1) * 3) as DecimalText, events: 3 })
    })
  return [row(startMs % 977)]
}

const timeZone = 'UTC'
const contract = contractOf('bench')
const cardOf = (price: string): RateCard => ({
  ...CARD,
  versions: [
    {
      version: 1,
      effectiveFrom: CARD.effectiveFrom,
      charges: CARD.charges.map((charge) =>
        charge.id === 'storage' && charge.kind === 'per_unit'
          ? { ...charge, unitAmount: price as DecimalText }
          : charge,
      ),
    },
  ],
})

const months = monthsBetween(FIRST_MONTH as Month, LAST_MONTH as Month)
const usageOf = new Map<Month, readonly MetricUsage[]>(
  months.map((month) => [
    month,
    usageToAskFor({ card: cardOf('1'), contract, metrics: PRICED, month, timeZone }).map((need) => ({
      ...need,
      rows: rowsOf(need),
    })),
  ]),
)

/** Rates all 24 months at a price; the invoices' totals. */
export const rerate = (price: string): readonly DecimalText[] => {
  const card = cardOf(price)
  return months.flatMap((month) => {
    const input = { card, contract, metrics: PRICED, month, timeZone, currency: 'USD' }
    const rated = rateContract({ ...input, usage: usageOf.get(month) ?? [] })
    return buildInvoices([rated], () => ({
      id: month,
      number: month,
      customer: { id: 'bench', name: 'Benchmark' },
      chainHead: '',
      asOfBatch: 0,
      previousInvoice: null,
    })).map(({ total }) => total)
  })
}

/** The floor: a plain sum of as many numbers as the usage has rows. */
const numbers = [...usageOf.values()].flatMap((list) =>
  list.flatMap(({ rows }) => rows.map(({ quantity }) => Number(quantity))),
)
export const plainSum = (): number => numbers.reduce((sum, each) => sum + each, 0)

/** Times of single calls in milliseconds, each at a price of its own; the first ones warm up and are left out. */
export const timesOfRerates = (calls: number) => {
  const times: number[] = []
  const sums: number[] = []
  for (let call = -5; call < calls; call++) {
    const beganMs = performance.now()
    const totals = rerate(`0.0000${10 + ((call + 5) % 80)}`)
    const ratedMs = performance.now()
    const sum = plainSum()
    const summedMs = performance.now()
    if (totals.length !== months.length || !(sum > 0)) throw new Error('not every month was rated')
    if (call < 0) continue
    times.push(ratedMs - beganMs)
    sums.push(summedMs - ratedMs)
  }
  return { times, sums, rows: numbers.length }
}
