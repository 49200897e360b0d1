/**
 * Levels in words: which were held on which days, and how that makes the quantity that is priced, so that a customer can
 * follow a seat's price or one weighted by time. These steps cost nothing; the price's own come after them.
 */
import { type DecimalText, integerToDecimal, ZERO } from '../decimal.ts'
import type { PriceStep } from '../invoice/invoice.ts'
import { type Clock, localMs } from './clock.ts'
import { quotient } from './exact.ts'
import { countUnits, countWeighted, groupDigits } from './format.ts'
import { highestOfDays, type Levels } from './levels.ts'
import { daysIn, HELD_MS, monthOf } from './portions.ts'
import type { SeatCharge, TimeWeightedCharge } from './ratecard.ts'
import type { RateInput } from './rating.ts'

/** Of more stretches the later ones are summed in one step. */
const STEPS_MAX = 12
const DAY_MS = HELD_MS.day

/** A level that was held, not zero; in local milliseconds, as if they were UTC. */
interface Held {
  readonly fromMs: number
  readonly untilMs: number
  readonly level: bigint
  /** How long, which is not `untilMs − fromMs` where the clocks change. */
  readonly ms: bigint
}

/** What levels are weighted by, and of how long a whole the quantity is the mean (null where it is a sum). */
interface Length {
  readonly noun: 'second' | 'hour' | 'day'
  readonly wholeMs: bigint | null
}

const stretchesHeld = ({ stretches }: Levels, clock: Clock): readonly Held[] =>
  stretches.flatMap(({ startMs, endMs, level }) =>
    level === 0n
      ? []
      : [
          {
            fromMs: localMs(clock, startMs),
            // The end of a day is 24:00, also where the next begins at another offset.
            untilMs: localMs(clock, endMs - 1) + 1,
            level,
            ms: BigInt(endMs - startMs),
          },
        ],
  )

/** Each day counts as one of 24 hours, whatever the clocks did. */
const daysHeld = (levels: Levels, clock: Clock): readonly Held[] => {
  const held: Held[] = []
  for (const [day, level] of [...highestOfDays(levels, clock)].sort(([a], [b]) => a - b)) {
    const last = held.at(-1)
    const goesOn = last?.level === level && last.untilMs === day * DAY_MS
    const fromMs = goesOn ? last.fromMs : day * DAY_MS
    if (goesOn) held.pop()
    held.push({ fromMs, untilMs: (day + 1) * DAY_MS, level, ms: BigInt((day + 1) * DAY_MS - fromMs) })
  }
  return held
}

const dayOfMonth = (ms: number): number => new Date(ms).getUTCDate()

const MONTHS = new Intl.DateTimeFormat('en', { month: 'long', timeZone: 'UTC' })

/** "09:30", with seconds and thousandths where there are any. */
const timeWords = (ms: number): string =>
  new Date(ms)
    .toISOString()
    .slice(11, 23)
    .replace(/\.000$/, '')
    .replace(/:00$/, '')

/** "1–9 October", "5 October 10:00–10:30", "5 October 10:00 to 7 October 24:00". */
const whenWords = (fromMs: number, untilMs: number): string => {
  const [first, last] = [dayOfMonth(fromMs), dayOfMonth(untilMs - 1)]
  const month = MONTHS.format(fromMs)
  const isOfDays = fromMs % DAY_MS === 0 && untilMs % DAY_MS === 0
  if (isOfDays) return `${first === last ? first : `${first}–${last}`} ${month}`
  const start = timeWords(fromMs)
  const end = untilMs % DAY_MS === 0 ? '24:00' : timeWords(untilMs)
  if (first === last) return `${first} ${month} ${start}–${end}`
  return `${first} ${month} ${start} to ${last} ${MONTHS.format(untilMs - 1)} ${end}`
}

/** Null where the highest level counts, however long it was held. */
const lengthOf = (
  charge: SeatCharge | TimeWeightedCharge,
  held: readonly Held[],
  input: RateInput,
): Length | null => {
  if (charge.kind === 'time_weighted' && charge.heldFor !== 'month')
    return { noun: charge.heldFor, wholeMs: null }
  if (charge.kind === 'seat' && charge.proration === 'none') return null
  if (charge.kind === 'seat' && charge.proration === 'day')
    return { noun: 'day', wholeMs: BigInt(daysIn(input.month) * DAY_MS) }
  const wholeMs = BigInt(monthOf(input).ms)
  const isOfDays = [wholeMs, ...held.map(({ ms }) => ms)].every((ms) => ms % BigInt(DAY_MS) === 0n)
  return { noun: isOfDays ? 'day' : 'hour', wholeMs }
}

export interface LevelWords {
  /** Of the rated days, exact: what is priced. */
  readonly quantity: DecimalText
  /** Of the month's days before; null where there were none. */
  readonly before: DecimalText | null
  /** Of the metric. */
  readonly unit: string
}

interface Words {
  readonly unit: string
  readonly scale: number
  readonly length: Length | null
}

const note = (text: string): PriceStep => ({ kind: 'usage', text, amount: ZERO })

const levelIn = (level: bigint, { scale, unit }: Words): string =>
  countUnits(integerToDecimal(level, scale), unit)

const inLengths = (ms: bigint, scale: number, { noun }: Length, unit: string = noun): string =>
  countWeighted(quotient(integerToDecimal(ms, scale), String(HELD_MS[noun]) as DecimalText), unit)

/** "1,150 seat-days". */
const weightIn = (held: readonly Held[], length: Length, { unit, scale }: Words): string =>
  inLengths(
    held.reduce((sum, { level, ms }) => sum + level * ms, 0n),
    scale,
    length,
    `${unit}-${length.noun}`,
  )

const heldStep = ({ fromMs, untilMs, level, ms }: Held, words: Words): PriceStep => {
  const long = words.length === null ? '' : ` (${inLengths(ms, 0, words.length)})`
  return note(`${whenWords(fromMs, untilMs)}: ${levelIn(level, words)}${long}`)
}

/** "12–31 October: 40 more levels, from 3 to 40 seats, 512 seat-days in all". */
const restSteps = (rest: readonly Held[], words: Words): readonly PriceStep[] => {
  const [first, last] = [rest[0], rest.at(-1)]
  if (first === undefined || last === undefined) return []
  let [least, most] = [first.level, first.level]
  for (const { level } of rest) {
    if (level < least) least = level
    if (level > most) most = level
  }
  const from = groupDigits(integerToDecimal(least, words.scale))
  const weight = words.length === null ? '' : `, ${weightIn(rest, words.length, words)} in all`
  const when = whenWords(first.fromMs, last.untilMs)
  return [note(`${when}: ${rest.length} more levels, from ${from} to ${levelIn(most, words)}${weight}`)]
}

/** How the levels make the quantity; nothing where there is but one, and it is the quantity. */
const sumSteps = (held: readonly Held[], given: LevelWords, words: Words): readonly PriceStep[] => {
  const { quantity, before } = given
  const [first] = held
  if (first === undefined) return []
  const sum = (text: string): PriceStep => ({ ...note(text), quantity })
  const { length } = words
  if (length === null) {
    const most = held.reduce((a, b) => (b.level > a.level ? b : a))
    return [
      ...(held.length === 1
        ? []
        : [
            note(`the most at once: ${levelIn(most.level, words)} (${whenWords(most.fromMs, most.untilMs)})`),
          ]),
      ...(before === null || before === ZERO
        ? []
        : [sum(`${countUnits(before, words.unit)} of the days before are billed already`)]),
    ]
  }
  const weight = weightIn(held, length, words)
  if (length.wholeMs === null) return held.length === 1 ? [] : [sum(`${weight} in all`)]
  if (held.length === 1 && quantity === integerToDecimal(first.level, words.scale)) return []
  const whole = inLengths(length.wholeMs, 0, length)
  return [sum(`${weight} of ${whole} = ${countWeighted(quantity, words.unit)}`)]
}

/**
 * "1–9 October: 30 seats (9 days)", "10–31 October: 40 seats (22 days)", "1,150 seat-days of 31 days = 37.0968 seats";
 * none where nothing was held. Words are rounded; the exact quantity is beside the sum.
 * @param levels of the rated days.
 */
export const levelSteps = (levels: Levels, given: LevelWords, input: RateInput): readonly PriceStep[] => {
  const { clock } = monthOf(input)
  const { charge } = input
  if (charge.kind !== 'seat' && charge.kind !== 'time_weighted') return []
  const isByDay = charge.kind === 'seat' && charge.proration === 'day'
  const held = isByDay ? daysHeld(levels, clock) : stretchesHeld(levels, clock)
  const words = { unit: given.unit, scale: levels.scale, length: lengthOf(charge, held, input) }
  const shown = held.length > STEPS_MAX ? held.slice(0, STEPS_MAX - 1) : held
  return [
    ...shown.map((each) => heldStep(each, words)),
    ...restSteps(held.slice(shown.length), words),
    ...sumSteps(held, given, words),
  ]
}
