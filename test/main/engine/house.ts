/** A book with its engine, and what its tests ask of it in one line. Files are written, read and imported for real. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createRouterClient, type RouterClient } from '@orpc/server'
import type { ImportResult, Job } from '../../../src/contract/book.ts'
import type { ReadOptions } from '../../../src/contract/sources.ts'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { type Engine, type EngineOptions, startEngine } from '../../../src/main/engine/engine.ts'

export type Client = RouterClient<Engine['router']>

export interface House {
  readonly directory: string
  readonly engine: Engine
  readonly client: Client
  /** What the engine takes for the present; tests move it on. */
  readonly clock: { nowMs: () => number; set: (iso: string) => void }
  /** Writes a file beside the book and returns its path. */
  readonly file: (name: string, content: string | Buffer) => string
  readonly job: (started: Promise<{ jobId: string }>) => Promise<Job>
  /** Imports a file whole and returns what became of it. @throws Error where the job does not end well. */
  readonly import: (path: string, options?: ReadOptions) => Promise<ImportResult>
  /** The same, by a text. */
  readonly take: (name: string, content: string | Buffer, options?: ReadOptions) => Promise<ImportResult>
  /** The sentence an import is refused with. @throws Error where it is not refused. */
  readonly refusal: (name: string, content: string | Buffer, options?: ReadOptions) => Promise<string>
  /** Closes the engine and opens the same book again. */
  readonly reopen: () => Promise<House>
  readonly close: () => Promise<void>
}

export interface HouseOptions {
  readonly currency?: string
  readonly timeZone?: string
  readonly now?: string
  readonly environment?: NodeJS.ProcessEnv
  readonly engine?: Pick<EngineOptions, 'collectors' | 'timers'>
}

export const openHouse = async (options: HouseOptions = {}, base?: string): Promise<House> => {
  const root = base ?? mkdtempSync(join(tmpdir(), 'countinghouse-engine-'))
  const directory = join(root, 'book')
  mkdirSync(join(root, 'files'), { recursive: true })
  let present = Date.parse(options.now ?? '2026-11-10T12:00:00Z')
  const clock = {
    nowMs: () => present,
    set: (iso: string) => {
      present = Date.parse(iso)
    },
  }
  const engine = await startEngine({
    directory,
    clock,
    environment: options.environment ?? {},
    userName: 'Ada',
    ...options.engine,
  })
  const client = createRouterClient(engine.router, { context: { local: true } })
  if (!engine.hasBook())
    await client.book.create({
      name: 'Test',
      currency: options.currency ?? 'USD',
      timeZone: options.timeZone ?? 'UTC',
    })
  const file: House['file'] = (name, content) => {
    const path = join(root, 'files', name)
    writeFileSync(path, content)
    return path
  }
  const job: House['job'] = async (started) => {
    const { jobId } = await started
    let last = await client.jobs.get({ jobId })
    for await (const each of await client.jobs.watch({ jobId })) last = each
    return last
  }
  const begin = async (path: string, given: ReadOptions) => {
    const { fileId } = await client.files.openPath({ path })
    return job(client.imports.start({ fileId, options: given }))
  }
  const importPath: House['import'] = async (path, given = {}) => {
    const ended = await begin(path, given)
    if (ended.result?.kind !== 'import') throw new Error(`${ended.state}: ${ended.error?.message}`)
    return ended.result.import
  }
  return {
    directory,
    engine,
    client,
    clock,
    file,
    job,
    import: importPath,
    take: (name, content, given) => importPath(file(name, content), given),
    refusal: async (name, content, given = {}) => {
      const ended = await begin(file(name, content), given)
      if (ended.state !== 'failed') throw new Error(`it was not refused: ${ended.state}`)
      return ended.error?.message ?? ''
    },
    reopen: async () => {
      await engine.close()
      return openHouse({ ...options, now: new Date(present).toISOString() }, root)
    },
    close: async () => {
      await engine.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** One event of a table: id, metric, tenant, time, quantity, and dimensions. */
export type EventRow = readonly [
  id: string,
  metric: string,
  tenant: string,
  time: string,
  value: string,
  dimensions?: Readonly<Record<string, string>>,
]

export const events = (rows: readonly EventRow[], source = 'test'): string =>
  rows
    .map(([id, type, subject, time, value, dimensions]) =>
      JSON.stringify({ specversion: '1.0', id, source, type, subject, time, data: { value, ...dimensions } }),
    )
    .join('\n')

/** One charge line of a table. `day` begins the charge; its bill is of `month` where that is another. */
export interface ChargeRow {
  readonly day: string
  readonly service: string
  readonly billed: string
  readonly app?: string
  readonly resource?: string
  readonly account?: string
  readonly month?: string
  readonly currency?: string
}

const FOCUS = [
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

const nextMonth = (month: string): string =>
  new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)))).toISOString().slice(0, 7)

export const focus = (rows: readonly ChargeRow[]): string =>
  [
    FOCUS.join(','),
    ...rows.map(({ day, service, billed, app, resource, account, month, currency }) => {
      const bill = month ?? day.slice(0, 7)
      const next = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
      return [
        'AWS',
        account ?? '1',
        `${bill}-01T00:00:00Z`,
        `${nextMonth(bill)}-01T00:00:00Z`,
        `${day}T00:00:00Z`,
        `${next}T00:00:00Z`,
        'Usage',
        service,
        resource ?? '',
        billed,
        billed,
        currency ?? 'USD',
        app === undefined ? '' : `"{""app"": ""${app}""}"`,
      ].join(',')
    }),
  ].join('\n')

export const gzip = (text: string): Buffer => gzipSync(text)

/** Gives each charge to the tenant that its tag `app` names. */
export const claimByApp = (client: Client) =>
  client.rules.save({
    rules: [
      {
        id: 'app',
        name: 'By app',
        conditions: [{ field: 'tag:app', operator: 'present', value: '' }],
        target: { kind: 'value' },
      },
    ],
    expectedVersion: 0,
  })

/** A customer with its rate card and contract, in one call. */
export const sell = async (
  client: Client,
  customer: { readonly id: string; readonly tenants?: readonly string[] },
  card: { readonly id: string; readonly effectiveFrom?: string; readonly charges: readonly Charge[] },
  terms: {
    readonly startDay?: string
    readonly endDay?: string | null
    readonly discountPercent?: string
    readonly chargeDiscounts?: Readonly<Record<string, string>>
    readonly monthlyCommitment?: string | null
  } = {},
): Promise<void> => {
  const known = (await client.rateCards.list()).some((each) => each.card.id === card.id)
  if (!known)
    await client.rateCards.save({
      id: card.id,
      name: card.id,
      currency: (await client.book.status()).settings?.currency ?? 'USD',
      effectiveFrom: card.effectiveFrom ?? '2020-01-01',
      charges: [...card.charges],
      expectedVersion: 0,
    })
  await client.customers.save({
    id: customer.id,
    name: customer.id,
    email: null,
    tenants: [...(customer.tenants ?? [customer.id])],
    stripeCustomerId: null,
    expectedVersion: 0,
  })
  await client.customers.saveContract({
    id: `${customer.id}-1`,
    customerId: customer.id,
    rateCardId: card.id,
    startDay: terms.startDay ?? '2020-01-01',
    endDay: terms.endDay ?? null,
    discountPercent: (terms.discountPercent ?? '0') as DecimalText,
    chargeDiscounts: (terms.chargeDiscounts ?? {}) as Record<string, DecimalText>,
    monthlyCommitment: (terms.monthlyCommitment ?? null) as DecimalText | null,
    expectedVersion: 0,
  })
}

/** Runs a month and returns the result. @throws Error where the job does not end well. */
export const runMonth = async (house: House, month: string) => {
  const ended = await house.job(house.client.invoices.run({ month: month as Month }))
  if (ended.result?.kind !== 'invoice_run') throw new Error(`${ended.state}: ${ended.error?.message}`)
  return ended.result.run
}

/** `line description quantity amount` of each line, as a bookkeeper would read the invoice. */
export const linesOf = async (client: Client, invoiceId: string): Promise<string[]> => {
  const { invoice } = await client.invoices.get({ invoiceId })
  return invoice.lines.map(
    ({ description, quantity, amount }) => `${description} ${quantity ?? '–'} ${amount}`,
  )
}

export const totalOf = async (client: Client, invoiceId: string): Promise<string> =>
  (await client.invoices.get({ invoiceId })).invoice.total

export const verify = async (house: House) => {
  const ended = await house.job(house.client.ledger.verify())
  if (ended.result?.kind !== 'verify') throw new Error(`${ended.state}: ${ended.error?.message}`)
  return ended.result.verify
}
