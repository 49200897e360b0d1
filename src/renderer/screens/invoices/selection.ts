/** What can be done with the invoices that are ticked, and the words for it. */
import type { InferContractRouterOutputs } from '@orpc/contract'
import type { Contract } from '../../../contract/contract.ts'
import { type DecimalText, sumDecimals } from '../../../domain/decimal.ts'
import { formatMoney } from '../../ui/format.ts'

type Outputs = InferContractRouterOutputs<Contract>['invoices']
export type InvoiceList = Outputs['list']
export type InvoiceRow = InvoiceList['rows'][number]
export type InvoiceDetail = Outputs['get']
export type DeliveryPreview = Outputs['deliveryPreview']

export const STATES = ['draft', 'approved', 'delivered', 'void'] as const
export type State = (typeof STATES)[number]

/** The ticked invoices in one state; what was ticked and is no longer listed is left out. */
export const tickedIn = (
  rows: readonly InvoiceRow[],
  ticked: ReadonlySet<string>,
  state: State,
): readonly InvoiceRow[] => rows.filter((row) => row.state === state && ticked.has(row.id))

/** The invoices' total by currency: "1,204.00 USD and 80.00 EUR". Currencies are never added. */
export const totalWords = (rows: readonly { currency: string; total: DecimalText }[]): string =>
  [...Map.groupBy(rows, (row) => row.currency)]
    .map(
      ([currency, group]) =>
        `${formatMoney(sumDecimals(group.map((row) => row.total)), currency)} ${currency}`,
    )
    .join(' and ')

export const countInvoices = (count: number): string => (count === 1 ? '1 invoice' : `${count} invoices`)

/** A result code of a check as words: `price_missing` is "price missing". */
export const codeWords = (code: string): string => code.replaceAll('_', ' ')
