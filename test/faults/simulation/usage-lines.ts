/** Facts as lines of files, in the many ways the formats allow (docs/formats/usage.md). */

import { textOf } from './amounts.ts'
import { csvLine } from './auditor.ts'
import { TIME_ZONE } from './local-time.ts'
import type { Random } from './random.ts'
import type { Amount, Fact } from './records.ts'

const ZONES: readonly (readonly [text: string, minutes: number])[] = [
  ['Z', 0],
  ['+00:00', 0],
  ['+01:00', 60],
  ['+02:00', 120],
  ['-05:30', -330],
  ['+05:45', 345],
]

/** RFC 3339, in some zone, and sometimes with digits finer than are kept. */
const rfc3339 = (random: Random, ms: number): string => {
  const [zone, minutes] = random.pick(ZONES)
  const local = new Date(ms + minutes * 60_000).toISOString().slice(0, -1)
  return `${local}${random.chance(10) ? random.pick(['999', '000001', '5']) : ''}${zone}`
}

/** A number as JSON may write it. */
const jsonNumber = (random: Random, { units, decimals }: Amount): string => {
  const plain = textOf(units, decimals)
  if (units === 0n && random.chance(30)) return random.pick(['-0', '0.000', '0E+5'])
  if (random.chance(5)) return `${units}e-${decimals}`
  if (random.chance(5)) return plain.includes('.') ? `${plain}00` : `${plain}.0`
  if (random.chance(5) && decimals === 0 && units !== 0n && units % 100n === 0n) return `${units / 100n}E+2`
  return plain
}

const textNumber = (random: Random, amount: Amount): string =>
  random.chance(10) && amount.units >= 0n
    ? `+${textOf(amount.units, amount.decimals)}`
    : jsonNumber(random, amount)

const jsonObject = (members: readonly (readonly [key: string, json: string])[]): string =>
  `{${members.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`

const dimensionJson = (value: string): string => (/^\d+$/.test(value) ? value : JSON.stringify(value))

const msOf = (moment: Fact['start']): number => {
  if ('ms' in moment) return moment.ms
  throw new Error('an event says its zone')
}

/** A CloudEvent. Its identity is the JSON of its source and id. */
export const cloudEvent = (random: Random, fact: Fact): string => {
  const [source, id] = JSON.parse(fact.identity.text) as [string, string]
  const dimensions = Object.entries(fact.dimensions).map(
    ([key, value]) => [key, dimensionJson(value)] as const,
  )
  const { amount } = fact
  const isOne = amount.units === 1n && amount.decimals === 0
  const value = random.chance(50) ? jsonNumber(random, amount) : JSON.stringify(textNumber(random, amount))
  const data = [
    ...(isOne && random.chance(50) ? [] : [['value', value] as const]),
    ...(fact.end === null
      ? []
      : [
          ['from', JSON.stringify(rfc3339(random, msOf(fact.start)))] as const,
          ['to', JSON.stringify(rfc3339(random, msOf(fact.end)))] as const,
        ]),
    ...(random.chance(50)
      ? dimensions
      : [['dimensions', jsonObject(dimensions)] as const, ['note', '"not a dimension"'] as const]),
  ]
  return jsonObject(
    random.shuffled([
      ['specversion', '"1.0"'],
      ['id', JSON.stringify(id)],
      ['source', JSON.stringify(source)],
      ['type', JSON.stringify(fact.metric)],
      ['subject', JSON.stringify(fact.tenant)],
      ['time', JSON.stringify(rfc3339(random, msOf(fact.end ?? fact.start)))],
      ['data', jsonObject(data)],
    ]),
  )
}

/** Paigo's record without an id: known by its content. */
export const paigoRecord = (random: Random, fact: Omit<Fact, 'identity'>): string =>
  jsonObject([
    ['timestamp', JSON.stringify(new Date(msOf(fact.start)).toISOString())],
    ['customerId', JSON.stringify(fact.tenant)],
    ['dimensionId', JSON.stringify(fact.metric)],
    ['recordValue', jsonNumber(random, fact.amount)],
    [
      'metadata',
      jsonObject(Object.entries(fact.dimensions).map(([key, value]) => [key, dimensionJson(value)])),
    ],
  ])

export const CSV_TITLES = ['Row', 'Customer', 'Meter', 'Quantity', 'When', 'Region']
/** Rows of a meter, whose times are meant in the book's zone. With `id` known by the row's number, else by content. */
export const csvMapping = (withId: boolean) => ({
  tenant: { column: 'Customer' },
  metric: { column: 'Meter' },
  quantity: { column: 'Quantity' },
  time: { column: 'When', format: 'iso' as const, timeZone: TIME_ZONE },
  ...(withId ? { id: 'Row' } : {}),
  dimensions: ['Region'],
})

/** The dimension is known under the column's title. */
export const csvRow = (random: Random, fact: Omit<Fact, 'identity'>, id: string): string =>
  csvLine([
    id,
    fact.tenant,
    fact.metric,
    textNumber(random, fact.amount),
    'local' in fact.start ? fact.start.local : new Date(fact.start.ms).toISOString(),
    fact.dimensions.Region ?? '',
  ])

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** A line of an access log; the tenant is the first segment of the path. */
export const logLine = (
  random: Random,
  tenant: string,
  ms: number,
  bytes: bigint,
): { readonly line: string; readonly dimensions: Readonly<Record<string, string>> } => {
  const [zone, minutes] = random.pick(ZONES.slice(1))
  const [day, time] = new Date(ms + minutes * 60_000).toISOString().slice(0, 19).split('T') as [
    string,
    string,
  ]
  const date = `${day.slice(8)}/${MONTHS[Number(day.slice(5, 7)) - 1]}/${day.slice(0, 4)}`
  const method = random.pick(['GET', 'POST', 'PUT'])
  const status = random.pick(['200', '204', '404', '500'])
  const sent = bytes === 0n ? '-' : String(bytes)
  return {
    line: `10.0.0.${random.below(250)} - - [${date}:${time} ${zone.replace(':', '')}] "${method} /${tenant}/v1?q=${random.below(9)} HTTP/1.1" ${status} ${sent} "-" "agent"`,
    dimensions: { method, path_1: tenant, status },
  }
}
export const REQUESTS_METRIC = 'http.requests'
export const BYTES_METRIC = 'http.response.bytes'
