import { z } from 'zod'
import { contract as contractSchema } from '../../../contract/agreements.ts'
import { id as idSchema } from '../../../contract/common.ts'
import type { Customer } from '../../../contract/customers.ts'
import type { DecimalText } from '../../../domain/decimal.ts'
import type { Contract } from '../../../domain/pricing/contract.ts'
import { diffContracts } from '../../../domain/pricing/contract-words.ts'
import { billedTwice, validateContract } from '../../../domain/pricing/validate-contract.ts'
import type { Put } from '../documents.ts'
import { api, type EngineState } from '../engine-state.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { notFound, refused } from '../refusals.ts'
import { customerList, customerPage } from '../reports/customers.ts'
import { customersOf, metricsOf, type Session } from '../session.ts'

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

/** An id from a name: `Umbra Labs` → `umbra-labs`; numbered where it is taken. */
const idFrom = (name: string, taken: ReadonlySet<string>): string => {
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
