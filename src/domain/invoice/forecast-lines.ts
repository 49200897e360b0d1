/** The lines of an invoice so far beside those of its forecast. */
import { lineKey } from './changes.ts'
import type { Invoice, InvoiceLine } from './invoice.ts'

export interface ComparedLine {
  readonly key: string
  readonly description: string
  /** Null where only the forecast has the line, as an overage. */
  readonly soFar: InvoiceLine | null
  /** Null where only the invoice so far has it, as a true-up, or there is no forecast. */
  readonly forecast: InvoiceLine | null
}

/** In the order of the invoice so far; lines that only the forecast has come last. */
export const comparedLines = (soFar: Invoice, forecast: Invoice | null): readonly ComparedLine[] => {
  const before = new Map(soFar.lines.map((line) => [lineKey(line), line]))
  const after = new Map((forecast?.lines ?? []).map((line) => [lineKey(line), line]))
  return [...new Set([...before.keys(), ...after.keys()])].map((key) => {
    const [now, then] = [before.get(key) ?? null, after.get(key) ?? null]
    return { key, description: now?.description ?? then?.description ?? '', soFar: now, forecast: then }
  })
}
