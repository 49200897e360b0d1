/** Gathers cost entries into chunks. */
import { canonicalJson, type Json } from '../../domain/canonical.ts'
import type { DecimalText } from '../../domain/decimal.ts'
import type { CostChunk } from './chunk.ts'
import type { ParsedBill, ParsedCost } from './files/record.ts'
import { writeKey } from './key.ts'
import { numbering } from './names.ts'
import { lineGatherer } from './record-lines.ts'

const ENTRIES_MAX = 1024
const BYTES_MAX = 1_048_576
const ATTRIBUTES_REMEMBERED = 4096

export interface CostGatherer {
  add(cost: ParsedCost): void
  /** Chunks that are full. */
  take(): CostChunk[]
  /** Makes a chunk of what is left. */
  close(): void
}

const room = () => ({
  keys: new Uint8Array(ENTRIES_MAX * 16),
  bill: new Int32Array(ENTRIES_MAX),
  set: new Int32Array(ENTRIES_MAX),
  currency: new Int32Array(ENTRIES_MAX),
  startMs: new Float64Array(ENTRIES_MAX),
  endMs: new Float64Array(ENTRIES_MAX),
  billed: [] as DecimalText[],
  effective: [] as (DecimalText | null)[],
  list: [] as (DecimalText | null)[],
  contracted: [] as (DecimalText | null)[],
  consumed: [] as (DecimalText | null)[],
})

/** All of the bill, so that two rows that say something else of it are told apart. */
const billKey = ({ provider, billingAccount, periodStartMs, periodEndMs, month }: ParsedBill): string =>
  `${periodStartMs} ${periodEndMs} ${month} ${provider.length} ${provider} ${billingAccount}`

export const costGatherer = (): CostGatherer => {
  const bills = numbering<ParsedBill>()
  const sets = numbering<string>()
  const currencies = numbering<string>()
  const lines = lineGatherer(ENTRIES_MAX)
  let ready: CostChunk[] = []
  let columns = room()
  let count = 0
  /** Numbers of attributes that are one object: the reader gives the same for rows that say the same. */
  let setOf = new Map<ParsedCost['attributes'], number>()
  let beginnings = 0
  const setNumber = (attributes: ParsedCost['attributes']): number => {
    if (beginnings !== sets.beginnings || setOf.size > ATTRIBUTES_REMEMBERED) {
      beginnings = sets.beginnings
      setOf = new Map()
    }
    let number = setOf.get(attributes)
    if (number === undefined) {
      const content = canonicalJson(attributes as unknown as Json)
      number = sets.numberOf(content, () => content)
      setOf.set(attributes, number)
    }
    return number
  }

  let billBefore: { readonly bill: ParsedBill; readonly number: number } | null = null
  const billNumber = (bill: ParsedBill): number => {
    if (billBefore?.bill !== bill) billBefore = { bill, number: bills.numberOf(billKey(bill), () => bill) }
    return billBefore.number
  }

  const close = () => {
    if (count === 0) return
    ready.push({
      ...columns,
      count,
      lines: lines.take(),
      bills: bills.take(),
      sets: sets.take(),
      currencies: currencies.take(),
    })
    columns = room()
    count = 0
    billBefore = null
  }

  return {
    add: (cost) => {
      if (count >= ENTRIES_MAX || lines.bytes >= BYTES_MAX || sets.isFull || bills.isFull) close()
      lines.add(cost.row, JSON.stringify(cost.raw))
      const at = count++
      writeKey(columns.keys, at, cost.contentText)
      columns.bill[at] = billNumber(cost.bill)
      columns.set[at] = setNumber(cost.attributes)
      columns.currency[at] = currencies.numberOf(cost.currency, () => cost.currency)
      columns.startMs[at] = cost.startMs
      columns.endMs[at] = cost.endMs ?? Number.NaN
      columns.billed.push(cost.billedCost)
      columns.effective.push(cost.effectiveCost)
      columns.list.push(cost.listCost)
      columns.contracted.push(cost.contractedCost)
      columns.consumed.push(cost.consumedQuantity)
    },
    take: () => {
      const taken = ready
      ready = []
      return taken
    },
    close,
  }
}
