/** What valid records say is what is read, to the last digit. */
import { strict as assert } from 'node:assert'
import { textSource } from '../../../src/main/collect/files/open-file.ts'
import type { ReaderChoice } from '../../../src/main/collect/readers.ts'
import { checkAccounts, readAll } from './properties.ts'
import type { ValidCost, ValidRecord } from './valid-records.ts'

const EVENTS: ReaderChoice = { kind: 'cloudevents' }
const ROWS: ReaderChoice = {
  kind: 'csv',
  mapping: {
    tenant: { column: 'tenant' },
    metric: { column: 'metric' },
    quantity: { column: 'quantity' },
    time: { column: 'time', format: 'iso', timeZone: 'UTC' },
    dimensions: [],
  },
}

const checkUsage = async (
  text: string,
  choice: ReaderChoice,
  records: readonly ValidRecord[],
  firstRow: number,
) => {
  const outcome = await readAll(textSource('valid', text), choice)
  checkAccounts('valid', outcome)
  assert.deepEqual(outcome.rejected, [])
  assert.deepEqual(
    outcome.entries.map(
      (entry) =>
        entry.kind === 'usage' && [entry.row, ...meaningOf({ ...entry, quantity: entry.quantityText })],
    ),
    records.map((record, i) => [i + firstRow, ...meaningOf(record)]),
  )
}

const meaningOf = (record: Omit<ValidRecord, 'line'>) => [
  record.tenant,
  record.metric,
  record.quantity,
  record.startMs,
  record.endMs,
  Object.entries(record.dimensions).sort(([a], [b]) => (a < b ? -1 : 1)),
]

export const checkValidEvents = (records: readonly ValidRecord[]): Promise<void> =>
  checkUsage(records.map(({ line }) => `${line}\n`).join(''), EVENTS, records, 1)

export const checkValidRows = (records: readonly ValidRecord[]): Promise<void> =>
  checkUsage(`tenant,metric,quantity,time\n${records.map(({ line }) => line).join('\r\n')}`, ROWS, records, 2)

export const checkValidCosts = async (records: readonly ValidCost[]): Promise<void> => {
  const text = `ChargeCategory,ChargePeriodStart,BilledCost,ServiceName\n${records.map(({ line }) => line).join('\n')}`
  const outcome = await readAll(textSource('valid', text), { kind: 'focus' })
  checkAccounts('valid', outcome)
  assert.deepEqual(outcome.rejected, [])
  assert.deepEqual(
    outcome.entries.map((entry) => entry.kind === 'cost' && [entry.row, entry.startMs, entry.billedCost]),
    records.map((record, i) => [i + 2, record.startMs, record.billed]),
  )
}
