import { parseCurrency } from '../../../../src/domain/money.ts'
import { readAccessLog } from '../../../../src/main/collect/files/access-log.ts'
import { readEvents } from '../../../../src/main/collect/files/cloudevents.ts'
import { csvUsageMappingSchema, readCsvUsage } from '../../../../src/main/collect/files/csv-usage.ts'
import { readFocus } from '../../../../src/main/collect/files/focus.ts'
import type { TextSource } from '../../../../src/main/collect/files/open-file.ts'
import type { ParsedCost, ParsedUsage, Reading } from '../../../../src/main/collect/files/record.ts'
import { NOW_MS } from './helpers.ts'

export const MAPPING = csvUsageMappingSchema.parse({
  tenant: { column: 'customer' },
  metric: { column: 'metric' },
  quantity: { column: 'quantity' },
  time: { column: 'date', format: 'iso' },
  dimensions: ['note'],
})

export const USD = parseCurrency('USD') ?? ('' as never)

/** The reader that a fixture's name asks for. */
export const readFixture = (source: TextSource): Reading<ParsedUsage | ParsedCost> => {
  if (source.name.startsWith('focus-')) return readFocus(source, { defaultCurrency: USD })
  if (source.name.endsWith('.csv')) return readCsvUsage(source, { mapping: MAPPING, nowMs: NOW_MS })
  if (source.name.endsWith('.log'))
    return readAccessLog(source, { tenantFrom: { segment: 2 }, nowMs: NOW_MS })
  return readEvents(source, { nowMs: NOW_MS })
}
