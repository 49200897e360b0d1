/**
 * What the simulation's world writes into files, and what it knows of each record by having made it. The auditor
 * reads these; it never sees a file, the product's code or the product's data.
 */
import type { ReadOptions } from '../../../src/contract/sources.ts'

/** An exact amount: `units` / 10^`decimals`, without zeros at its end. */
export interface Amount {
  readonly units: bigint
  readonly decimals: number
}

/** An instant, or the local text of a file whose times are meant in the book's time zone. */
export type Moment = { readonly ms: number } | { readonly local: string }

export interface Fact {
  readonly tenant: string
  readonly metric: string
  readonly amount: Amount
  readonly start: Moment
  readonly end: Moment | null
  readonly dimensions: Readonly<Record<string, string>>
  /** What makes the fact the same when it comes again: an id of its own, or the whole of its record. */
  readonly identity: { readonly by: 'id' | 'content'; readonly text: string }
}

/** A line of a usage file. */
export interface UsageRow {
  readonly text: string
  /** None where the line cannot be read. */
  readonly facts: readonly Fact[]
  /** What a person would write instead, where the line is meant to be rejected and somebody knows better. */
  readonly mended: UsageRow | null
}

/** How a file's text is written as bytes; the product tells it from the bytes. */
export type Writing = 'plain' | 'gzip' | 'with BOM' | 'UTF-16' | 'CRLF'

export interface UsageFile {
  readonly what: 'usage'
  readonly name: string
  /** Ids and contents are unique within it. */
  readonly source: string
  readonly options: ReadOptions
  /** A CSV's first line; null where the file has none. */
  readonly header: string | null
  readonly rows: readonly UsageRow[]
  readonly writing: Writing
}

export interface Bill {
  readonly provider: string
  readonly account: string
  readonly month: string
}

/** A charge line. `billed` is null where the amount cannot be read or does not fit. */
export interface CostRow {
  /** Title to cell; an empty cell is as good as none. */
  readonly cells: Readonly<Record<string, string>>
  readonly bill: Bill
  readonly startMs: number
  readonly service: string
  readonly team: string | null
  readonly currency: string
  readonly billed: Amount | null
  readonly effective: Amount | null
  readonly mended: CostRow | null
}

export interface CostFile {
  readonly what: 'cost'
  readonly name: string
  readonly source: string
  readonly options: ReadOptions
  /** Titles in the order of this delivery. */
  readonly header: readonly string[]
  readonly rows: readonly CostRow[]
  readonly writing: Writing
}

export type SimulatedFile = UsageFile | CostFile

/** What happens to the book, in order. `presentMs` is what the engine takes for the present then. */
export type Step =
  | {
      readonly step: 'import'
      readonly presentMs: number
      readonly file: SimulatedFile
      /** The engine's process is killed at this share of the time an import takes; then the file is imported again. */
      readonly killedAt: number | null
    }
  | { readonly step: 'answer quarantine'; readonly presentMs: number; readonly most: number }
  | { readonly step: 'reverse usage'; readonly presentMs: number; readonly most: number }
  | {
      readonly step: 'save customer'
      readonly presentMs: number
      readonly customer: string
      readonly tenants: readonly string[]
    }
  | { readonly step: 'define metric'; readonly presentMs: number; readonly metric: SimulatedMetric }
  | {
      readonly step: 'close month'
      readonly presentMs: number
      readonly month: string
      readonly killedAt: number | null
    }
  | { readonly step: 'kill a rebuild'; readonly presentMs: number; readonly killedAt: number }
  | { readonly step: 'check'; readonly presentMs: number; readonly month: string }

export interface SimulatedMetric {
  readonly metric: string
  readonly aggregation: 'sum' | 'max' | 'last' | 'unique_count'
  readonly scale: number
  readonly uniqueBy?: string
}
