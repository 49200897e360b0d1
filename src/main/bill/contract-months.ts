/** Which contracts of a customer hold in a month, and what their invoices are called. */
import type { Invoice } from '../../domain/invoice/invoice.ts'
import type { Month } from '../../domain/period.ts'
import type { BillTo, Contract } from '../../domain/pricing/contract.ts'
import { holdsInMonth } from '../../domain/pricing/term.ts'

/** The customer's contracts of a month, by their start and id. */
export const contractsInMonth = (
  contracts: readonly Contract[],
  customerId: string,
  month: Month,
): readonly Contract[] =>
  contracts
    .filter((contract) => contract.customerId === customerId && holdsInMonth(contract, month))
    .sort((a, b) => a.startDay.localeCompare(b.startDay) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))

/** The customer's first contract of a month. */
export const contractInMonth = (
  contracts: readonly Contract[],
  customerId: string,
  month: Month,
): Contract | null => contractsInMonth(contracts, customerId, month)[0] ?? null

/** The parts that contracts of one group are billed in. */
const partKeysOf = (contracts: readonly Contract[]): readonly string[] => {
  const addresses = contracts.length === 1 ? (contracts[0]?.billTo ?? []) : []
  return addresses.length === 0
    ? [partKeyOf(contracts, null)]
    : addresses.map((billTo) => partKeyOf(contracts, billTo))
}

/**
 * The contracts that no invoice of another make bills already: one that was imported, or approved as another part, for
 * its lines would be billed twice.
 * @param kept the customer's invoices of the month that are not void.
 */
export const openContracts = (
  contracts: readonly Contract[],
  kept: readonly Invoice[],
): readonly Contract[] => {
  const standing = kept.filter(({ state }) => state === 'approved' || state === 'delivered')
  if (standing.length === 0) return contracts
  const groups = groupsOf(contracts)
  return contracts.filter((contract) => {
    const keys = partKeysOf(groups.find((group) => group.includes(contract)) ?? [contract])
    return !standing.some(
      (invoice) =>
        billsContract(invoice, contract.id) &&
        (invoice.imported !== undefined || !keys.includes(partKeyOfInvoice(invoice))),
    )
  })
}

/** Contracts that are billed together: each on its own, or those of one group and currency. */
export const groupsOf = (contracts: readonly Contract[]): readonly (readonly Contract[])[] => {
  const keyOf = ({ id, invoiceGroup, currency }: Contract) =>
    invoiceGroup === undefined ? `contract ${id}` : `group ${invoiceGroup} ${currency ?? ''}`
  return [...Map.groupBy(contracts, keyOf).values()]
}

export const invoiceIdOf = (month: Month, customerId: string): string => `${month}.${customerId}`

/** What tells a customer's invoices of one month apart. */
export const partKeyOf = (contracts: readonly Contract[], billTo: Pick<BillTo, 'id'> | null): string => {
  const [first] = contracts
  const key = first?.invoiceGroup ?? first?.id ?? ''
  return billTo === null ? key : `${key}.${billTo.id}`
}

/** The same of an invoice that is kept. */
export const partKeyOfInvoice = ({ invoiceGroup, contractId, billTo }: Invoice): string => {
  const key = invoiceGroup ?? contractId ?? ''
  return billTo === undefined ? key : `${key}.${billTo.id}`
}

/** Of a customer's invoices of a month the one that is the same part as another; the only one where there is one. */
export const samePart = (invoices: readonly Invoice[], invoice: Invoice): Invoice | undefined =>
  invoices.find((each) => partKeyOfInvoice(each) === partKeyOfInvoice(invoice)) ??
  (invoices.length === 1 ? invoices[0] : undefined)

/** Whether an invoice bills the contract. */
export const billsContract = ({ contractId, contractIds }: Invoice, id: string): boolean =>
  contractId === id || (contractIds?.includes(id) ?? false)

/**
 * The id of a part of what a customer is billed: that of the invoice that bills it already; the month's and the
 * customer's own where there is one part only; else with the part's key.
 * @param kept the customer's invoices of the month that are not void.
 */
export const partIdOf = (
  month: Month,
  customerId: string,
  key: string,
  isOnly: boolean,
  kept: readonly Invoice[],
): string => {
  const plain = invoiceIdOf(month, customerId)
  const own = kept.find((invoice) => partKeyOfInvoice(invoice) === key && invoice.imported === undefined)
  if (own !== undefined) return own.id
  return isOnly ? plain : `${plain}.${key}`
}
