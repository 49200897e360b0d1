/**
 * Records that are valid, however strangely they are written, with what they say: reckoned here with BigInt and plain
 * calendar arithmetic, none of it the readers' own.
 */
import fc from 'fast-check'

export interface ValidRecord {
  /** The record as a line of its file. */
  readonly line: string
  readonly tenant: string
  readonly metric: string
  /** Canonical decimal text. */
  readonly quantity: string
  readonly startMs: number
  readonly endMs: number | null
  readonly dimensions: Readonly<Record<string, string>>
}

export interface ValidCost {
  readonly line: string
  readonly startMs: number
  readonly billed: string
}

/** `coefficient · 10^exponent` as text: no exponent, no zeros that say nothing. */
export const plainText = (coefficient: bigint, exponent: number): string => {
  if (coefficient === 0n) return '0'
  const sign = coefficient < 0n ? '-' : ''
  let digits = (coefficient < 0n ? -coefficient : coefficient).toString()
  if (exponent >= 0) return `${sign}${digits}${'0'.repeat(exponent)}`
  digits = digits.padStart(1 - exponent, '0')
  const fraction = digits.slice(exponent).replace(/0+$/, '')
  return `${sign}${digits.slice(0, exponent)}${fraction === '' ? '' : `.${fraction}`}`
}

interface Written {
  /** As in JSON. */
  readonly text: string
  readonly value: string
}

/** A number in one of the ways it can be written; with `decimalsMost` decimals at most and `digitsMost` before the point. */
const writtenNumber = (digitsMost: number, decimalsMost: number, isSigned: boolean): fc.Arbitrary<Written> =>
  fc
    .record({
      whole: fc.bigInt({ min: 0n, max: 10n ** BigInt(digitsMost) - 1n }),
      fraction: fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: decimalsMost }),
      negative: fc.boolean(),
      zeros: fc.nat(3),
      notation: fc.constantFrom('plain', 'exponent', 'moved'),
      move: fc.integer({ min: -20, max: 20 }),
      mark: fc.constantFrom('e', 'E', 'e+', 'E+'),
    })
    .map(({ whole, fraction, negative, zeros, notation, move, mark }) => {
      const minus = isSigned && negative
      const unsigned = BigInt(`${whole}${fraction}`)
      const coefficient = minus ? -unsigned : unsigned
      const value = plainText(coefficient, -fraction.length)
      const sign = minus ? '-' : ''
      const exponential = (exponent: number) =>
        exponent < 0 ? `${mark[0]}${exponent}` : `${mark}${exponent}`
      if (notation === 'exponent')
        return { text: `${sign}${unsigned}${exponential(-fraction.length)}`, value }
      if (notation === 'moved') {
        // The same value with the point elsewhere and an exponent that brings it back.
        const places = Math.abs(move)
        const digits = unsigned.toString().padStart(places + 1, '0')
        const head = BigInt(digits.slice(0, digits.length - places))
        const tail = digits.slice(digits.length - places)
        const mantissa = places === 0 ? `${head}` : `${head}.${tail}`
        return { text: `${sign}${mantissa}${exponential(places - fraction.length)}`, value }
      }
      const written = fraction + '0'.repeat(zeros)
      return { text: `${sign}${whole}${written === '' ? '' : `.${written}`}`, value }
    })

/** Text that is not blank, of any characters, lone halves of surrogate pairs left out. */
const anyName = fc
  .oneof(
    fc.constantFrom(
      'acme',
      '__proto__',
      'constructor',
      'ümlaut 👍',
      '\u0000',
      '"',
      '\\',
      '\u2028',
      'a,b;c\td|e',
      '=1+1',
      '\u202e',
    ),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).map((text) => text.toWellFormed()),
  )
  .filter((text) => text.trim() !== '')

const time = fc
  .record({
    day: fc.integer({ min: 1, max: 20_000 }),
    ms: fc.nat(86_399_999),
    offset: fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }),
    zone: fc.constantFrom('Z', 'z', 'offset'),
    finer: fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 9 }),
    separator: fc.constantFrom('T', 't'),
  })
  .map(({ day, ms, offset, zone, finer, separator }) => {
    const utcMs = day * 86_400_000 + ms
    const shift = zone === 'offset' ? offset : 0
    const two = (value: number) => String(value).padStart(2, '0')
    // The day's date is counted out year by year, so that no calendar of the reader's is asked.
    const local = utcMs + shift * 60_000
    let days = Math.floor(local / 86_400_000)
    const rest = local - days * 86_400_000
    let year = 1970
    const isLeap = (y: number) => (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0
    while (days >= (isLeap(year) ? 366 : 365)) {
      days -= isLeap(year) ? 366 : 365
      year += 1
    }
    const lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    let month = 0
    while (days >= (lengths[month] ?? 0)) {
      days -= lengths[month] ?? 0
      month += 1
    }
    const clock = [
      Math.floor(rest / 3_600_000),
      Math.floor(rest / 60_000) % 60,
      Math.floor(rest / 1_000) % 60,
    ]
    const fraction = `${String(rest % 1_000).padStart(3, '0')}${finer}`
    const sign = shift < 0 ? '-' : '+'
    const named = `${sign}${two(Math.floor(Math.abs(shift) / 60))}:${two(Math.abs(shift) % 60)}`
    return {
      ms: utcMs,
      text: `${year}-${two(month + 1)}-${two(days + 1)}${separator}${clock.map(two).join(':')}.${fraction}${zone === 'offset' ? named : zone}`,
    }
  })

/** JSON text with each character beside letters and digits escaped, or as it is. */
const jsonText = (text: string, isEscaped: boolean): string =>
  isEscaped
    ? `"${[...Array(text.length).keys()].map((i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`
    : JSON.stringify(text)

const dimensionValue = fc.oneof(
  anyName.map((text) => ({ json: JSON.stringify(text), text })),
  fc.boolean().map((value) => ({ json: String(value), text: String(value) })),
  writtenNumber(20, 20, true).map(({ text, value }) => ({ json: text, text: value })),
)
const reserved = new Set(['value', 'from', 'to', 'dimensions'])
const dimensions = fc.uniqueArray(fc.tuple(anyName, dimensionValue), {
  selector: ([key]) => key,
  maxLength: 4,
})

const blank = fc.constantFrom('', '', '', ' ', '\t', '  ')

/** A CloudEvent; `quantity` says how large and fine it may be. */
export const validEvent = (
  quantity: { readonly digits: number; readonly decimals: number },
  metric: fc.Arbitrary<string> = anyName,
): fc.Arbitrary<ValidRecord & { readonly id: string }> =>
  fc
    .record({
      id: anyName,
      source: anyName,
      metric,
      tenant: anyName,
      time,
      span: fc.option(fc.tuple(time, time)),
      number: writtenNumber(quantity.digits, quantity.decimals, false),
      isString: fc.boolean(),
      isEscaped: fc.boolean(),
      dimensions,
      isNested: fc.boolean(),
      blank,
      turn: fc.nat(20),
    })
    .map((made) => {
      const { id, source, metric, tenant, span, number, isString, isEscaped, isNested, blank, turn } = made
      const named = made.dimensions.filter(([key]) => isNested || !reserved.has(key))
      const members = named.map(([key, { json }]) => `${JSON.stringify(key)}:${blank}${json}`).join(',')
      const [from, to] = span === null ? [null, null] : [...span].sort((a, b) => a.ms - b.ms)
      const text = isString ? JSON.stringify(number.text) : number.text
      const data = [
        `"value"${blank}:${text}`,
        ...(from && to ? [`"from":"${from.text}"`, `"to":"${to.text}"`] : []),
        ...(isNested ? [`"dimensions":{${members}}`] : members === '' ? [] : [members]),
      ]
      const all = [
        '"specversion":"1.0"',
        `"id":${jsonText(id, isEscaped)}`,
        `"source":${jsonText(source, isEscaped)}`,
        `"type":${jsonText(metric, isEscaped)}`,
        `"subject":${jsonText(tenant, isEscaped)}`,
        `"time":"${made.time.text}"`,
        `"data":{${data.join(`,${blank}`)}${blank}}`,
      ]
      const turned = [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)]
      return {
        id: JSON.stringify([source, id]),
        line: `${blank}{${turned.join(`${blank},`)}}${blank}`,
        tenant,
        metric,
        quantity: number.value,
        startMs: from?.ms ?? made.time.ms,
        endMs: to?.ms ?? null,
        dimensions: Object.fromEntries(named.map(([key, { text: value }]) => [key, value])),
      }
    })

const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`

/** A row of a CSV under `tenant,metric,quantity,time`, its cells in quotes. What stands around a cell's text is not kept. */
export const validRow: fc.Arbitrary<ValidRecord> = fc
  .record({ tenant: anyName, metric: anyName, time, number: writtenNumber(40, 40, false), blank })
  .map(({ tenant, metric, time, number, blank }) => ({
    line: [tenant, metric, number.text, time.text].map((text) => cell(`${blank}${text}${blank}`)).join(','),
    tenant: tenant.trim(),
    metric: metric.trim(),
    quantity: number.value,
    startMs: time.ms,
    endMs: null,
    dimensions: {},
  }))

/** A row of a FOCUS CSV under `ChargeCategory,ChargePeriodStart,BilledCost,ServiceName`. */
export const validCost: fc.Arbitrary<ValidCost> = fc
  .record({ time, number: writtenNumber(20, 18, true), service: anyName })
  .map(({ time, number, service }) => ({
    line: ['Usage', time.text, number.text, service].map(cell).join(','),
    startMs: time.ms,
    billed: number.value,
  }))
