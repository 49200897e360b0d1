/** Reads the worked examples of docs/pricing: a price as JSON, and a table of usage and what it comes to. */
import { z } from 'zod'
import { contract } from '../../../src/contract/agreements.ts'
import { currency, day, decimal, month } from '../../../src/contract/common.ts'
import { charge, settings } from '../../../src/contract/rate-cards.ts'
import { AGGREGATIONS, type Metric } from '../../../src/domain/metric.ts'
import { type Month, toMonth } from '../../../src/domain/period.ts'
import type { Contract } from '../../../src/domain/pricing/contract.ts'
import { metricsOfFormula } from '../../../src/domain/pricing/formula.ts'
import type { Charge, RatingSettings } from '../../../src/domain/pricing/ratecard.ts'
import { settingsOfVersion } from '../../../src/domain/pricing/settings.ts'

/** What a block leaves out. docs/pricing/examples/README.md says the same to its readers. */
const DEFAULT_MONTH = toMonth('2026-10')
const DEFAULT_CARD_DAY = '2000-01-01'
const DEFAULT_CHARGE = 'charge'
const DEFAULT_METRIC = 'units'
const DEFAULT_CONTRACT = {
  id: 'contract',
  customerId: 'customer',
  rateCardId: 'card',
  startDay: '2026-01-01',
  endDay: null,
  discountPercent: '0',
  chargeDiscounts: {},
  monthlyCommitment: null,
}
const WITHOUT_METRIC = ['flat_fee', 'formula', 'cost_plus']

const record = z.record(z.string(), z.unknown())
const withDefaults = record.transform((given): unknown => ({
  id: DEFAULT_CHARGE,
  name: given.id ?? DEFAULT_CHARGE,
  ...(WITHOUT_METRIC.includes(String(given.kind)) ? {} : { metric: DEFAULT_METRIC }),
  ...given,
}))
const exampleCharge = withDefaults.pipe(charge)

const exampleContract = record
  .transform((given): unknown => ({
    ...DEFAULT_CONTRACT,
    ...given,
    ...(given.charges === undefined ? {} : { charges: z.array(withDefaults).parse(given.charges) }),
  }))
  .pipe(contract)

const block = z.strictObject({
  /** One charge on its own: amounts are exact. Else an invoice. */
  charge: exampleCharge.optional(),
  charges: z.array(exampleCharge).optional(),
  versions: z.array(z.strictObject({ from: day, charges: z.array(exampleCharge) })).optional(),
  contract: exampleContract.optional(),
  /** Versions of the contract before it, oldest first. */
  earlier: z.array(exampleContract).optional(),
  settings: settings.optional(),
  month: month.optional(),
  timeZone: z.string().optional(),
  currency: currency.optional(),
  cost: decimal.optional(),
  metrics: z
    .record(
      z.string(),
      z.strictObject({
        unit: z.string().optional(),
        aggregation: z.enum(AGGREGATIONS).optional(),
        uniqueBy: z.string().optional(),
      }),
    )
    .optional(),
})

export interface Version {
  readonly from: string
  readonly charges: readonly Charge[]
}

/** The price of an example, with all that its block left out. */
export interface Terms {
  readonly charge: Charge | null
  readonly versions: readonly Version[]
  readonly contract: Contract | null
  readonly earlier: readonly Contract[]
  readonly settings: RatingSettings
  readonly month: Month
  readonly timeZone: string
  readonly currency: string
  readonly cost: z.infer<typeof decimal> | null
  readonly metrics: readonly Metric[]
}

export interface Row {
  readonly line: number
  /** By the column's heading. */
  readonly cells: ReadonlyMap<string, string>
}

/** A block with the tables and the explanations that follow it. */
export interface Example {
  readonly line: number
  readonly terms: Terms
  readonly tables: readonly (readonly Row[])[]
  /** What the customer reads, and the usage for which. */
  readonly explained: readonly { readonly line: number; readonly usage: string; readonly text: string }[]
}

const metricsOf = (each: Charge): readonly string[] => {
  if (each.kind === 'formula') return metricsOfFormula(each.formula)
  return 'metric' in each ? [each.metric] : []
}

const termsOf = (json: string): Terms => {
  const given = block.parse(JSON.parse(json))
  const versions =
    given.versions ??
    (given.charge === undefined ? [{ from: DEFAULT_CARD_DAY, charges: given.charges ?? [] }] : [])
  const charges = [
    ...(given.charge === undefined ? [] : [given.charge]),
    ...versions.flatMap((version) => version.charges),
    ...(given.contract?.charges ?? []),
  ]
  const names = new Set([...charges.flatMap(metricsOf), ...Object.keys(given.metrics ?? {})])
  return {
    charge: given.charge ?? null,
    versions,
    contract: given.contract ?? null,
    earlier: given.earlier ?? [],
    settings: settingsOfVersion(given.settings, null),
    month: given.month ?? DEFAULT_MONTH,
    timeZone: given.timeZone ?? 'UTC',
    currency: given.currency ?? 'USD',
    cost: given.cost ?? null,
    metrics: [...names].map((metric) => {
      const { unit = 'unit', aggregation = 'sum', uniqueBy } = given.metrics?.[metric] ?? {}
      return {
        metric,
        name: metric,
        unit,
        aggregation,
        scale: 9,
        ...(uniqueBy === undefined ? {} : { uniqueBy }),
      }
    }),
  }
}

const cellsOf = (line: string): readonly string[] =>
  line
    .slice(1, line.lastIndexOf('|'))
    .split('|')
    .map((cell) => cell.trim())

/** @throws where a block is no price, or a table follows none. */
export const readExamples = (markdown: string): readonly Example[] => {
  const lines = markdown.split('\n')
  const examples: {
    line: number
    terms: Terms
    tables: Row[][]
    explained: Example['explained'][number][]
  }[] = []
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const fence = /^```(\w+) ?(.*)$/.exec(line)
    const last = examples.at(-1)
    if (fence !== null) {
      const end = lines.indexOf('```', index)
      const text = lines.slice(index + 1, end).join('\n')
      const [, language, usage = ''] = fence
      if (language === 'json')
        examples.push({ line: index + 1, terms: termsOf(text), tables: [], explained: [] })
      if (language === 'explain') last?.explained.push({ line: index + 1, usage, text })
      index = end
    } else if (line.startsWith('|') && last !== undefined) {
      const headings = cellsOf(line)
      const end = lines.findIndex((each, at) => at > index && !each.startsWith('|'))
      const rows = lines.slice(index + 2, end < 0 ? undefined : end)
      last.tables.push(
        rows.map((row, at) => ({
          line: index + 3 + at,
          cells: new Map(cellsOf(row).map((cell, column) => [headings[column] ?? '', cell])),
        })),
      )
      index += rows.length + 1
    }
  }
  return examples
}
