/** The usage of many customers and months as one question: needs are asked once, whoever has them. */
import type { Customer } from '../../contract/customers.ts'
import { type DecimalText, sumDecimals, ZERO } from '../../domain/decimal.ts'
import { needKey } from '../../domain/invoice/ask.ts'
import type { MetricUsage, UsageNeed, UsageRow } from '../../domain/pricing/usage.ts'

/** A need, or what came of it after a batch. */
export interface AskedUsage extends UsageNeed {
  readonly afterBatch?: number
}

export interface AnsweredRow extends UsageRow {
  /** Index of the need asked. */
  readonly index: number
  readonly tenant: string
}

export interface AnsweredUsage {
  readonly rows: readonly AnsweredRow[]
  readonly openings: readonly {
    readonly index: number
    readonly tenant: string
    readonly opening: DecimalText
  }[]
}

export type AskUsage = (needs: readonly AskedUsage[]) => Promise<AnsweredUsage>

const isWhole = ({ cut }: UsageNeed): boolean => Object.keys(cut).length === 0

/** Gathers needs, asks for them at once, and reads the answers by customer or tenant. */
export const usageQuestion = () => {
  const needs: AskedUsage[] = []
  const indexes = new Map<string, number>()
  const ask = (need: AskedUsage): void => {
    const key = `${need.afterBatch ?? ''} ${needKey(need)}`
    if (indexes.has(key)) return
    indexes.set(key, needs.length)
    needs.push(need)
  }
  const answer = async (askUsage: AskUsage, customers: readonly Customer[]) => {
    const owners = new Map(customers.flatMap(({ id, tenants }) => tenants.map((tenant) => [tenant, id])))
    const { rows, openings } = needs.length === 0 ? { rows: [], openings: [] } : await askUsage(needs)
    const byOwner = needs.map(() => new Map<string, AnsweredRow[]>())
    for (const row of rows) {
      const owner = owners.get(row.tenant)
      const ofNeed = byOwner[row.index]
      if (owner === undefined || ofNeed === undefined) continue
      const known = ofNeed.get(owner)
      if (known === undefined) ofNeed.set(owner, [row])
      else known.push(row)
    }
    const openingOf = new Map(openings.map(({ index, tenant, opening }) => [`${index} ${tenant}`, opening]))
    const rowsOf = (need: AskedUsage, customerId: string) => {
      const index = indexes.get(`${need.afterBatch ?? ''} ${needKey(need)}`)
      if (index === undefined) throw new RangeError(`usage of ${need.metric} was not asked for`)
      return { index, rows: byOwner[index]?.get(customerId) ?? [] }
    }
    /**
     * A need's usage of a customer: added over its tenants, or one answer for each where levels are asked for.
     * @param without tenants that count as if they had none
     */
    const usageOf = (
      need: UsageNeed,
      customer: Customer,
      without: ReadonlySet<string>,
    ): readonly MetricUsage[] => {
      const { index, rows } = rowsOf(need, customer.id)
      const own = without.size === 0 ? rows : rows.filter(({ tenant }) => !without.has(tenant))
      const { metric, startMs, endMs, cut } = need
      if (cut.opening !== undefined)
        return customer.tenants.flatMap((tenant) => {
          const ofTenant = own.filter((row) => row.tenant === tenant)
          if (without.has(tenant)) return [{ metric, startMs, endMs, cut, tenant, rows: [], opening: ZERO }]
          const opening = openingOf.get(`${index} ${tenant}`)
          return ofTenant.length === 0 && opening === undefined
            ? []
            : [{ metric, startMs, endMs, cut, tenant, rows: ofTenant, opening: opening ?? ZERO }]
        })
      if (!isWhole(need))
        return [{ metric, startMs, endMs, cut, rows: own.toSorted((a, b) => a.startMs - b.startMs) }]
      const quantity = sumDecimals(own.map((row) => row.quantity))
      return [{ metric, startMs, endMs, cut, rows: [{ startMs, keys: [], quantity, events: own.length }] }]
    }
    return {
      usageOf,
      /** What came of a need after a batch, of one tenant of the customer. */
      rowsAfter: (need: AskedUsage, customerId: string, tenant: string): readonly AnsweredRow[] =>
        rowsOf(need, customerId).rows.filter((row) => row.tenant === tenant),
    }
  }
  return { ask, answer }
}
export type AnsweredQuestion = Awaited<ReturnType<ReturnType<typeof usageQuestion>['answer']>>
