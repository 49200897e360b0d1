/** Bills of a month and what their provider delivers of them again and again: FOCUS files (docs/formats/focus.md). */
import { amountOf, textOf } from './amounts.ts'
import { addMonths } from './local-time.ts'
import type { Random } from './random.ts'
import type { Amount, Bill, CostFile, CostRow } from './records.ts'
import { WRITINGS } from './usage-files.ts'

const TITLES = [
  'ProviderName',
  'BillingAccountId',
  'BillingPeriodStart',
  'BillingPeriodEnd',
  'ChargePeriodStart',
  'ChargePeriodEnd',
  'ChargeCategory',
  'ServiceName',
  'ResourceId',
  'BilledCost',
  'EffectiveCost',
  'BillingCurrency',
  'Tags',
]

/** Each of these sends one file with all of its accounts. */
export const PROVIDERS = [
  { provider: 'AWS', accounts: ['a-1', 'a-2'], currencies: ['USD'], sends: 'restate' },
  { provider: 'Google', accounts: ['g-1'], currencies: ['EUR', 'USD', 'GBP'], sends: 'restate' },
  { provider: 'Hetzner', accounts: ['h-1'], currencies: ['EUR'], sends: 'restate' },
  // Sends what is new and nothing else.
  { provider: 'Metered', accounts: ['m-1'], currencies: ['EUR'], sends: 'add' },
] as const
export type Provider = (typeof PROVIDERS)[number]

const SERVICES = ['Compute', 'Storage', 'Network, regional', 'Data "warehouse"', 'Support']
const TEAMS = ['core', 'search', 'ads', 'größe']
const HOUR_MS = 3_600_000

const billed = (random: Random): Amount => {
  const decimals = random.pick([0, 1, 2, 2, 2, 6, 9, 12, 18])
  let units = BigInt(random.between(1, 999_999))
  if (decimals > 6)
    for (let i = 0; i < decimals - 5; i += 5) units = units * 100_000n + BigInt(random.below(99_999))
  if (random.chance(1)) return amountOf(BigInt(random.between(1, 9)), 18)
  return amountOf(random.chance(8) ? -units : units, decimals)
}

const written = (random: Random, { units, decimals }: Amount): string => {
  if (random.chance(8)) return `${units}E-${decimals}`
  const plain = textOf(units, decimals)
  return random.chance(8) ? `${plain}${plain.includes('.') ? '000' : '.00'}` : plain
}

/** As ISO times may be written; without a zone they are UTC. */
const timeText = (random: Random, ms: number): string => {
  const iso = new Date(ms).toISOString()
  if (iso.endsWith('T00:00:00.000Z') && random.chance(30)) return iso.slice(0, 10)
  return random.pick([iso, iso.replace('.000Z', 'Z'), iso.slice(0, 19).replace('T', ' ')])
}

const monthStart = (month: string): number => Date.parse(`${month}-01T00:00:00Z`)

const costRow = (random: Random, provider: Provider, month: string, name: string): CostRow => {
  const bill: Bill = { provider: provider.provider, account: random.pick(provider.accounts), month }
  const hours = Math.round((monthStart(addMonths(month, 1)) - monthStart(month)) / HOUR_MS)
  // Some charges lie outside of the month that they are billed in.
  const startMs =
    monthStart(month) + HOUR_MS * (random.chance(3) ? random.between(-90, hours + 90) : random.below(hours))
  const amount = billed(random)
  const effective = random.chance(60) ? amount : random.chance(60) ? billed(random) : null
  const currency = random.pick(provider.currencies)
  const team = random.chance(75) ? random.pick(TEAMS) : null
  const service = random.chance(2) ? '' : random.pick(SERVICES)
  // An empty currency is the book's, and an empty billing period is that of the charge, where that is the same.
  const sameMonth = new Date(startMs).toISOString().slice(0, 7) === month
  const cells = {
    ProviderName: provider.provider,
    BillingAccountId: bill.account,
    BillingPeriodStart: sameMonth && random.chance(10) ? 'NULL' : `${month}-01T00:00:00Z`,
    BillingPeriodEnd: `${addMonths(month, 1)}-01T00:00:00Z`,
    ChargePeriodStart: timeText(random, startMs),
    ChargePeriodEnd: timeText(random, startMs + HOUR_MS),
    ChargeCategory: amount.units < 0n ? 'Credit' : 'Usage',
    ServiceName: service,
    ResourceId: name,
    BilledCost: written(random, amount),
    EffectiveCost: effective === null ? '' : written(random, effective),
    BillingCurrency: currency === 'EUR' && random.chance(10) ? '' : currency,
    Tags: team === null ? '' : JSON.stringify(random.chance(50) ? { team } : { team, stage: 7, empty: null }),
  }
  return { cells, bill, startMs, service, team, currency, billed: amount, effective, mended: null }
}

/** The row with an amount that nobody can keep; mended, it is what it was. */
const spoilt = (random: Random, row: CostRow): CostRow => ({
  ...row,
  cells: {
    ...row.cells,
    BilledCost: random.pick(['12,5', '€ 3', '0.1234567890123456789', '123456789012345678901', '']),
  },
  billed: null,
  mended: random.chance(70) ? row : null,
})

/** The same bill with another amount: for a provider that is another row. */
const changed = (random: Random, row: CostRow): CostRow => {
  const amount = billed(random)
  return {
    ...row,
    cells: { ...row.cells, BilledCost: written(random, amount), EffectiveCost: '' },
    billed: amount,
    effective: null,
  }
}

/** One provider's bills, as far as it has sent them. */
export const billFiles = (provider: Provider) => {
  let resources = 0
  const current = new Map<string, CostRow[]>()
  const withdrawn = new Map<string, CostRow[]>()

  return (random: Random, name: string, month: string, fresh: number): CostFile => {
    const before = current.get(month) ?? []
    const gone = withdrawn.get(month) ?? []
    const added = Array.from({ length: fresh }, () =>
      costRow(random, provider, month, `r-${resources++}${random.chance(5) ? ', spare' : ''}`),
    )
    // Rows that are alike in everything count as often as they stand there.
    const copies = added.filter(() => random.chance(2))
    let rows = [...added, ...copies]
    if (provider.sends === 'restate') {
      const staying = before.filter(() => !random.chance(3))
      const leaving = before.filter((row) => !staying.includes(row))
      const returning = gone.filter(() => random.chance(30))
      rows = [...staying.map((row) => (random.chance(3) ? changed(random, row) : row)), ...returning, ...rows]
      withdrawn.set(month, [...gone.filter((row) => !returning.includes(row)), ...leaving])
    }
    current.set(month, rows)
    // More often where nothing can have vanished: a spoilt delivery of a known bill is mostly refused.
    const isFirst = before.length === 0
    const sent = rows.map((row, index) =>
      index < 2 && random.chance(isFirst ? 30 : 4) ? spoilt(random, row) : row,
    )
    const header = random.chance(40) ? random.shuffled(TITLES) : TITLES
    return {
      what: 'cost',
      name,
      source: 'Bills',
      options: {
        source: 'Bills',
        delivery: provider.sends,
        ...(random.chance(50) ? {} : { kind: 'focus' as const }),
      },
      header: random.chance(20) ? [...header, 'x_Empty'] : header,
      rows: random.shuffled(sent),
      writing: random.pick(WRITINGS),
    }
  }
}
