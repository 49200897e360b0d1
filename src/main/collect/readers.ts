/** Which reader takes a file, from its kind and options. */
import type { CsvMapping, FileKind, LogOptions } from '../../contract/sources.ts'
import { canonicalJson, type Json } from '../../domain/canonical.ts'
import type { Currency } from '../../domain/money.ts'
import { readAccessLog } from './files/access-log.ts'
import { readEvents } from './files/cloudevents.ts'
import { readCsvUsage } from './files/csv-usage.ts'
import { readFocus } from './files/focus.ts'
import type { TextSource } from './files/open-file.ts'
import type { ParsedCost, ParsedUsage, Reading, RecordSink } from './files/record.ts'
import type { UsageGatherer } from './usage-chunk.ts'

/** Everything a reader must know to read a file the same way again. */
export type ReaderChoice =
  | { readonly kind: 'cloudevents' | 'paigo' | 'focus' }
  | { readonly kind: 'access_log'; readonly log: LogOptions }
  | { readonly kind: 'csv'; readonly mapping: CsvMapping }

/** The name under which a source's records are kept where the user gives none. */
export const DEFAULT_SOURCES: Readonly<Record<FileKind, string>> = {
  cloudevents: 'Usage files',
  paigo: 'Usage files',
  csv: 'Usage files',
  access_log: 'Access logs',
  focus: 'Cost files',
}

export const DEFAULT_LOG: LogOptions = {
  tenantFrom: 'client',
  requestsMetric: 'http.requests',
  bytesMetric: 'http.response.bytes',
}

/** The choice as text: kept with each quarantined record, so that it can be read again once mended. */
export const choiceText = (choice: ReaderChoice): string => canonicalJson(choice as unknown as Json)

/** Whether records are known by an id of their own, so that one can come again with another value. */
export const hasIds = (choice: ReaderChoice): boolean =>
  choice.kind === 'cloudevents' ||
  choice.kind === 'paigo' ||
  (choice.kind === 'csv' && choice.mapping.id !== undefined)

export const parseChoice = (text: string): ReaderChoice => JSON.parse(text) as ReaderChoice

/** Where the records of an import go: to a sink, events to its gatherer where they can be taken unparsed. */
export interface Gathering {
  readonly sink: RecordSink
  readonly usage: UsageGatherer
}

export const startReading = (
  source: TextSource,
  choice: ReaderChoice,
  context: { readonly nowMs: number; readonly currency: Currency },
  gathering: Gathering | null = null,
): Reading<ParsedUsage | ParsedCost> => {
  const { nowMs } = context
  const sink = gathering?.sink ?? null
  switch (choice.kind) {
    case 'cloudevents':
    case 'paigo':
      return readEvents(source, { nowMs }, sink, gathering?.usage ?? null)
    case 'access_log':
      return readAccessLog(source, { ...choice.log, nowMs }, sink)
    case 'csv': {
      const { id, ...mapping } = choice.mapping
      return readCsvUsage(
        source,
        { mapping: { ...mapping, ...(id === undefined ? {} : { id }) }, nowMs },
        sink,
      )
    }
    case 'focus':
      return readFocus(source, { defaultCurrency: context.currency }, sink)
  }
}
