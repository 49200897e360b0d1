/** Gathers usage events into chunks. */
import { canonicalJson } from '../../domain/canonical.ts'
import { type DecimalText, decimalsOf } from '../../domain/decimal.ts'
import type { UsageChunk } from './chunk.ts'
import type { ParsedUsage } from './files/record.ts'
import { writeKey } from './key.ts'
import { type Numbering, numbering } from './names.ts'
import { lineGatherer } from './record-lines.ts'

/** Events of a chunk at most, but for the last record's. */
const EVENTS_MAX = 4096
/** Events one record may yield, for which there is always room. */
const EVENTS_OF_RECORD_MAX = 64
const BYTES_MAX = 1_048_576

export interface UsageGatherer {
  readonly tenants: Numbering<string>
  readonly metrics: Numbering<string>
  readonly sets: Numbering<string>
  add(usage: ParsedUsage): void
  /** Makes room for a record. The numbers of names may begin anew with it. */
  makeRoom(): void
  /** As {@link UsageGatherer.add} for a line of ASCII characters that stands in `text`; after `makeRoom`, with the numbers of its names. */
  addColumns(
    text: string,
    from: number,
    to: number,
    row: number,
    keyText: string,
    tenant: number,
    metric: number,
    set: number,
    digits: number,
    decimals: number,
    startMs: number,
    endMs: number,
  ): void
  /** Chunks that are full. */
  take(): UsageChunk[]
  /** Makes a chunk of what is left. */
  close(): void
}

const room = () => {
  const size = EVENTS_MAX + EVENTS_OF_RECORD_MAX
  return {
    keys: new Uint8Array(size * 16),
    byContent: new Uint8Array(size),
    tenant: new Int32Array(size),
    metric: new Int32Array(size),
    set: new Int32Array(size),
    digits: new Float64Array(size),
    decimals: new Uint8Array(size),
    startMs: new Float64Array(size),
    endMs: new Float64Array(size),
    record: new Int32Array(size),
  }
}

/** A quantity's digits as one safe integer; NaN where there are too many of them. */
const digitsOf = (quantity: DecimalText, decimals: number): number => {
  if (quantity.length > 16) return Number.NaN
  const value = decimals === 0 ? Number(quantity) : Number(quantity.replace('.', ''))
  return Number.isSafeInteger(value) ? value : Number.NaN
}

export const usageGatherer = (): UsageGatherer => {
  const tenants = numbering<string>()
  const metrics = numbering<string>()
  const sets = numbering<string>()
  const lines = lineGatherer(EVENTS_MAX + EVENTS_OF_RECORD_MAX)
  let ready: UsageChunk[] = []
  let columns = room()
  let long = new Map<number, DecimalText>()
  let count = 0
  let lastRow = -1
  let lastRecord = 0

  const close = () => {
    if (count === 0) return
    ready.push({
      ...columns,
      count,
      long,
      lines: lines.take(),
      tenants: tenants.take(),
      metrics: metrics.take(),
      sets: sets.take(),
    })
    columns = room()
    long = new Map()
    count = 0
    lastRow = -1
  }
  /** Before a record, so that a chunk has all of its events. */
  const makeRoom = () => {
    if (count >= EVENTS_MAX || lines.bytes >= BYTES_MAX || sets.isFull || tenants.isFull || metrics.isFull)
      close()
  }

  return {
    tenants,
    metrics,
    sets,
    add: (usage) => {
      if (usage.row !== lastRow) {
        makeRoom()
        lastRow = usage.row
        const { raw } = usage
        lastRecord = lines.add(usage.row, typeof raw === 'string' ? raw : JSON.stringify(raw))
      }
      const at = count++
      const { identity } = usage
      writeKey(
        columns.keys,
        at,
        identity.kind === 'id' ? identity.text : `${identity.part ?? ''}\0${identity.text}`,
      )
      columns.byContent[at] = identity.kind === 'content' ? 1 : 0
      columns.tenant[at] = tenants.numberOf(usage.tenant, () => usage.tenant)
      columns.metric[at] = metrics.numberOf(usage.metric, () => usage.metric)
      const content = canonicalJson(usage.dimensions)
      columns.set[at] = content === '{}' ? -1 : sets.numberOf(content, () => content)
      const decimals = decimalsOf(usage.quantityText)
      const digits = digitsOf(usage.quantityText, decimals)
      columns.digits[at] = digits
      columns.decimals[at] = Math.min(decimals, 255)
      if (Number.isNaN(digits)) long.set(at, usage.quantityText)
      columns.startMs[at] = usage.startMs
      columns.endMs[at] = usage.endMs ?? Number.NaN
      columns.record[at] = lastRecord
    },
    makeRoom,
    addColumns: (text, from, to, row, keyText, tenant, metric, set, digits, decimals, startMs, endMs) => {
      lastRow = row
      const at = count++
      writeKey(columns.keys, at, keyText)
      columns.tenant[at] = tenant
      columns.metric[at] = metric
      columns.set[at] = set
      columns.digits[at] = digits
      columns.decimals[at] = decimals
      columns.startMs[at] = startMs
      columns.endMs[at] = endMs
      columns.record[at] = lines.addFrom(row, text, from, to)
    },
    take: () => {
      const taken = ready
      ready = []
      return taken
    },
    close,
  }
}
