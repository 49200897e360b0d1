/** Single events of a file of usage to rate, each read on its own: the faults of one say nothing of the others. */
import { type DecimalText, parseDecimal } from '../../domain/decimal.ts'
import { startOfDay } from '../../domain/period.ts'
import type { UsageEvent } from '../../domain/pricing/usage.ts'
import { nearestName } from './field-names.ts'
import { ExactNumber } from './json-text.ts'

/** An event whose metric may still be the charge's own. */
export interface GivenEvent extends Omit<UsageEvent, 'metric'> {
  readonly metric?: string
  readonly id?: string
}

/** What is wrong with one event: the field, and a sentence about it without the place. */
export interface EventFault {
  readonly field: string
  readonly words: string
}

export type ReadEvent = { readonly event: GivenEvent } | { readonly fault: EventFault }

export const EVENT_FIELDS = ['metric', 'time', 'quantity', 'tenant', 'dimensions', 'id'] as const

const DIGITS_MAX = 60
const NAME_MAX = 200
const TEXT_MAX = 500
const TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,12})?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/

class Wrong extends Error {
  readonly field: string
  constructor(field: string, words: string) {
    super(words)
    this.field = field
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)

const shown = (value: unknown): string =>
  value instanceof ExactNumber ? value.text : JSON.stringify(value ?? null).slice(0, 60)

/** @throws Wrong */
const timeOf = (value: unknown, timeZone: string): number => {
  if (value === undefined || value === '')
    throw new Wrong('time', 'is missing: a time with its zone, like 2026-10-05T12:00:00Z')
  const match = typeof value === 'string' ? TIME.exec(value.trim()) : null
  if (typeof value !== 'string' || match === null)
    throw new Wrong('time', `${shown(value)} is no time, like 2026-10-05T12:00:00Z or the day 2026-10-05`)
  const [text, year, month, day, hour, zone] = match
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  if (Number(year) < 1970 || Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > days)
    throw new Wrong('time', `${text.slice(0, 10)} is no day of the years 1970 to 9999`)
  if (hour === undefined) return startOfDay(text, timeZone)
  if (zone === undefined)
    throw new Wrong(
      'time',
      `${text} says no time zone: write ${text.replace(' ', 'T')}Z, or +02:00 in place of Z`,
    )
  return Date.parse(text.replace(/[t ]/, 'T').replace('z', 'Z'))
}

/** @throws Wrong */
const quantityOf = (value: unknown): DecimalText => {
  if (value === undefined || value === '')
    throw new Wrong('quantity', 'is missing: a decimal number, like 12.5')
  const given = value instanceof ExactNumber ? value.text : value
  const text = typeof given === 'string' || typeof given === 'number' ? String(given).trim() : ''
  // The exponent is looked at first: 1e9999 as digits would fill the memory.
  const exponent = /[eE][+-]?(\d+)$/.exec(text)?.[1] ?? '0'
  const decimal = text.length > 500 || Number(exponent) > 2 * DIGITS_MAX ? null : parseDecimal(text)
  const [whole = '', fraction = ''] = (decimal ?? '').replace('-', '').split('.')
  if (decimal === null && /^[+-]?\d[\d.]*([eE][+-]?\d+)?$/.test(text))
    throw new Wrong('quantity', `${shown(value)} has more than ${DIGITS_MAX} digits`)
  if (decimal === null)
    throw new Wrong(
      'quantity',
      `${shown(value)} is no decimal number, like 1200 or 12.5 (without separators and units)`,
    )
  if (whole.length > DIGITS_MAX || fraction.length > DIGITS_MAX)
    throw new Wrong(
      'quantity',
      `${shown(value)} has more than ${DIGITS_MAX} digits before or after the point`,
    )
  return decimal
}

/** @throws Wrong */
const textOf = (field: string, value: unknown, max: number): string | undefined => {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value === '' || value.length > max)
    throw new Wrong(field, `${shown(value)} is no text of 1 to ${max} characters`)
  return value
}

/** Numbers and booleans are texts; null is left out. @throws Wrong */
const dimensionsOf = (given: unknown, field = 'dimensions'): Record<string, string> | undefined => {
  if (given === undefined || given === null) return undefined
  if (!isObject(given)) throw new Wrong(field, `${shown(given)} is no object, like {"region": "eu"}`)
  const entries: [string, string][] = []
  for (const [key, value] of Object.entries(given)) {
    if (value === null) continue
    const text = value instanceof ExactNumber ? value.text : typeof value === 'object' ? null : String(value)
    if (text === null || text.length > TEXT_MAX)
      throw new Wrong(`${field}.${key}`, `${shown(value)} is no text of at most ${TEXT_MAX} characters`)
    entries.push([key, text])
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

interface Parts {
  readonly metric: unknown
  readonly time: unknown
  readonly quantity: unknown
  readonly tenant: unknown
  readonly id: unknown
  readonly dimensions: Record<string, string> | undefined
}

/** @throws Wrong */
const eventOf = (parts: Parts, timeZone: string): GivenEvent => {
  const metric = textOf('metric', parts.metric, NAME_MAX)
  const tenant = textOf('tenant', parts.tenant, TEXT_MAX)
  const id = textOf('id', parts.id, TEXT_MAX)
  const { dimensions } = parts
  return {
    timeMs: timeOf(parts.time, timeZone),
    quantity: quantityOf(parts.quantity),
    ...(metric === undefined ? {} : { metric }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(id === undefined ? {} : { id }),
    ...(dimensions === undefined ? {} : { dimensions }),
  }
}

/** CloudEvents 1.0 as docs/formats/usage.md has it. */
const cloudEvent = (given: Record<string, unknown>): Parts => {
  const data = isObject(given.data) ? given.data : {}
  const { value, from: _from, to: _to, dimensions, ...others } = data
  const scalars = Object.fromEntries(
    Object.entries(others).filter(([, each]) => typeof each !== 'object' || each instanceof ExactNumber),
  )
  return {
    metric: given.type,
    time: given.time,
    quantity: value ?? 1,
    tenant: given.subject,
    // Two texts as one: a source may hold any character that could stand between them.
    id: given.id === undefined ? undefined : JSON.stringify([given.source, given.id]),
    dimensions: dimensionsOf(dimensions ?? scalars, 'data'),
  }
}

const paigoRecord = (given: Record<string, unknown>): Parts => ({
  metric: given.dimensionId,
  time: given.timestamp,
  quantity: given.recordValue,
  tenant: given.customerId,
  id: given.id,
  dimensions: dimensionsOf(given.metadata, 'metadata'),
})

const ownEvent = (given: Record<string, unknown>): Parts => {
  for (const key of Object.keys(given))
    if (!(EVENT_FIELDS as readonly string[]).includes(key)) {
      const near = nearestName(key, EVENT_FIELDS)
      const remedy = near === null ? 'What usage is cut by goes into dimensions' : `Did you mean ${near}?`
      throw new Wrong(key, `there is no such field of an event. ${remedy}`)
    }
  return { ...(given as unknown as Parts), dimensions: dimensionsOf(given.dimensions) }
}

const caught = (read: () => GivenEvent): ReadEvent => {
  try {
    return { event: read() }
  } catch (error) {
    if (error instanceof Wrong) return { fault: { field: error.field, words: error.message } }
    throw error
  }
}

/**
 * An event as our own, as a CloudEvent or as a record of Paigo's.
 * @param timeZone in which a day alone begins
 */
export const readEvent = (given: unknown, timeZone: string): ReadEvent =>
  caught(() => {
    if (!isObject(given)) throw new Wrong('', `${shown(given)} is no object`)
    if (given.specversion !== undefined) return eventOf(cloudEvent(given), timeZone)
    if (given.recordValue !== undefined || given.dimensionId !== undefined)
      return eventOf(paigoRecord(given), timeZone)
    return eventOf(ownEvent(given), timeZone)
  })

/** A row of a CSV: what is no field of an event is a dimension; an empty cell is none. */
export const readRow = (titles: readonly string[], cells: readonly string[], timeZone: string): ReadEvent =>
  caught(() => {
    const parts: Record<string, unknown> = {}
    const dimensions: [string, string][] = []
    for (const [at, title] of titles.entries()) {
      const cell = cells[at] ?? ''
      if (cell === '') continue
      if (title !== 'dimensions' && (EVENT_FIELDS as readonly string[]).includes(title)) parts[title] = cell
      else dimensions.push([title, cell])
    }
    return eventOf(
      {
        ...(parts as unknown as Parts),
        dimensions: dimensions.length === 0 ? undefined : Object.fromEntries(dimensions),
      },
      timeZone,
    )
  })

const contentOf = ({ metric, timeMs, quantity, tenant, dimensions }: GivenEvent): string =>
  JSON.stringify([metric, timeMs, quantity, tenant, Object.entries(dimensions ?? {}).sort()])

export const isSameEvent = (a: GivenEvent, b: GivenEvent): boolean => contentOf(a) === contentOf(b)
