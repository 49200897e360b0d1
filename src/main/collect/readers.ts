/** Which reader takes a file, from its kind and options. */
import type { CsvMapping, FileKind, LogOptions } from '../../contract/sources.ts'
import { canonicalJson, type Json } from '../../domain/canonical.ts'
import type { Currency } from '../../domain/money.ts'
import { readAccessLog } from './files/access-log.ts'
import { readEvents } from './files/cloudevents.ts'
import { readCsvUsage } from './files/csv-usage.ts'
import { readFocus } from './files/focus.ts'
import type { TextSource } from './files/open-file.ts'
import type { ParsedCost, ParsedUsage, Reading } from './files/record.ts'

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

export const startReading = (
  source: TextSource,
  choice: ReaderChoice,
  context: { readonly nowMs: number; readonly currency: Currency },
): Reading<ParsedUsage | ParsedCost> => {
  const { nowMs } = context
  switch (choice.kind) {
    case 'cloudevents':
    case 'paigo':
      return readEvents(source, { nowMs })
    case 'access_log':
      return readAccessLog(source, { ...choice.log, nowMs })
    case 'csv': {
      const { id, ...mapping } = choice.mapping
      return readCsvUsage(source, { mapping: { ...mapping, ...(id === undefined ? {} : { id }) }, nowMs })
    }
    case 'focus':
      return readFocus(source, { defaultCurrency: context.currency })
  }
}
