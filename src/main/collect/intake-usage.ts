/** Takes chunks of usage into a batch. */
import { type DecimalText, decimalToInteger } from '../../domain/decimal.ts'
import { QUANTITY_MAX } from '../../domain/quantity.ts'
import type { PageEvent } from '../ledger/open-pages.ts'
import type { PostedRecord } from '../ledger/raw-block.ts'
import type { UsageChunk } from './chunk.ts'
import { toCsvLine } from './files/csv.ts'
import { fault, reject } from './files/rejections.ts'
import { resolving } from './names.ts'
import { digitsText, lineRecord, lineText } from './record-lines.ts'
import type { Taking } from './taking.ts'

const TWO_32 = 4_294_967_296

/** At which scale the quantities of a metric with so many decimals are kept; null where they are too fine. */
interface Measured {
  readonly measureNo: number
  readonly scale: number
  /** What the digits are multiplied by to reach the scale. */
  readonly factor: number
}

export const usageIntake = ({
  appender,
  intake,
  file,
  sourceNo,
  reader,
  sameId,
  scales,
  calendar,
  count,
  quarantine,
}: Taking): ((chunk: UsageChunk, header: readonly string[] | null) => void) => {
  const tenants = resolving<string>((name) => appender.tenant(name))
  const sets = resolving<string>((content) => appender.attributeSet('usage', content))
  const metrics = resolving<string>(() => 0)
  let measured = new Map<number, Measured | null>()
  const measuredAt = (metricNo: number, decimals: number): Measured | null => {
    const key = metricNo * 256 + decimals
    let found = measured.get(key)
    if (found === undefined) {
      const metric = metrics.nameOf(metricNo)
      const scale = scales.scaleFor(metric, decimals)
      found =
        scale === null
          ? null
          : { measureNo: appender.measure(metric, scale), scale, factor: 10 ** (scale - decimals) }
      measured.set(key, found)
    }
    return found
  }
  const reversalPosting = sameId === 'restate' ? calendar.postedMsOf : undefined
  const event: PageEvent = {
    sourceNo,
    tenantNo: 0,
    measureNo: 0,
    quantityHigh: 0,
    quantityLow: 0,
    startMs: 0,
    endMs: 0,
    postedMs: 0,
    setNo: 0,
  }

  /** Sets the quantity at the measure's scale; false where 64 bits cannot hold it. */
  const setQuantity = (chunk: UsageChunk, at: number, { scale, factor }: Measured): boolean => {
    const value = (chunk.digits[at] as number) * factor
    if (value <= Number.MAX_SAFE_INTEGER) {
      event.quantityHigh = Math.floor(value / TWO_32)
      event.quantityLow = value - event.quantityHigh * TWO_32
      return true
    }
    const exact = decimalToInteger(quantityText(chunk, at), scale)
    if (exact > QUANTITY_MAX) return false
    event.quantityHigh = Number(exact >> 32n)
    event.quantityLow = Number(exact & 0xffff_ffffn)
    return true
  }

  const quarantineAt = (
    chunk: UsageChunk,
    header: readonly string[] | null,
    at: number,
    code: 'quantity_is_too_fine' | 'quantity_is_too_large',
  ): void => {
    const record = chunk.record[at] as number
    const metric = metrics.nameOf(chunk.metric[at] as number)
    const details = {
      value: quantityText(chunk, at),
      metric,
      scale: scales.definitionOf(metric)?.scale ?? 0,
    }
    // A small file of its own, that the reader takes again once it is mended.
    const text = lineText(chunk.lines, record)
    const raw =
      header === null
        ? text
        : [header, JSON.parse(text) as string[]].map((cells) => toCsvLine(cells, ',')).join('\n')
    quarantine(reject(file, chunk.lines.rows[record] as number, fault(code, null, details), raw))
  }

  /** Fills in the event, and makes the names it has; false where it was quarantined. */
  const setEvent = (chunk: UsageChunk, header: readonly string[] | null, at: number): boolean => {
    const metricNo = chunk.metric[at] as number
    const measure = measuredAt(metricNo, chunk.decimals[at] as number)
    const isWrong =
      measure === null
        ? 'quantity_is_too_fine'
        : setQuantity(chunk, at, measure)
          ? null
          : 'quantity_is_too_large'
    if (measure === null || isWrong !== null) {
      intake.metrics.set(metrics.nameOf(metricNo), true)
      quarantineAt(chunk, header, at, isWrong ?? 'quantity_is_too_fine')
      return false
    }
    const startMs = chunk.startMs[at] as number
    event.tenantNo = tenants.of(chunk.tenant[at] as number)
    event.measureNo = measure.measureNo
    event.startMs = startMs
    event.endMs = chunk.endMs[at] as number
    event.postedMs = calendar.postedMsOf(startMs) ?? Number.NaN
    const set = chunk.set[at] as number
    event.setNo = set < 0 ? 0 : sets.of(set)
    return true
  }

  return (chunk, header) => {
    tenants.learn(chunk.tenants)
    sets.learn(chunk.sets)
    metrics.learn(chunk.metrics)
    if (chunk.metrics.afresh) measured = new Map()
    const record = lineRecord(chunk.lines, header, file, reader)
    const posted: PostedRecord = record
    for (const metric of chunk.metrics.names) intake.metrics.set(metric, intake.metrics.get(metric) ?? false)
    let at = 0
    const complete = () => setEvent(chunk, header, at)
    let lastTaken = -1
    for (; at < chunk.count; at++) {
      record.at(chunk.record[at] as number)
      const isKnownById = chunk.byContent[at] === 0
      if (isKnownById && !complete()) continue
      const outcome = isKnownById
        ? appender.eventById(chunk.keys, at, event, posted, reversalPosting)
        : appender.eventByContent(chunk.keys.subarray(at * 16, at * 16 + 16), event, posted, complete)
      if (outcome === null) continue
      if (outcome === 'new') {
        intake.entriesAdded++
        if (!Number.isNaN(event.postedMs)) intake.late++
      }
      const metricNo = chunk.metric[at] as number
      if (outcome !== 'duplicate' && metricNo !== lastTaken) {
        intake.metrics.set(metrics.nameOf(metricNo), true)
        lastTaken = metricNo
      }
      count(record.row, outcome === 'new' ? 'added' : outcome)
    }
  }
}

/** The quantity as it was read. */
const quantityText = (chunk: UsageChunk, at: number): DecimalText =>
  chunk.long.get(at) ?? digitsText(chunk.digits[at] as number, chunk.decimals[at] as number)
