import { z } from 'zod'
import { contract as contractSchema } from '../../../contract/agreements.ts'
import { id as idSchema } from '../../../contract/common.ts'
import type { Customer } from '../../../contract/customers.ts'
import type { DecimalText } from '../../../domain/decimal.ts'
import { marginOf } from '../../../domain/margin.ts'
import { addMonths, type Month, monthPeriod, monthsBetween } from '../../../domain/period.ts'
import type { Contract } from '../../../domain/pricing/contract.ts'
import { diffContracts } from '../../../domain/pricing/contract-words.ts'
import type { Charge, RateCard, RatingSettings } from '../../../domain/pricing/ratecard.ts'
import { settingsOfVersion } from '../../../domain/pricing/settings.ts'
import { validateRateCardVersion } from '../../../domain/pricing/validate.ts'
import { billedTwice, validateContract } from '../../../domain/pricing/validate-contract.ts'
import { contractInMonth } from '../../bill/contract-months.ts'
import type { Put } from '../documents.ts'
import { api, type EngineState } from '../engine-state.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { notFound, refused } from '../refusals.ts'
import { costOf } from '../reports/month-cost.ts'
import { revenueOf } from '../reports/revenue.ts'
import { customersOf, latestMonth, metricsOf, type Session } from '../session.ts'

const MONTHS_SHOWN = 14

/** @throws REFUSED where a tenant belongs to another customer already. */
export const checkTenants = (session: Session, customers: readonly Customer[]): void => {
  const owners = new Map<string, Customer>()
  const changed = new Set(customers.map(({ id }) => id))
  for (const other of [...customersOf(session).filter(({ id }) => !changed.has(id)), ...customers])
    for (const tenant of other.tenants) {
      const owner = owners.get(tenant)
      if (owner !== undefined)
        throw refused(
          'tenant_has_another_customer',
          owner.id === other.id
            ? `${other.name} names the tenant ${tenant} twice. Nothing was saved.`
            : `The tenant ${tenant} belongs to ${owner.name} already; a tenant has one customer. Nothing was saved; take it from ${owner.name} first.`,
        )
      owners.set(tenant, other)
    }
}

/** @throws REFUSED where the contract can't hold beside the customer's others. */
export const checkContract = (session: Session, contract: Contract): void => {
  if (session.one('customer', contract.customerId) === null)
    throw refused('customer_is_unknown', `There is no customer ${contract.customerId}. Nothing was saved.`)
  const card = session.one('rate_card', contract.rateCardId)
  if (card === null)
    throw refused('rate_card_is_unknown', `There is no rate card ${contract.rateCardId}. Nothing was saved.`)
  const wrong = validateContract(contract, card.content)
  const [first] = wrong
  if (first !== undefined) throw refused(first.code, `${first.message} Nothing was saved.`, [...wrong])
  const own = { contract, card: card.content }
  for (const { content: other } of session.all('contract')) {
    if (other.id === contract.id || other.customerId !== contract.customerId) continue
    const otherCard = session.one('rate_card', other.rateCardId)?.content
    const twice = otherCard === undefined ? null : billedTwice(own, { contract: other, card: otherCard })
    if (twice !== null)
      throw refused(
        'contracts_bill_the_same_usage',
        `${contract.id} and ${other.id} hold on the same days, and both price ${twice.metric} (${twice.charges.join(', ')}): it would be billed twice. Nothing was saved; end ${other.id} before ${contract.startDay}, start later, or take the charge out of one.`,
      )
  }
}

const months = (session: Session, last: Month): readonly Month[] => {
  const first = (session.months()[0]?.month ?? last) as Month
  const start = addMonths(last, 1 - MONTHS_SHOWN)
  return monthsBetween(first > start ? first : start, last)
}

const cardName = (session: Session, id: string) => session.one('rate_card', id)?.content.name ?? id

/** What each version of a contract changed, in words. */
const changesOf = (session: Session, before: Contract | null, after: Contract): string[] => {
  const card = session.one('rate_card', after.rateCardId)?.content
  const charges = [
    ...(after.charges ?? []),
    ...(card?.versions.flatMap((version) => version.charges).reverse() ?? []),
  ]
  const currency = after.currency ?? card?.currency ?? session.settings().currency
  return before === null
    ? []
    : [
        ...diffContracts(before, after, {
          metrics: metricsOf(session),
          currency,
          charges,
          cardNames: new Map(session.all('rate_card').map(({ id, content }) => [id, content.name])),
        }),
      ]
}

const customerPage = async (session: Session, customerId: string) => {
  const stored = session.one('customer', customerId)
  if (stored === null) throw notFound(`There is no customer ${customerId}.`)
  const { currency, timeZone } = session.settings()
  const last = latestMonth(session)
  const shown = last === null ? [] : months(session, last)
  const [revenues, costs] = await Promise.all([revenueOf(session, shown), costOf(session, shown)])
  const invoices = session
    .all('invoice')
    .flatMap(({ content }) => (content.customerId === customerId ? [content] : []))
  const metrics = metricsOf(session)
  const requests = shown.flatMap((month) =>
    metrics.map(({ metric }) => ({ month, metric, ...monthPeriod(month, timeZone) })),
  )
  const slices = await Promise.all(
    shown.length === 0
      ? []
      : metrics.map(async (metric) => ({
          metric,
          rows: (
            await session.cube.usageSlice({
              metric: metric.metric,
              startMs: requests[0]?.startMs ?? 0,
              endMs: requests.at(-1)?.endMs ?? 0,
              grain: 'month',
              groupBy: [],
              filters: [{ field: 'customer', values: [customerId] }],
            })
          ).rows,
        })),
  )
  return {
    customer: stored.content,
    version: stored.version,
    contracts: session
      .all('contract')
      .filter(({ content }) => content.customerId === customerId)
      .sort((a, b) => b.content.startDay.localeCompare(a.content.startDay))
      .map(({ content, version }) => ({
        contract: content,
        version,
        rateCardName: cardName(session, content.rateCardId),
      })),
    months: shown.map((month) => {
      const revenue = revenues.get(month)?.byCustomer.get(customerId)?.total ?? null
      const directCost = costs.get(month)?.byCustomer.get(customerId) ?? null
      const invoice =
        invoices.find((each) => each.month === month && each.state !== 'void') ??
        invoices.find((each) => each.month === month)
      return {
        month,
        revenue,
        directCost,
        marginPercent: marginOf(revenue, directCost).marginPercent,
        invoiceId: invoice?.id ?? null,
        invoiceState: invoice?.state ?? null,
      }
    }),
    usage: slices.flatMap(({ metric, rows }) =>
      rows.map(({ bucket, quantity }) => ({
        metric: metric.metric,
        name: metric.name,
        unit: metric.unit,
        month: bucket as Month,
        quantity,
      })),
    ),
    currency,
    asOf: knownTo(session),
  }
}

const customerList = async (session: Session, asked: Month | undefined) => {
  const { currency } = session.settings()
  const month = asked ?? latestMonth(session)
  const shown = month === null ? [] : [month]
  const [revenues, costs, tenants] = await Promise.all([
    revenueOf(session, shown),
    costOf(session, shown),
    session.cube.tenantsSeen({}),
  ])
  const lastUsage = new Map<string, number>()
  for (const { customerId, lastMs } of tenants)
    if (customerId !== null) lastUsage.set(customerId, Math.max(lastMs, lastUsage.get(customerId) ?? 0))
  const contracts = session.all('contract').map(({ content }) => content)
  return {
    currency,
    month,
    rows: session.all('customer').map(({ content: customer, version }) => {
      const revenue =
        month === null ? null : (revenues.get(month)?.byCustomer.get(customer.id)?.total ?? null)
      const directCost: DecimalText | null =
        month === null ? null : (costs.get(month)?.byCustomer.get(customer.id) ?? null)
      const contract =
        month === null
          ? contracts.find(({ customerId }) => customerId === customer.id)
          : contractInMonth(contracts, customer.id, month)
      return {
        customer,
        version,
        rateCardName: contract == null ? null : cardName(session, contract.rateCardId),
        revenue,
        directCost,
        marginPercent: marginOf(revenue, directCost).marginPercent,
        lastUsageMs: lastUsage.get(customer.id) ?? null,
      }
    }),
    tenantsWithoutCustomer: tenants.filter(({ customerId }) => customerId === null).length,
    asOf: knownTo(session),
  }
}

/** An id from a name: `Umbra Labs` → `umbra-labs`; numbered where it is taken. */
export const idFrom = (name: string, taken: ReadonlySet<string>): string => {
  const plain =
    name
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}.:@]+/gu, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 100) || 'customer'
  let id = plain
  for (let number = 2; taken.has(id); number++) id = `${plain}-${number}`
  return id
}

/** What the newest invoice that is not void hands on of the contract. */
const balancesOf = (session: Session, contractId: string) => {
  const found = session
    .all('invoice')
    .filter(({ content }) => content.state !== 'void')
    .flatMap(({ content }) =>
      (content.balances ?? [])
        .filter((each) => each.contractId === contractId)
        .map((balances) => ({ invoiceId: content.id, balances })),
    )
    .sort((a, b) => b.balances.month.localeCompare(a.balances.month))[0]
  if (found === undefined) return null
  const { invoiceId, balances } = found
  const left = [
    ...(balances.allowances ?? []),
    ...(balances.stocks ?? []),
    ...(balances.trial ?? []).map((each) => ({ key: each.chargeId, left: each.left })),
  ]
  return {
    invoiceId,
    month: balances.month,
    credits: (balances.credits ?? []).map(({ grantId, amount, left }) => ({ grantId, amount, left })),
    commitments: (balances.commitments ?? []).map((each) => ({ ...each })),
    allowances: left.map(({ key, left }) => ({ key, left })),
  }
}

export const customersHandlers = (engine: EngineState) => ({
  list: api.customers.list.handler(async ({ input }) =>
    customerList(await sessionAsOf(engine.session(), input.asOf), input.month),
  ),
  get: api.customers.get.handler(async ({ input }) =>
    customerPage(await sessionAsOf(engine.session(), input.asOf), input.customerId),
  ),
  save: api.customers.save.handler(async ({ input: { expectedVersion, ...customer } }) => {
    const session = engine.session()
    checkTenants(session, [customer])
    const [version = 0] = await session.put(`Customer ${customer.name}`, [
      { kind: 'customer', id: customer.id, content: customer, expectedVersion },
    ])
    return { version }
  }),
  tenants: api.customers.tenants.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    return (await session.cube.tenantsSeen({})).map(
      ({ tenant, customerId, events, costEntries, firstMs, lastMs }) => ({
        tenant,
        customerId,
        events,
        costEntries,
        firstMs,
        lastMs,
      }),
    )
  }),
  fromTenants: api.customers.fromTenants.handler(async ({ input }) => {
    const session = engine.session()
    const taken = new Set(customersOf(session).map(({ id }) => id))
    // A tenant whose name is an id already keeps it, so that look-alikes never swap theirs.
    const isFreeId = (tenant: string) => idSchema.safeParse(tenant).success && !taken.has(tenant)
    const tenants = [...new Set(input.tenants)].sort((a, b) => Number(isFreeId(b)) - Number(isFreeId(a)))
    const customers = tenants.map((tenant): Customer => {
      const id = isFreeId(tenant) ? tenant : idFrom(tenant, taken)
      taken.add(id)
      return { id, name: tenant, email: null, tenants: [tenant], stripeCustomerId: null }
    })
    checkTenants(session, customers)
    if (input.rateCardId !== null && session.one('rate_card', input.rateCardId) === null)
      throw refused('rate_card_is_unknown', `There is no rate card ${input.rateCardId}. Nothing was saved.`)
    const puts = customers.flatMap((customer): Put[] => [
      { kind: 'customer', id: customer.id, content: customer, expectedVersion: 0 },
      ...(input.rateCardId === null || input.startDay === null
        ? []
        : [
            {
              kind: 'contract' as const,
              id: `${customer.id}-1`,
              expectedVersion: 0,
              content: {
                id: `${customer.id}-1`,
                customerId: customer.id,
                rateCardId: input.rateCardId,
                startDay: input.startDay,
                endDay: null,
                discountPercent: '0' as DecimalText,
                chargeDiscounts: {},
                monthlyCommitment: null,
              },
            },
          ]),
    ])
    await session.put(`${customers.length} customers made of their tenants`, puts)
    return { made: customers.length }
  }),
  contractHistory: api.customers.contractHistory.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const versions = session.versions('contract', input.contractId)
    if (versions.length === 0) throw notFound(`There is no contract ${input.contractId}.`)
    return {
      versions: versions.flatMap(({ version, content, recordedMs, author }, index) =>
        content === null
          ? []
          : [
              {
                version,
                contract: content,
                recordedMs,
                author,
                changes: changesOf(session, versions[index - 1]?.content ?? null, content),
              },
            ],
      ),
      balances: balancesOf(session, input.contractId),
      asOf: knownTo(session),
    }
  }),
  saveContract: api.customers.saveContract.handler(async ({ input: { expectedVersion, ...rest } }) => {
    const session = engine.session()
    const contract: Contract = z.parse(contractSchema, rest)
    checkContract(session, contract)
    const [version = 0] = await session.put(`Contract ${contract.id}`, [
      { kind: 'contract', id: contract.id, content: contract, expectedVersion },
    ])
    return { version }
  }),
})

/** What saving a card's next version needs. */
export interface CardDraft {
  readonly id: string
  readonly name: string
  readonly currency: string
  readonly effectiveFrom: string
  readonly charges: readonly Charge[]
  readonly otherCurrencies?: { readonly [currency: string]: readonly Charge[] } | undefined
  readonly settings?: RatingSettings | undefined
  readonly note?: string | undefined
  /** Null for a public one; the card's own where it is left out. */
  readonly privateTo?: readonly string[] | null | undefined
}

/** The card with the draft as its next version, and what is to be said of it. @throws REFUSED */
export const nextVersionOf = (
  session: Session,
  draft: CardDraft,
): { card: RateCard; issues: ReturnType<typeof validateRateCardVersion> } => {
  const { currency } = session.settings()
  if (draft.currency !== currency)
    throw refused(
      'currency_is_not_the_books',
      `This book bills in ${currency}; a card in ${draft.currency} can’t be used in it. Nothing was saved.`,
    )
  const before = session.one('rate_card', draft.id)?.content ?? null
  const previous = before?.versions.at(-1) ?? null
  const version = {
    version: (previous?.version ?? 0) + 1,
    effectiveFrom: draft.effectiveFrom,
    charges: draft.charges,
    ...(draft.otherCurrencies === undefined ? {} : { otherCurrencies: draft.otherCurrencies }),
    settings: settingsOfVersion(draft.settings, previous),
    ...(draft.note === undefined ? {} : { note: draft.note }),
  }
  const privateTo = draft.privateTo === undefined ? before?.privateTo : (draft.privateTo ?? undefined)
  const stranger = privateTo?.find((customerId) => session.one('customer', customerId) === null)
  if (stranger !== undefined)
    throw refused(
      'customer_is_unknown',
      `There is no customer ${stranger}, for whom ${draft.name} would be. Nothing was saved.`,
    )
  const issues = validateRateCardVersion(version, metricsOf(session), previous)
  const wrong = issues.find(({ severity }) => severity === 'error')
  if (wrong !== undefined) throw refused('rate_card_is_wrong', `${wrong.message} Nothing was saved.`, issues)
  return {
    card: {
      id: draft.id,
      name: draft.name,
      currency: draft.currency,
      ...(privateTo === undefined ? {} : { privateTo }),
      versions: [...(before?.versions ?? []), version],
    },
    issues,
  }
}

export const rateCardsHandlers = (engine: EngineState) => ({
  list: api.rateCards.list.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const contracts = session.all('contract').map(({ content }) => content)
    return session.all('rate_card').map(({ content: card, version }) => ({
      card,
      version,
      customers: new Set(
        contracts.filter(({ rateCardId }) => rateCardId === card.id).map(({ customerId }) => customerId),
      ).size,
    }))
  }),
  get: api.rateCards.get.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const stored = session.one('rate_card', input.rateCardId)
    if (stored === null) throw notFound(`There is no rate card ${input.rateCardId}.`)
    const ids = new Set(
      session
        .all('contract')
        .flatMap(({ content }) => (content.rateCardId === stored.id ? [content.customerId] : [])),
    )
    return {
      card: stored.content,
      version: stored.version,
      customers: customersOf(session)
        .filter(({ id }) => ids.has(id))
        .map(({ id, name }) => ({ customerId: id, name })),
      asOf: knownTo(session),
    }
  }),
  save: api.rateCards.save.handler(async ({ input: { expectedVersion, ...draft } }) => {
    const session = engine.session()
    const { card, issues } = nextVersionOf(session, draft)
    const [version = 0] = await session.put(`Rate card ${card.name}`, [
      { kind: 'rate_card', id: card.id, content: card, expectedVersion },
    ])
    return { version, issues: [...issues] }
  }),
})
