/** The files that the crash suite imports: some thousand events and charges, with all that can be wrong with them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ChargeRow, type EventRow, events, focus, gzip } from '../../main/engine/house.ts'

const EVENTS_A_FILE = 5_000
const CHARGES = 2_000

const range = <T>(count: number, of: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => of(index))

const event = (number: number): EventRow => [
  `e${number}`,
  number % 3 === 0 ? 'bytes' : 'calls',
  `tenant-${number % 50}`,
  new Date(Date.UTC(2026, 9, 1) + number * 70_000).toISOString(),
  String(number % 97),
  { region: number % 2 === 0 ? 'eu' : 'us' },
]

const charge = (number: number): ChargeRow => ({
  day: `2026-10-${String(1 + (number % 31)).padStart(2, '0')}`,
  service: `service ${number % 8}`,
  billed: `${number % 11}.${String(number).padStart(9, '0')}1`,
  app: `tenant-${number % 50}`,
})

/** Records that no reader takes; a person mends the value. */
const unreadable = (number: number): string =>
  `{"specversion":"1.0","id":"q${number}","source":"test","type":"calls","subject":"tenant-1","time":"2026-10-09T00:00:00Z","data":{"value":"many"}}`

/** Known events again, some of them with another value, unreadable ones, and new ones. */
const second = (): string => {
  const known = range(500, (index) => event(index * 3))
  const conflicting = range(20, (index): EventRow => {
    const [id, metric, tenant, time] = event(index * 5 + 1)
    return [id, metric, tenant, time, '12345']
  })
  const fresh = range(EVENTS_A_FILE, (index) => event(EVENTS_A_FILE + index))
  return [
    events([...known, ...conflicting, ...fresh.slice(0, 2_500)]),
    ...range(20, unreadable),
    events(fresh.slice(2_500)),
  ].join('\n')
}

/** Rows without ids, each of them there three times. */
const seats = (): string =>
  [
    'customer,day,quantity',
    ...range(1_500, (index) => `tenant-${index % 50},2026-10-${10 + (index % 10)},${index % 500}`),
  ].join('\n')

/** A newer delivery of the bill: some charges withdrawn, some changed, some added. */
const newerBill = (): ChargeRow[] => [
  ...range(CHARGES, charge).flatMap((row, index) => {
    if (index % 10 === 0) return []
    return index % 15 === 1 ? [{ ...row, billed: `${row.billed}5` }] : [row]
  }),
  ...range(200, (index) => charge(CHARGES + index)),
]

export const writeFiles = (folder: string): void => {
  const write = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content)
  write('usage-1.jsonl.gz', gzip(events(range(EVENTS_A_FILE, event))))
  write('usage-2.jsonl', second())
  write('usage-3.jsonl.gz', gzip(events(range(EVENTS_A_FILE, (index) => event(2 * EVENTS_A_FILE + index)))))
  write('seats.csv', seats())
  write('bill.csv', focus(range(CHARGES, charge)))
  write('bill-newer.csv', focus(newerBill()))
}
