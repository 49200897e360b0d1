/** A line of a FOCUS 1.0 export. Columns: FinOps Open Cost and Usage Specification 1.0, dataset Cost and Usage. */
import { type DecimalText, integerToDecimal } from '../../domain/decimal.ts'

const COLUMNS = [
  'AvailabilityZone',
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'CommitmentDiscountCategory',
  'CommitmentDiscountId',
  'CommitmentDiscountName',
  'CommitmentDiscountStatus',
  'CommitmentDiscountType',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedCost',
  'ContractedUnitPrice',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'ListUnitPrice',
  'PricingCategory',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'RegionId',
  'RegionName',
  'ResourceId',
  'ResourceName',
  'ResourceType',
  'ServiceCategory',
  'ServiceName',
  'SkuId',
  'SkuPriceId',
  'SubAccountId',
  'SubAccountName',
  'Tags',
] as const
type Column = (typeof COLUMNS)[number]
export type FocusRow = { readonly [column in Column]?: string }

export const FOCUS_HEADER = COLUMNS.join(',')

const cell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

export const focusLine = (row: FocusRow): string => COLUMNS.map((column) => cell(row[column] ?? '')).join(',')

/** Decimals of a quantity and of a unit price; their product has eleven, as providers print them. */
const QUANTITY_SCALE = 3
const PRICE_SCALE = 8
export const AMOUNT_SCALE = QUANTITY_SCALE + PRICE_SCALE

export const quantityText = (thousandth: number): DecimalText =>
  integerToDecimal(BigInt(thousandth), QUANTITY_SCALE)
export const priceText = (price: number): DecimalText => integerToDecimal(BigInt(price), PRICE_SCALE)
export const amountText = (amount: bigint): DecimalText => integerToDecimal(amount, AMOUNT_SCALE)
