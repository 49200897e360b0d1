/** The book's figures, asked through its contract and of its cube and ledger, as cells named like the auditor's. */
import type { Month } from '../../../src/domain/period.ts'
import { openCube } from '../../../src/main/cube/cube.ts'
import { costSlice } from '../../../src/main/cube/queries/cost.ts'
import { closeLedger, openLedgerForReading } from '../../../src/main/ledger/open.ts'
import { controlTotals, listMeasures } from '../../../src/main/ledger/read-totals.ts'
import type { Client } from '../../main/engine/house.ts'
import { textOf } from './amounts.ts'
import { PROVIDERS } from './bill-files.ts'
import { COST_DECIMALS } from './cost-journal.ts'
import type { Cells, UsageGrain } from './figures.ts'
import { USAGE_DECIMALS } from './usage-journal.ts'

export interface Span {
  readonly from: string
  readonly to: string
  readonly asOfBatch?: number
}

/** How the contract is asked as of a batch. */
const asOf = ({ asOfBatch }: Pick<Span, 'asOfBatch'>) =>
  asOfBatch === undefined ? {} : { asOf: String(asOfBatch) }
const key = (value: string | null | undefined): string => value ?? 'none'

export const bookUsage = async (
  client: Client,
  metric: string,
  grain: Exclude<UsageGrain, 'total'>,
  span: Span,
  groupBy: readonly string[] = ['tenant'],
): Promise<Cells> => {
  const report = await client.usage.query({
    metric,
    from: span.from as Month,
    to: span.to as Month,
    grain,
    groupBy: [...groupBy],
    filters: [],
    compare: 'none',
    ...asOf(span),
  })
  const cells: Cells = new Map()
  for (const { keys, values } of report.rows)
    for (const [index, value] of values.entries())
      if (value !== null) cells.set([...keys.map(key), report.buckets[index]].join(' · '), value)
  return cells
}

/** A maximum or a count of distinct things over many months is not the sum of its months. */
export const bookTotals = async (client: Client, metric: string, { from, to }: Span): Promise<Cells> => {
  const { rows } = await client.usage.query({
    metric,
    from: from as Month,
    to: to as Month,
    grain: 'month',
    groupBy: ['tenant'],
    filters: [],
    compare: 'none',
  })
  return new Map(rows.map(({ keys, total }) => [`${keys[0]} · total`, total]))
}

const ACCOUNTS = PROVIDERS.flatMap(({ provider, accounts }) =>
  accounts.map((account) => ({ provider, account })),
)

/** The cells of one month in the book's currency, account by account. */
export const bookCost = async (
  client: Client,
  month: string,
  known: Pick<Span, 'asOfBatch'> = {},
): Promise<Cells> => {
  const cells: Cells = new Map()
  for (const { provider, account } of ACCOUNTS) {
    const report = await client.cost.query({
      from: month as Month,
      to: month as Month,
      grain: 'month',
      groupBy: ['service', 'tag:team'],
      filters: [
        { field: 'provider', values: [provider] },
        { field: 'billing_account', values: [account] },
      ],
      ...asOf(known),
    })
    for (const { keys, billed, effective, entries } of report.rows)
      cells.set(
        `${report.currency} · ${provider} ${account} · ${key(keys[0])} · ${key(keys[1])} · ${month}`,
        `${billed} billed, ${effective} effective, ${entries} entries`,
      )
  }
  return cells
}

/** The month's cost by tenant, in the book's currency. */
export const bookTenantCost = async (client: Client, month: string): Promise<Cells> => {
  const { currency, rows } = await client.cost.query({
    from: month as Month,
    to: month as Month,
    grain: 'month',
    groupBy: ['tenant'],
    filters: [],
  })
  return new Map(
    rows.map(({ keys, billed, effective, entries }) => [
      `${currency} · ${key(keys[0])} · ${month}`,
      `${billed} billed, ${effective} effective, ${entries} entries`,
    ]),
  )
}

/** The cells of every currency, by day or month, from the cube itself. No engine may hold the book. */
export const cubeCost = async (
  directory: string,
  months: readonly string[],
  grain: 'day' | 'month',
): Promise<Cells> => {
  const cube = await openCube(directory)
  try {
    await cube.follow()
    const cells: Cells = new Map()
    for (const currency of ['EUR', 'USD', 'GBP'])
      for (const { provider, account } of ACCOUNTS) {
        const { rows } = await cube.read((connection) =>
          costSlice(connection, {
            months,
            currency,
            grain,
            groupBy: ['service', 'tag:team'],
            filters: [
              { field: 'provider', values: [provider] },
              { field: 'billing_account', values: [account] },
            ],
          }),
        )
        for (const { keys, bucket, billed, effective, entries } of rows)
          cells.set(
            `${currency} · ${provider} ${account} · ${key(keys[0])} · ${key(keys[1])} · ${bucket}`,
            `${billed} billed, ${effective} effective, ${entries} entries`,
          )
      }
    return cells
  } finally {
    await cube.close()
  }
}

/** What stands on the month's bills. */
export const bookBills = async (client: Client, month: string): Promise<Cells> => {
  const { bills } = await client.reconcile.month({ month: month as Month })
  return new Map(
    bills.map(({ provider, billingAccount, month: of, currency, ledgerBilled, entries }) => [
      `${provider} ${billingAccount} ${of} · ${currency}`,
      `${ledgerBilled} billed, ${entries} entries`,
    ]),
  )
}

export const ledgerControl = (directory: string): Cells => {
  const ledger = openLedgerForReading(directory)
  try {
    const control = controlTotals(ledger)
    const measures = new Map(listMeasures(ledger).map((measure) => [measure.measureNo, measure]))
    const metrics = new Map<string, { events: number; units: bigint }>()
    for (const [measureNo, { events, quantity }] of control.usage) {
      const { metric = '', scale = 0 } = measures.get(measureNo) ?? {}
      const sum = metrics.get(metric) ?? { events: 0, units: 0n }
      const units = quantity * 10n ** BigInt(USAGE_DECIMALS - scale)
      metrics.set(metric, { events: sum.events + events, units: sum.units + units })
    }
    const cells: Cells = new Map()
    for (const [metric, { events, units }] of metrics)
      cells.set(metric, `${events} events, ${textOf(units, USAGE_DECIMALS)}`)
    for (const [currency, { entries, billed, effective }] of control.cost)
      cells.set(
        currency,
        `${entries} entries, ${textOf(billed, COST_DECIMALS)} billed, ${textOf(effective, COST_DECIMALS)} effective`,
      )
    return cells
  } finally {
    closeLedger(ledger)
  }
}
