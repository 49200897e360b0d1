/**
 * A page of usage events as bytes: columns of whole numbers, each reduced to what it needs, compressed by zstd.
 *
 * Uncompressed, a page is one line of JSON that names the columns, a line feed, the columns in that order, and last
 * the events' keys of 16 bytes each. A column of n values with `bytes` b is b planes of n bytes: first the lowest
 * byte of each value, then the next. A value is `base` more than what stands there. `optional`: zero stands for none,
 * and everything else is one more than the value. `delta`: a value is that much more than the one before it.
 * A quantity of 8 bytes is a signed number without a base. docs/ledger.md has the same for auditors.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { inOnePiece, letGo } from './let-go.ts'
import { addUsage, type Control } from './totals.ts'

/** Events of a page at most. */
export const PAGE_EVENTS_MAX = 4096
/** Bytes of an event key. */
export const KEY_BYTES = 16
/** No page is larger uncompressed: its columns have at most 8 bytes a value. */
const PAGE_BYTES_MAX = 16_777_216
/** Most are smaller, and then decompressed in one piece. */
const PAGE_BYTES_USUAL = 262_144

/** Columns of events, of equal length `events`; arrays may be longer. */
export interface UsageColumns {
  readonly events: number
  /** 16 bytes each: how a record is known at its source. */
  readonly keys: Uint8Array
  readonly tenantNo: Int32Array
  readonly measureNo: Int32Array
  /** A quantity is `high * 2^32 + low`, so that 64 bits cross without a bigint for each. */
  readonly quantityHigh: Int32Array
  readonly quantityLow: Uint32Array
  /** UTC milliseconds. */
  readonly startMs: Float64Array
  /** Exclusive; NaN for an instant. */
  readonly endMs: Float64Array
  /** When it counts instead; NaN where its own month was open. */
  readonly postedMs: Float64Array
  /** 0 for none. */
  readonly setNo: Int32Array
  /** Which record of the raw block it was read from. */
  readonly blockRow: Int32Array
}

/** Of columns that are not used again. @see letGo */
export const letColumnsGo = ({ events: _, ...columns }: UsageColumns): void =>
  letGo(...Object.values(columns))

export const emptyColumns = (size: number) => ({
  events: 0,
  keys: new Uint8Array(size * KEY_BYTES),
  tenantNo: new Int32Array(size),
  measureNo: new Int32Array(size),
  quantityHigh: new Int32Array(size),
  quantityLow: new Uint32Array(size),
  startMs: new Float64Array(size),
  endMs: new Float64Array(size),
  postedMs: new Float64Array(size),
  setNo: new Int32Array(size),
  blockRow: new Int32Array(size),
})

const TWO_32 = 4_294_967_296

/** The quantity as one exact integer. */
export const quantityAt = ({ quantityHigh, quantityLow }: UsageColumns, index: number): bigint =>
  (BigInt(quantityHigh[index] ?? 0) << 32n) + BigInt(quantityLow[index] ?? 0)

interface ColumnLayout {
  readonly name: string
  readonly bytes: number
  readonly base: number
  readonly optional?: true
  readonly delta?: true
}

const planesOf = (most: number): number => {
  let bytes = 0
  for (let rest = most; rest > 0; rest = Math.floor(rest / 256)) bytes++
  return bytes
}

/** Room for one column's values split into 32-bit halves, used again for each. */
const low = new Uint32Array(PAGE_EVENTS_MAX)
const high = new Uint32Array(PAGE_EVENTS_MAX)

const writePlanes = (out: Uint8Array, at: number, count: number, bytes: number): number => {
  let next = at
  for (let plane = 0; plane < bytes; plane++) {
    const half = plane < 4 ? low : high
    const shift = (plane & 3) * 8
    for (let i = 0; i < count; i++) out[next++] = (half[i] as number) >>> shift
  }
  return next
}

const readPlanes = (from: Uint8Array, at: number, count: number, bytes: number): number => {
  low.fill(0, 0, count)
  high.fill(0, 0, count)
  let next = at
  for (let plane = 0; plane < bytes; plane++) {
    const half = plane < 4 ? low : high
    const shift = (plane & 3) * 8
    for (let i = 0; i < count; i++) half[i] = (half[i] as number) | ((from[next++] as number) << shift)
  }
  return next
}

const split = (index: number, value: number): void => {
  low[index] = value % TWO_32
  high[index] = value / TWO_32
}

type Numbers = Int32Array | Float64Array

/** Puts a column's values, less their base, into the halves. */
const reduce = (name: string, values: Numbers, count: number, optional: boolean): ColumnLayout => {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  let isSorted = true
  let gapMost = 0
  let last = Number.NEGATIVE_INFINITY
  for (let i = 0; i < count; i++) {
    const value = values[i] as number
    if (Number.isNaN(value)) {
      isSorted = false
      continue
    }
    if (value < least) least = value
    if (value > most) most = value
    if (value < last) isSorted = false
    else if (last !== Number.NEGATIVE_INFINITY && value - last > gapMost) gapMost = value - last
    last = value
  }
  if (least === Number.POSITIVE_INFINITY) return { name, bytes: 0, base: 0, optional: true }
  if (optional) {
    for (let i = 0; i < count; i++) {
      const value = values[i] as number
      split(i, Number.isNaN(value) ? 0 : value - least + 1)
    }
    return { name, bytes: planesOf(most - least + 1), base: least, optional: true }
  }
  if (isSorted && gapMost < (most - least) / 256) {
    let before = least
    for (let i = 0; i < count; i++) {
      const value = values[i] as number
      split(i, value - before)
      before = value
    }
    return { name, bytes: planesOf(gapMost), base: least, delta: true }
  }
  for (let i = 0; i < count; i++) split(i, (values[i] as number) - least)
  return { name, bytes: planesOf(most - least), base: least }
}

/** Quantities that a double holds are reduced like any column; larger ones stand as they are. */
const reduceQuantity = (columns: UsageColumns): ColumnLayout => {
  const { events, quantityHigh, quantityLow } = columns
  const values = new Float64Array(events)
  let isSafe = true
  for (let i = 0; i < events; i++) {
    const value = (quantityHigh[i] as number) * TWO_32 + (quantityLow[i] as number)
    // A difference of two of them must be safe, too.
    if (value > SAFE_HALF || value < -SAFE_HALF) isSafe = false
    values[i] = value
  }
  if (isSafe) return reduce('quantity', values, events, false)
  low.set(quantityLow.subarray(0, events))
  for (let i = 0; i < events; i++) high[i] = quantityHigh[i] as number
  return { name: 'quantity', bytes: 8, base: 0 }
}
const SAFE_HALF = Number.MAX_SAFE_INTEGER / 2

/** The page's bytes, compressed. @throws RangeError where it has no event, or more than a page holds. */
export const encodePage = (columns: UsageColumns): Buffer => {
  const { events, keys } = columns
  if (events < 1 || events > PAGE_EVENTS_MAX) throw new RangeError(`a page cannot hold ${events} events`)
  const body = new Uint8Array(events * (8 * 8 + KEY_BYTES))
  const layouts: ColumnLayout[] = []
  let at = 0
  const write = (layout: ColumnLayout) => {
    layouts.push(layout)
    at = writePlanes(body, at, events, layout.bytes)
  }
  write(reduce('tenant_no', columns.tenantNo, events, false))
  write(reduce('measure_no', columns.measureNo, events, false))
  write(reduceQuantity(columns))
  write(reduce('start_ms', columns.startMs, events, false))
  write(reduce('end_ms', columns.endMs, events, true))
  write(reduce('posted_ms', columns.postedMs, events, true))
  write(reduce('set_no', columns.setNo, events, false))
  write(reduce('block_row', columns.blockRow, events, false))
  body.set(keys.subarray(0, events * KEY_BYTES), at)
  at += events * KEY_BYTES
  const head = Buffer.from(`${JSON.stringify({ events, columns: layouts })}\n`)
  const whole = Buffer.concat([head, body.subarray(0, at)])
  const bytes = zstdCompressSync(whole, {
    chunkSize: inOnePiece(whole.length),
    params: {
      [constants.ZSTD_c_compressionLevel]: 1,
      // So that whoever reads a page tells that it is damaged, without looking at the hash beside it.
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  })
  letGo(body, whole)
  return bytes
}

const COLUMNS = [
  'tenantNo',
  'measureNo',
  'quantityHigh',
  'quantityLow',
  'startMs',
  'endMs',
  'postedMs',
  'setNo',
  'blockRow',
] as const

/** Whether two pages hold the same events. */
export const isSamePage = (one: UsageColumns, other: UsageColumns): boolean => {
  const { events } = one
  const bytesOf = (values: ArrayBufferView, size: number) =>
    Buffer.from(values.buffer, values.byteOffset, size)
  return (
    events === other.events &&
    bytesOf(one.keys, events * KEY_BYTES).equals(bytesOf(other.keys, events * KEY_BYTES)) &&
    COLUMNS.every((name) => {
      const [mine, its] = [one[name], other[name]]
      const size = events * mine.BYTES_PER_ELEMENT
      if (bytesOf(mine, size).equals(bytesOf(its, size))) return true
      // Not every NaN has the same bits.
      for (let i = 0; i < events; i++)
        if (mine[i] !== its[i] && !(Number.isNaN(mine[i]) && Number.isNaN(its[i]))) return false
      return true
    })
  )
}

const restore = (into: Numbers, count: number, layout: ColumnLayout): void => {
  const { base, optional, delta } = layout
  let before = base
  for (let i = 0; i < count; i++) {
    const value = (high[i] as number) * TWO_32 + (low[i] as number)
    if (optional) into[i] = value === 0 ? Number.NaN : value - 1 + base
    else if (delta) {
      before += value
      into[i] = before
    } else into[i] = value + base
  }
}

/** Whether a column may hold the values: none is less than its base, and there are none where it has no bytes for them. */
export const isOf = (layout: ColumnLayout, values: Numbers, count: number): boolean => {
  let nones = 0
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < count; i++) {
    const value = values[i] as number
    if (Number.isNaN(value)) nones++
    else if (value < least) least = value
  }
  return layout.optional
    ? least >= layout.base && (layout.bytes > 0 || nones === count)
    : nones === 0 && least >= layout.base
}

/** The inverse of {@link encodePage}. @throws Error where the bytes are no page. */
export const decodePage = (bytes: Uint8Array): UsageColumns => {
  const page = zstdDecompressSync(bytes, { maxOutputLength: PAGE_BYTES_MAX, chunkSize: PAGE_BYTES_USUAL })
  const headEnd = page.indexOf(0x0a)
  if (headEnd < 0) throw new Error('the page has no line that names its columns')
  const { events, columns } = JSON.parse(page.toString('utf8', 0, headEnd)) as {
    readonly events: number
    readonly columns: readonly ColumnLayout[]
  }
  if (!Number.isInteger(events) || events < 1 || events > PAGE_EVENTS_MAX)
    throw new Error(`a page cannot hold ${events} events`)
  const names = columns.map(({ name }) => name)
  if (names.length !== COLUMN_NAMES.length || !COLUMN_NAMES.every((name) => names.includes(name)))
    throw new Error(`the page has the columns ${names.join(', ')}`)
  if (page.length !== headEnd + 1 + events * (columns.reduce((sum, { bytes }) => sum + bytes, 0) + KEY_BYTES))
    throw new Error('the page is not as long as it says')
  const decoded = emptyColumns(events)
  decoded.events = events
  let at = headEnd + 1
  const into = {
    tenant_no: decoded.tenantNo,
    measure_no: decoded.measureNo,
    start_ms: decoded.startMs,
    end_ms: decoded.endMs,
    posted_ms: decoded.postedMs,
    set_no: decoded.setNo,
    block_row: decoded.blockRow,
  } as const
  for (const layout of columns) {
    at = readPlanes(page, at, events, layout.bytes)
    if (layout.name === 'quantity') restoreQuantity(decoded, layout)
    else {
      const values = into[layout.name as keyof typeof into]
      restore(values, events, layout)
      if (!isOf(layout, values, events))
        throw new Error(`the column ${layout.name} was not read as it stands`)
    }
  }
  decoded.keys.set(page.subarray(at))
  letGo(page)
  return decoded
}

const COLUMN_NAMES: readonly string[] = [
  'tenant_no',
  'measure_no',
  'quantity',
  'start_ms',
  'end_ms',
  'posted_ms',
  'set_no',
  'block_row',
]

const restoreQuantity = (decoded: ReturnType<typeof emptyColumns>, layout: ColumnLayout): void => {
  const { events, quantityHigh, quantityLow } = decoded
  if (layout.bytes === 8) {
    for (let i = 0; i < events; i++) {
      quantityHigh[i] = high[i] as number
      quantityLow[i] = low[i] as number
    }
    return
  }
  const values = new Float64Array(events)
  restore(values, events, layout)
  for (let i = 0; i < events; i++) {
    const value = values[i] as number
    quantityHigh[i] = Math.floor(value / TWO_32)
    quantityLow[i] = value - Math.floor(value / TWO_32) * TWO_32
  }
}

/** Adds the page's events to the control totals, exactly. */
export const addPage = (control: Control, columns: UsageColumns): void => {
  const { events, measureNo, quantityHigh, quantityLow } = columns
  // Sums of at most 4,096 halves are safe integers.
  const sums = new Map<number, { events: number; high: number; low: number }>()
  for (let i = 0; i < events; i++) {
    const measure = measureNo[i] as number
    let sum = sums.get(measure)
    if (sum === undefined) {
      sum = { events: 0, high: 0, low: 0 }
      sums.set(measure, sum)
    }
    sum.events++
    sum.high += quantityHigh[i] as number
    sum.low += quantityLow[i] as number
  }
  for (const [measure, sum] of sums)
    addUsage(control, measure, sum.events, BigInt(sum.high) * 4_294_967_296n + BigInt(sum.low))
}
