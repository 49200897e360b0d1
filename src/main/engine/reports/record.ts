/** One entry of the ledger for people: its columns by name, and the record it came from, field by field. */

import type { z } from 'zod'
import type { rawRecord as rawRecordSchema } from '../../../contract/explain.ts'
import { type DecimalText, integerToDecimal } from '../../../domain/decimal.ts'
import { hasEscapedKey, parseByHand, parseNamed } from '../../../domain/escaped-keys.ts'
import { type Entry, rawRecord, readEntry } from '../../ledger/read.ts'
import {
  entryDigest,
  readAttributeSet,
  readBill,
  readMeasure,
  readSource,
  readTenantName,
} from '../../ledger/read-names.ts'
import { notFound } from '../refusals.ts'
import type { Session } from '../session.ts'

const instant = (ms: unknown): string => (typeof ms === 'number' ? new Date(ms).toISOString() : '')

/** The quantity in units of the metric. */
export const quantityOf = (entry: Entry, scale: number): DecimalText =>
  integerToDecimal(BigInt(String(entry.columns.quantity)), scale)

type Field = { name: string; value: string }

const usageFields = (session: Session, entry: Entry): Field[] => {
  const { columns } = entry
  const measure = readMeasure(session.ledger, Number(columns.measure_no))
  const dimensions =
    columns.set_no === null
      ? {}
      : parseNamed<Record<string, string>>(readAttributeSet(session.ledger, Number(columns.set_no)) ?? '{}')
  return [
    { name: 'tenant', value: readTenantName(session.ledger, Number(columns.tenant_no)) ?? '' },
    { name: 'metric', value: measure?.metric ?? '' },
    { name: 'quantity', value: quantityOf(entry, measure?.scale ?? 0) },
    { name: 'start', value: instant(columns.start_ms) },
    ...(columns.end_ms === null ? [] : [{ name: 'end', value: instant(columns.end_ms) }]),
    ...(columns.posted_ms === null
      ? []
      : [{ name: 'counts from (its month was closed)', value: instant(columns.posted_ms) }]),
    ...Object.entries(dimensions).map(([key, value]) => ({ name: `dimension ${key}`, value })),
  ]
}

const costFields = (session: Session, entry: Entry): Field[] => {
  const { columns } = entry
  const bill = readBill(session.ledger, Number(columns.bill_no))
  const attributes = parseNamed<Record<string, unknown>>(
    readAttributeSet(session.ledger, Number(columns.set_no)) ?? '{}',
  )
  const { tags, ...plain } = attributes
  const text = (name: string, value: unknown): Field[] =>
    value === null || value === undefined ? [] : [{ name, value: String(value) }]
  return [
    ...text('billed cost', columns.billed_cost),
    ...text('effective cost', columns.effective_cost),
    ...text('list cost', columns.list_cost),
    ...text('contracted cost', columns.contracted_cost),
    ...text('currency', columns.currency),
    ...text('consumed quantity', columns.consumed_quantity),
    { name: 'charge period start', value: instant(columns.start_ms) },
    ...(columns.end_ms === null ? [] : [{ name: 'charge period end', value: instant(columns.end_ms) }]),
    ...(columns.posted_ms === null
      ? []
      : [{ name: 'counts from (its month was closed)', value: instant(columns.posted_ms) }]),
    ...text('bill', bill === null ? null : `${bill.provider} ${bill.billingAccount} ${bill.month}`),
    ...Object.entries(plain).map(([name, value]) => ({
      name: name.replaceAll('_', ' '),
      value: String(value),
    })),
    ...Object.entries((tags as Record<string, string> | undefined) ?? {}).map(([key, value]) => ({
      name: `tag ${key}`,
      value,
    })),
  ]
}

/** @throws NOT_FOUND where there is no usage or cost entry of that number. */
export const recordOf = (session: Session, seq: number): z.output<typeof rawRecordSchema> => {
  const found = readEntry(session.ledger, seq)
  if (
    found === null ||
    found.entry.batchId > session.head().batchId ||
    (found.entry.table !== 'usage_event' && found.entry.table !== 'cost_entry')
  )
    throw notFound(`There is no usage or cost entry ${seq}.`)
  const { entry, batch } = found
  const kind = entry.table === 'usage_event' ? 'usage' : 'cost'
  const raw = rawRecord(session.ledger, Number(entry.columns.block_no), Number(entry.columns.block_row))
  return {
    kind,
    seq,
    entryId: `${kind === 'usage' ? 'u' : 'c'}${seq}`,
    batchId: entry.batchId,
    source: readSource(session.ledger, Number(entry.columns.source_no)) ?? '',
    file: batch?.title ?? '',
    recordedMs: batch?.recordedMs ?? 0,
    digest: entryDigest(session.ledger, entry.table, seq) ?? '',
    correction: entry.columns.correction === null ? null : String(entry.columns.correction),
    corrects: entry.columns.corrects === null ? null : Number(entry.columns.corrects),
    fields: kind === 'usage' ? usageFields(session, entry) : costFields(session, entry),
    raw: raw.kind === 'row' ? raw.fields.map((field) => ({ ...field })) : fieldsOfText(raw.text),
    rawText:
      raw.kind === 'row' ? raw.fields.map(({ name, value }) => `${name}=${value}`).join('\n') : raw.text,
  }
}

/** The members of a JSON line, without reading its numbers; other text is one field. */
const fieldsOfText = (text: string): Field[] => {
  try {
    const json: unknown = hasEscapedKey(text)
      ? parseByHand(text, (source) => source)
      : JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
          typeof value === 'number' ? (context?.source ?? String(value)) : value,
        )
    if (typeof json === 'object' && json !== null && !Array.isArray(json))
      return Object.entries(json).map(([name, value]) => ({
        name,
        value: typeof value === 'string' ? value : JSON.stringify(value),
      }))
  } catch {
    // A log line is no JSON; it is shown as it is.
  }
  return [{ name: 'line', value: text }]
}
