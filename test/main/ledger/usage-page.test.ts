import fc from 'fast-check'
import { expect, test } from 'vitest'
import { noControl } from '../../../src/main/ledger/totals.ts'
import {
  addPage,
  decodePage,
  emptyColumns,
  encodePage,
  isOf,
  isSamePage,
  PAGE_EVENTS_MAX,
  quantityAt,
  type UsageColumns,
} from '../../../src/main/ledger/usage-page.ts'

const TIME_MAX = 2 ** 52 - 1
const QUANTITY_MAX = 2n ** 63n - 1n

type Event = readonly [
  key: bigint,
  tenantNo: number,
  measureNo: number,
  quantity: bigint,
  startMs: number,
  endMs: number | null,
  postedMs: number | null,
  setNo: number,
  blockRow: number,
]

const columnsOf = (events: readonly Event[]): UsageColumns => {
  // Longer than what it holds, as the page that is being filled.
  const columns = emptyColumns(events.length + 3)
  columns.events = events.length
  for (const [i, event] of events.entries()) {
    const [key, tenantNo, measureNo, quantity, startMs, endMs, postedMs, setNo, blockRow] = event
    new DataView(columns.keys.buffer).setBigUint64(i * 16 + 3, key)
    columns.tenantNo[i] = tenantNo
    columns.measureNo[i] = measureNo
    columns.quantityHigh[i] = Number(quantity >> 32n)
    columns.quantityLow[i] = Number(quantity & 0xffff_ffffn)
    columns.startMs[i] = startMs
    columns.endMs[i] = endMs ?? Number.NaN
    columns.postedMs[i] = postedMs ?? Number.NaN
    columns.setNo[i] = setNo
    columns.blockRow[i] = blockRow
  }
  return columns
}

const cut = (columns: UsageColumns) => ({
  events: columns.events,
  keys: [...columns.keys.subarray(0, columns.events * 16)],
  tenantNo: [...columns.tenantNo.subarray(0, columns.events)],
  measureNo: [...columns.measureNo.subarray(0, columns.events)],
  quantities: Array.from({ length: columns.events }, (_, i) => quantityAt(columns, i)),
  startMs: [...columns.startMs.subarray(0, columns.events)],
  endMs: [...columns.endMs.subarray(0, columns.events)],
  postedMs: [...columns.postedMs.subarray(0, columns.events)],
  setNo: [...columns.setNo.subarray(0, columns.events)],
  blockRow: [...columns.blockRow.subarray(0, columns.events)],
})

/** Numbers near a base, as a column mostly has them, or from all of the range. */
const numbers = (most: number, least = 0) =>
  fc
    .tuple(fc.integer({ min: least, max: most }), fc.constantFrom(0, 1, 200, 70_000, 2 ** 33, most - least))
    .map(([base, spread]) => fc.integer({ min: base, max: Math.min(most, base + spread) }))
const int32 = () => numbers(2 ** 31 - 1)
const time = () => numbers(TIME_MAX, -TIME_MAX)
const optional = (column: fc.Arbitrary<number>) =>
  fc.oneof(fc.constant(null), column, { weight: 3, arbitrary: column })
const quantity = fc.constantFrom(
  fc.bigInt({ min: -QUANTITY_MAX, max: QUANTITY_MAX }),
  fc.bigInt({ min: 0n, max: 1000n }),
  fc.bigInt({ min: -(2n ** 52n) - 2n, max: -(2n ** 52n) + 2n }),
  fc.bigInt({ min: 2n ** 52n - 2n, max: 2n ** 52n + 2n }),
  fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }),
  fc.constantFrom(QUANTITY_MAX, -QUANTITY_MAX, 0n, -1n, 2n ** 32n, -(2n ** 32n)),
)

const page = (countMax: number): fc.Arbitrary<UsageColumns> =>
  fc
    .tuple(
      int32(),
      int32(),
      quantity,
      time(),
      time(),
      time(),
      fc.constantFrom(0, 1, 2),
      int32(),
      int32(),
      fc.boolean(),
    )
    .chain(([tenant, measure, amount, start, end, posted, nulls, set, row, isSorted]) =>
      fc
        .array(
          fc.tuple(
            fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
            tenant,
            measure,
            amount,
            start,
            nulls === 0 ? fc.constant(null) : nulls === 1 ? end : optional(end),
            nulls === 0 ? fc.constant(null) : optional(posted),
            fc.oneof(fc.constant(0), set),
            row,
          ),
          { minLength: 1, maxLength: countMax },
        )
        .map((events) =>
          columnsOf(
            isSorted ? events.toSorted((one, other) => one[4] - other[4] || one[8] - other[8]) : events,
          ),
        ),
    )

test('a page comes back as it was written, to the bit', () => {
  fc.assert(
    fc.property(page(600), (columns) => {
      expect(cut(decodePage(encodePage(columns)))).toEqual(cut(columns))
    }),
    { numRuns: 400 },
  )
})

test('a full page comes back, and one event more is refused', () => {
  const event = (i: number): Event => [BigInt(i), i % 3, 1, BigInt(i), i * 7, i % 2 ? null : i, null, 0, i]
  const full = columnsOf(Array.from({ length: PAGE_EVENTS_MAX }, (_, i) => event(i)))
  expect(cut(decodePage(encodePage(full)))).toEqual(cut(full))
  expect(() => encodePage({ ...full, events: PAGE_EVENTS_MAX + 1 })).toThrow(RangeError)
  expect(() => encodePage({ ...full, events: 0 })).toThrow(RangeError)
})

test('a page that was cut or altered is refused, never read wrong', () => {
  fc.assert(
    fc.property(page(40), fc.nat(), fc.integer({ min: 1, max: 255 }), (columns, place, flip) => {
      const bytes = encodePage(columns)
      const at = place % bytes.length
      expect(() => decodePage(bytes.subarray(0, at))).toThrow()
      const altered = Buffer.from(bytes)
      altered[at] = (altered[at] ?? 0) ^ flip
      let read: UsageColumns
      try {
        read = decodePage(altered)
      } catch {
        return
      }
      // Some bits of a frame's header say nothing of what is in it.
      expect(cut(read)).toEqual(cut(columns))
    }),
    { numRuns: 1500 },
  )
})

test('sums of a page are exact', () => {
  fc.assert(
    fc.property(page(200), (columns) => {
      const control = noControl()
      addPage(control, columns)
      addPage(control, columns)
      const expected = new Map<number, { events: number; quantity: bigint }>()
      for (let i = 0; i < columns.events; i++) {
        const measure = columns.measureNo[i] ?? -1
        const before = expected.get(measure) ?? { events: 0, quantity: 0n }
        expected.set(measure, {
          events: before.events + 2,
          quantity: before.quantity + 2n * quantityAt(columns, i),
        })
      }
      expect(control.usage).toEqual(expected)
    }),
  )
})

test.each([
  ['at its base', { bytes: 6, base: 5 }, [5, 9], true],
  ['below its base', { bytes: 6, base: 5 }, [5, 4], false],
  ['without its base', { bytes: 6, base: 1_770_000_000_000 }, [0, 86_400_000], false],
  ['none where each has one', { bytes: 6, base: 5 }, [5, Number.NaN], false],
  ['some', { bytes: 6, base: 5, optional: true }, [Number.NaN, 5], true],
  ['none', { bytes: 0, base: 0, optional: true }, [Number.NaN, Number.NaN], true],
  ['zero for none', { bytes: 0, base: 0, optional: true }, [Number.NaN, 0], false],
] as const)('values %s', (_, layout, values, holds) => {
  expect(isOf({ name: 'x', ...layout }, Float64Array.from(values), values.length)).toBe(holds)
})

test('a page is the same as itself, and no other', () => {
  fc.assert(
    fc.property(page(40), fc.nat(), (columns, place) => {
      const read = decodePage(encodePage(columns))
      expect(isSamePage(read, columns)).toBe(true)
      const at = place % columns.events
      for (const name of [
        'tenantNo',
        'quantityHigh',
        'quantityLow',
        'startMs',
        'endMs',
        'postedMs',
      ] as const) {
        const before = read[name][at] as number
        read[name][at] = Number.isNaN(before) ? 0 : before === 0 ? 1 : 0
        expect(isSamePage(read, columns)).toBe(false)
        read[name][at] = before
      }
      read.keys[at * 16 + 15] = (read.keys[at * 16 + 15] as number) ^ 1
      expect(isSamePage(read, columns)).toBe(false)
    }),
  )
})
