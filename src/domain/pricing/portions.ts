/**
 * Usage cut into what is priced on its own: the whole, each window, each cell, each band. A portion goes through
 * conversion, increment and included units before its price is asked.
 */
import { type DecimalText, sumDecimals, ZERO } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import { monthPeriod } from '../period.ts'
import { type Clock, clockOf, dayNumber, hourOfDay, weekdayOf, windowOf } from './clock.ts'
import { compareDecimals, difference, isNegative, magnitudeOf, product, quotient } from './exact.ts'
import { countUnits } from './format.ts'
import { evaluateFormula, parseFormula } from './formula.ts'
import { heldFor, highestByDay, highestLevel, type Levels, levelsOf } from './levels.ts'
import type {
  Band,
  Charge,
  Conversion,
  CostPlusCharge,
  DynamicCharge,
  FlatFeeCharge,
  FormulaCharge,
  Increment,
  MatrixCharge,
  PercentageCharge,
  QuantityPrice,
  SeatCharge,
  TimeOfDayCharge,
  TimeWeightedCharge,
} from './ratecard.ts'
import type { RateInput } from './rating.ts'
import type { MetricUsage, UsageRow } from './usage.ts'
import { cutWindowOf } from './window.ts'

/** Charges whose price is one of quantities; the others are priced event by event, or not by usage. */
export type PortionedCharge = Exclude<
  Charge,
  FlatFeeCharge | CostPlusCharge | PercentageCharge | DynamicCharge
>

export interface Portion {
  /** The same for the same portion of other days. */
  readonly key: string
  /** Goes before every step: "region eu: "; empty for the whole. */
  readonly label: string
  readonly price: QuantityPrice
  readonly measured: DecimalText
  readonly converted: DecimalText
  /** Converted and rounded up, before included units. */
  readonly units: DecimalText
  readonly billed: DecimalText
  /** Included units taken; negative where a reversal gives them back. */
  readonly used: DecimalText
}

export interface Portions {
  readonly list: readonly Portion[]
  readonly issues: readonly Issue[]
  /** Of seats and of what is weighted by time: the levels that the quantity was made of. */
  readonly levels: Levels | null
}

const HUNDRED = '100' as DecimalText
const ONE = '1' as DecimalText

const perHundred = (percent: DecimalText): QuantityPrice => ({
  kind: 'per_unit',
  unitAmount: percent,
  per: HUNDRED,
})

/** Away from zero: at least the minimum, then a multiple of the size. */
const incremented = (quantity: DecimalText, increment: Increment): DecimalText => {
  if (quantity === ZERO) return ZERO
  const size = magnitudeOf(quantity)
  const least = increment.minimum ?? ZERO
  const raised = compareDecimals(size, least) < 0 ? least : size
  const [scaled, step] = sameScale(raised, increment.size)
  const multiple = product(String((scaled + step - 1n) / step) as DecimalText, increment.size)
  return isNegative(quantity) ? difference(ZERO, multiple) : multiple
}

const sameScale = (a: DecimalText, b: DecimalText): readonly [bigint, bigint] => {
  const decimals = (text: DecimalText) => text.split('.')[1] ?? ''
  const scale = Math.max(decimals(a).length, decimals(b).length)
  const read = (text: DecimalText) =>
    BigInt(text.replace('.', '') + '0'.repeat(scale - decimals(text).length))
  return [read(a), read(b)]
}

const converted = (quantity: DecimalText, convert: Conversion | undefined): DecimalText =>
  convert === undefined ? quantity : quotient(quantity, convert.size)

type Measure = Pick<Portion, 'measured' | 'converted' | 'units'>

const measureRows = (
  rows: readonly UsageRow[],
  convert: Conversion | undefined,
  increment: Increment | undefined,
): Measure => {
  const measured = sumDecimals(rows.map((row) => row.quantity))
  if (increment?.of !== 'event') return measureWhole(measured, convert, increment)
  const each = rows.map((row) => ({
    events: String(row.events) as DecimalText,
    value: converted(row.value ?? row.quantity, convert),
  }))
  return {
    measured,
    converted: sumDecimals(each.map(({ events, value }) => product(events, value))),
    units: sumDecimals(each.map(({ events, value }) => product(events, incremented(value, increment)))),
  }
}

const measureWhole = (
  measured: DecimalText,
  convert: Conversion | undefined,
  increment: Increment | undefined,
): Measure => {
  const whole = converted(measured, convert)
  return {
    measured,
    converted: whole,
    units: increment === undefined ? whole : incremented(whole, increment),
  }
}

interface Unbilled extends Measure {
  readonly key: string
  readonly label: string
  readonly price: QuantityPrice
}

const groupRows = <Key>(
  rows: readonly UsageRow[],
  keyOf: (row: UsageRow) => Key,
): ReadonlyMap<Key, readonly UsageRow[]> => {
  const groups = new Map<Key, UsageRow[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return groups
}

const cellLabel = (charge: MatrixCharge, index: number): string =>
  charge.dimensions
    .map((dimension, at) => `${dimension} ${charge.cells[index]?.values[at] ?? 'any'}`)
    .join(', ')

const matrixParts = (
  charge: MatrixCharge,
  rows: readonly UsageRow[],
): { readonly parts: readonly Unbilled[]; readonly lost: readonly UsageRow[] } => {
  const cells = charge.cells
  const cellOf = (row: UsageRow) =>
    cells.findIndex((cell) => cell.values.every((value, at) => value === null || value === row.keys[at]))
  const groups = groupRows(rows, cellOf)
  const parts = cells.flatMap((cell, index): Unbilled[] => {
    const own = groups.get(index)
    if (own === undefined) return []
    const measure = measureRows(own, charge.convert, charge.increment)
    return [{ key: `cell ${index}`, label: `${cellLabel(charge, index)}: `, price: cell.price, ...measure }]
  })
  return { parts, lost: groups.get(-1) ?? [] }
}

/** Whether the band takes usage that starts at the instant. */
export const holdsAt = (band: Band, clock: Clock, ms: number): boolean => {
  const hour = hourOfDay(clock, ms)
  const day = dayNumber(clock, ms)
  const isOver = band.from >= band.to
  const isAfterMidnight = isOver && hour < band.to
  if (!(isOver ? hour >= band.from || isAfterMidnight : hour >= band.from && hour < band.to)) return false
  return band.weekdays?.includes(weekdayOf(isAfterMidnight ? day - 1 : day)) ?? true
}

const bandParts = (charge: TimeOfDayCharge, rows: readonly UsageRow[], clock: Clock): readonly Unbilled[] => {
  const { bands } = charge
  const groups = groupRows(rows, (row) => bands.findIndex((band) => holdsAt(band, clock, row.startMs)))
  const part = (index: number, name: string, price: QuantityPrice): Unbilled[] => {
    const own = groups.get(index)
    if (own === undefined) return []
    const measure = measureRows(own, charge.convert, charge.increment)
    return [{ key: `band ${index}`, label: `${name}: `, price, ...measure }]
  }
  return [
    ...bands.flatMap((band, index) => part(index, band.name, band.price)),
    ...part(-1, 'otherwise', charge.otherwise),
  ]
}

/** Lengths for which a level is held; a month's is its own. */
export const HELD_MS = { second: 1000, hour: 3_600_000, day: 86_400_000 } as const

export const monthOf = (input: Pick<RateInput, 'month' | 'timeZone'>) => {
  const period = monthPeriod(input.month, input.timeZone)
  return { period, ms: period.endMs - period.startMs, clock: clockOf(period, input.timeZone) }
}

export const daysIn = (month: string): number =>
  new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate()

const weighted = (charge: SeatCharge | TimeWeightedCharge, levels: Levels, input: RateInput): DecimalText => {
  if (charge.kind === 'time_weighted')
    return heldFor(levels, charge.heldFor === 'month' ? monthOf(input).ms : HELD_MS[charge.heldFor])
  if (charge.proration === 'none') return highestLevel(levels)
  const { ms, clock } = monthOf(input)
  return charge.proration === 'second'
    ? heldFor(levels, ms)
    : highestByDay(levels, clock, daysIn(input.month))
}

const formulaPart = (
  charge: FormulaCharge,
  usage: readonly MetricUsage[],
): { readonly parts: readonly Unbilled[]; readonly problem: string | null } => {
  const formula = parseFormula(charge.formula)
  if ('problem' in formula) return { parts: [], problem: formula.problem }
  const quantities = new Map(
    formula.metrics.map((metric) => [
      metric,
      sumDecimals(
        usage
          .filter((each) => each.metric === metric)
          .flatMap((each) => each.rows.map((row) => row.quantity)),
      ),
    ]),
  )
  const value = evaluateFormula(formula, quantities)
  if (value === null) return { parts: [], problem: 'It divides by zero this month.' }
  const measure = { measured: value, converted: value, units: value }
  return { parts: [{ key: '', label: '', price: charge.price, ...measure }], problem: null }
}

/** Takes included units of each portion in order, by its size: a reversal gives back what as many units would take. */
const withIncluded = (parts: readonly Unbilled[], included: DecimalText): readonly Portion[] => {
  let left = included
  return parts.map((part): Portion => {
    const size = magnitudeOf(part.units)
    const taken = compareDecimals(size, left) < 0 ? size : left
    left = difference(left, taken)
    const billed = difference(size, taken)
    const mirrored = (amount: DecimalText) => (isNegative(part.units) ? difference(ZERO, amount) : amount)
    return { ...part, billed: mirrored(billed), used: mirrored(taken) }
  })
}

const issueOf = (code: string, message: string): Issue => ({ severity: 'error', code, message })

const partsOf = (
  charge: PortionedCharge,
  usage: readonly MetricUsage[],
  input: RateInput,
): { readonly parts: readonly Unbilled[]; readonly issues: readonly Issue[]; readonly levels?: Levels } => {
  if (charge.kind === 'formula') {
    const { parts, problem } = formulaPart(charge, usage)
    const message = `${charge.name}: the formula "${charge.formula}" has no value, so nothing is charged. ${problem} Correct the formula.`
    return { parts, issues: problem === null ? [] : [issueOf('formula_has_no_value', message)] }
  }
  const whole = (price: QuantityPrice, measure: Measure) => ({
    parts: [{ key: '', label: '', price, ...measure }],
    issues: [],
  })
  if (charge.kind === 'seat' || charge.kind === 'time_weighted') {
    const price: QuantityPrice =
      charge.kind === 'seat' ? { kind: 'per_unit', unitAmount: charge.unitAmount, per: ONE } : charge.price
    const levels = levelsOf(usage, charge.values)
    const quantity = weighted(charge, levels, input)
    return { ...whole(price, measureWhole(quantity, charge.convert, charge.increment)), levels }
  }
  const rows = usage.flatMap((each) => each.rows)
  if (charge.kind === 'matrix') {
    const { parts, lost } = matrixParts(charge, rows)
    const quantity = sumDecimals(lost.map((row) => row.quantity))
    const unit = input.metrics.find(({ metric }) => metric === charge.metric)?.unit ?? 'unit'
    const values = [...new Set(lost.map((row) => row.keys.map((key) => key ?? 'none').join(', ')))]
    const message =
      `${charge.name}: ${countUnits(quantity, unit)} are in no cell of the matrix and not billed ` +
      `(${charge.dimensions.join(', ')}: ${values.slice(0, 5).join('; ')}${values.length > 5 ? ' and others' : ''}). Add a cell for them, or one for any value.`
    return { parts, issues: lost.length === 0 ? [] : [issueOf('usage_without_cell', message)] }
  }
  if (charge.kind === 'time_of_day')
    return { parts: bandParts(charge, rows, monthOf(input).clock), issues: [] }
  const measure = (own: readonly UsageRow[]) => measureRows(own, charge.convert, charge.increment)
  if (charge.kind === 'revenue_share') return whole(perHundred(charge.percent), measure(rows))
  if (charge.kind === 'graduated_percentage') {
    const tiers = charge.tiers.map(({ percent, ...tier }) => ({ ...tier, unitAmount: percent }))
    return whole({ kind: 'graduated', per: HUNDRED, tiers }, measure(rows))
  }
  const window = cutWindowOf(charge)
  if (window === undefined) return whole(charge, measure(rows))
  const { clock } = monthOf(input)
  const groups = groupRows(rows, (row) => windowOf(clock, window, row.startMs))
  const windows = [...groups].sort(([a], [b]) => a - b)
  return {
    parts: windows.map(([key, own]) => ({ key: String(key), label: '', price: charge, ...measure(own) })),
    issues: [],
  }
}

/**
 * What is priced of some usage of the month, with the included units taken off.
 * @param usage all of the charge's metrics; for a month that is cut, all of its days so far.
 */
export const portionsOf = (
  charge: PortionedCharge,
  usage: readonly MetricUsage[],
  input: RateInput,
): Portions => {
  const { parts, issues, levels = null } = partsOf(charge, usage, input)
  const included = input.includedLeft ?? charge.included?.quantity ?? ZERO
  return { list: withIncluded(parts, included), issues, levels }
}
