/** The book of ledger version 1 that test/fixtures keeps: unpacked, and what it must say for ever. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { CsvMapping } from '../../src/contract/sources.ts'
import type { Month } from '../../src/domain/period.ts'
import { LEDGER_FILE } from '../../src/main/ledger/open.ts'
import type { Client } from '../main/engine/house.ts'
import type { LedgerFacts } from './ledger-facts.ts'

export const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url))

/** How the fixture's seats.csv was read. */
export const SEATS: CsvMapping = {
  tenant: { column: 'customer' },
  metric: { fixed: 'seats' },
  quantity: { column: 'quantity' },
  time: { column: 'day', format: 'iso', timeZone: 'Europe/Berlin' },
  dimensions: ['note'],
}

/** Without the batch that the figures are as of, which version 1 did not say. */
const figuresOf = <Report extends { readonly asOf: unknown }>({ asOf, ...figures }: Report) => figures

/** Every metric and all cost of the fixture's months. */
export const slicesOf = async (client: Client) => {
  const span = { from: '2026-09' as Month, to: '2026-11' as Month, grain: 'month' as const, filters: [] }
  const usage: Record<string, unknown> = {}
  for (const metric of ['calls', 'storage', 'bytes', 'seats', 'http.requests', 'http.response.bytes'])
    usage[metric] = figuresOf(
      await client.usage.query({ ...span, metric, groupBy: ['tenant'], compare: 'none' }),
    )
  return { usage, cost: figuresOf(await client.cost.query({ ...span, groupBy: ['service'] })) }
}

export interface LedgerV1 {
  readonly ledgerVersion: number
  readonly ledger: LedgerFacts
  /** The usage event that was reversed, and the one that was reversed and came back. */
  readonly withdrawn: number
  readonly returned: number
  readonly slices: Awaited<ReturnType<typeof slicesOf>>
}

/** What the fixture says. */
export const readLedgerV1 = (): LedgerV1 =>
  JSON.parse(readFileSync(join(FIXTURES, 'ledger-v1.json'), 'utf8')) as LedgerV1

/** Puts the fixture's ledger into a folder, which becomes a book. */
export const unpackLedgerV1 = (directory: string): void => {
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, LEDGER_FILE), gunzipSync(readFileSync(join(FIXTURES, 'ledger-v1.sqlite.gz'))))
}
