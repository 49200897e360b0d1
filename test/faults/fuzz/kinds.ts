/** The kinds of files there are, with good small files of each as seeds to be spoilt. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Currency } from '../../../src/domain/money.ts'
import type { ReaderChoice } from '../../../src/main/collect/readers.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures')

/** 1 June 2026: after every good record of the seeds. */
const NOW_MS = Date.UTC(2026, 5, 1)
const USD = 'USD' as Currency
export const CONTEXT = { nowMs: NOW_MS, currency: USD } as const

export interface Kind {
  readonly name: string
  readonly choice: ReaderChoice
  /** Good files, and files of the fixtures that are good but for a row. */
  readonly seeds: readonly string[]
}

const firstLines = (file: string, count: number): string =>
  readFileSync(join(FIXTURES, file), 'utf8').split('\n').slice(0, count).join('\n').concat('\n')

/** The awkward files of a kind, as the text they hold; those that hold none are covered as bytes. */
const awkward = (belongs: (name: string) => boolean): readonly string[] =>
  readdirSync(join(FIXTURES, 'awkward'))
    .filter((name) => belongs(name) && !/truncated|checksum|workbook|parquet|binary|utf-16/.test(name))
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(FIXTURES, 'awkward', name))
      return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8')
    })

const EVENTS = `{"specversion":"1.0","id":"a1","source":"/api","type":"api.calls","subject":"acme","time":"2026-03-01T12:00:00Z","data":{"value":5,"region":"eu"}}
{"specversion":"1.0","id":"a2","source":"/api","type":"storage","subject":"globex","time":"2026-03-01T12:00:00.250+01:00","data":{"value":"0.125","from":"2026-03-01T10:00:00Z","to":"2026-03-01T11:00:00Z","dimensions":{"tier":"hot","n":1.5,"x":true}}}
{"specversion":"1.0","id":"a3","source":"/api","type":"api.calls","subject":"ümlaut 👍","time":"2026-02-28T23:59:59Z","comexampleext":1e3}
`
const PAIGO = `{"timestamp":"2026-03-01T12:00:00Z","customerId":"acme","dimensionId":"calls","recordValue":"12.5","metadata":{"region":"eu","n":3}}
{"timestamp":"2026-03-01T13:00:00Z","customerId":"acme","dimensionId":"calls","recordValue":7,"id":"p2"}
`
const USAGE_CSV = `customer,metric,quantity,date,note,when,id
acme,api.calls,10,2026-03-01,"one, two",1772323200,u1
globex,storage,0.125,2026-03-01T12:00:00Z,,1772323201.5,u2
"say ""hi""",api.calls,1E3,2026-03-01 12:00:00,"two
lines",1772323202,u3
`
const FOCUS_CSV = `BillingAccountId,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,BilledCost,EffectiveCost,ListCost,BillingCurrency,ProviderName,ServiceName,Tags,ConsumedQuantity
1,2026-03-01,2026-04-01,Usage,2026-03-01T00:00:00Z,2026-03-02T00:00:00Z,1.250000000001,1.25,NULL,USD,AWS,EC2,"{""team"":""core"",""n"":1.50}",3
1,2026-03-01,2026-04-01,Tax,2026-03-01 00:00:00,,-1E-9,,,EUR,AWS,Tax,,
`

export const KINDS: readonly Kind[] = [
  {
    name: 'events.jsonl',
    choice: { kind: 'cloudevents' },
    seeds: [EVENTS, PAIGO, EVENTS + PAIGO, ...awkward((name) => name.endsWith('.jsonl'))],
  },
  {
    name: 'usage.csv',
    choice: {
      kind: 'csv',
      mapping: {
        tenant: { column: 'customer' },
        metric: { column: 'metric' },
        quantity: { column: 'quantity' },
        time: { column: 'date', format: 'iso', timeZone: 'Europe/Berlin' },
        dimensions: ['note'],
      },
    },
    seeds: [
      USAGE_CSV,
      USAGE_CSV.replaceAll(',', ';'),
      ...awkward((name) => name.endsWith('.csv') && !name.startsWith('focus-')),
    ],
  },
  {
    name: 'usage-by-id.csv',
    choice: {
      kind: 'csv',
      mapping: {
        tenant: { fixed: 'acme' },
        metric: { column: 'metric' },
        quantity: { column: 'quantity' },
        time: { column: 'when', format: 'epoch_s', timeZone: 'UTC' },
        id: 'id',
        dimensions: [],
      },
    },
    seeds: [USAGE_CSV, USAGE_CSV.replaceAll(',', '\t')],
  },
  ...(
    [
      ['client.log', 'client'],
      ['segment.log', { segment: 1 }],
      ['pattern.log', { regex: '"GET /([^/ ]+)' }],
    ] as const
  ).map(
    ([name, tenantFrom]): Kind => ({
      name,
      choice: {
        kind: 'access_log',
        log: { tenantFrom, requestsMetric: 'http.requests', bytesMetric: 'http.response.bytes' },
      },
      seeds: [firstLines('apache-access.log', 3), ...awkward((file) => file.endsWith('.log'))],
    }),
  ),
  {
    name: 'focus.csv',
    choice: { kind: 'focus' },
    seeds: [
      FOCUS_CSV,
      firstLines('focus-1.0-sample.csv', 3),
      ...awkward((file) => file.startsWith('focus-')),
    ],
  },
]

export const choiceOf = (name: string): ReaderChoice => {
  const kind = KINDS.find((each) => each.name === name)
  if (kind === undefined) throw new Error(`there is no kind ${name}`)
  return kind.choice
}

/** Every fixture as its bytes. */
export const FIXTURE_BYTES: readonly Buffer[] = readdirSync(join(FIXTURES, 'awkward'))
  .sort()
  .map((name) => readFileSync(join(FIXTURES, 'awkward', name)))
