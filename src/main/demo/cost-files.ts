/** Cost as two clouds would deliver it: FOCUS 1.0, a file a month and billing account. */
import type { DecimalText } from '../../domain/decimal.ts'
import { addMonths, type Month } from '../../domain/period.ts'
import * as cloud from './cloud.ts'
import { awsCharges, azureCharges, type Charge } from './cost-charges.ts'
import {
  AMOUNT_SCALE,
  amountText,
  FOCUS_HEADER,
  type FocusRow,
  focusLine,
  priceText,
  quantityText,
} from './focus-row.ts'
import { CURRENCY, type DemoPlan } from './plan.ts'
import { thousandths } from './random.ts'
import { EC2, REGIONS } from './services.ts'

/** A charge as it stands in the file: a row, and its amount at eleven decimals. */
interface Line {
  readonly row: FocusRow
  readonly amount: bigint
}

const instant = (day: string) => `${day}T00:00:00Z`

const bill = (account: cloud.Account, month: Month): FocusRow => ({
  BillingAccountId: account.id,
  BillingAccountName: account.name,
  BillingCurrency: CURRENCY,
  BillingPeriodStart: instant(`${month}-01`),
  BillingPeriodEnd: instant(`${addMonths(month, 1)}-01`),
  InvoiceIssuerName: account.publisher,
  ProviderName: account.provider,
  PublisherName: account.publisher,
})

const usageLine = (common: FocusRow, charge: Charge): Line => {
  const { service: of, quantity } = charge
  const amount = BigInt(quantity) * BigInt(of.price)
  const billed = amountText(amount)
  const [RegionId, RegionName] = REGIONS[charge.region]
  return {
    amount,
    row: {
      ...common,
      BilledCost: billed,
      EffectiveCost: billed,
      ContractedCost: billed,
      ContractedUnitPrice: priceText(of.price),
      ListCost: amountText(BigInt(quantity) * BigInt(of.listPrice)),
      ListUnitPrice: priceText(of.listPrice),
      ChargeCategory: 'Usage',
      ChargeDescription: of.description,
      ChargeFrequency: 'Usage-Based',
      ChargePeriodStart: instant(charge.from),
      ChargePeriodEnd: instant(charge.to),
      ConsumedQuantity: quantityText(quantity),
      ConsumedUnit: of.unit,
      PricingCategory: 'Standard',
      PricingQuantity: quantityText(quantity),
      PricingUnit: of.unit,
      RegionId,
      RegionName,
      ResourceId: charge.resource,
      ServiceCategory: of.category,
      ServiceName: of.name,
      SkuId: of.sku,
      SkuPriceId: `${of.sku}.${RegionId}`,
      SubAccountId: charge.subAccount.id,
      SubAccountName: charge.subAccount.name,
      ...(charge.tags === null ? {} : { Tags: JSON.stringify(charge.tags) }),
    },
  }
}

/** A line for the whole month that no resource stands for. */
const monthLine = (
  common: FocusRow,
  month: Month,
  amount: bigint,
  of: { readonly category: string; readonly service: string; readonly description: string },
): Line => ({
  amount,
  row: {
    ...common,
    BilledCost: amountText(amount),
    EffectiveCost: amountText(amount),
    ContractedCost: amountText(amount),
    ListCost: amountText(amount),
    ChargeCategory: of.category,
    ChargeDescription: of.description,
    ChargeFrequency: of.category === 'Purchase' ? 'Recurring' : 'One-Time',
    ChargePeriodStart: instant(`${month}-01`),
    ChargePeriodEnd: instant(`${addMonths(month, 1)}-01`),
    ServiceCategory: 'Other',
    ServiceName: of.service,
  },
})

const total = (lines: readonly Line[]): bigint => lines.reduce((amount, line) => amount + line.amount, 0n)

const CENT = 10n ** BigInt(AMOUNT_SCALE - 2)
/** So many thousandths of an amount, in whole cents: what a provider computes once a month. */
const share = (amount: bigint, permille: bigint): bigint => ((amount * permille) / 1000n / CENT) * CENT

export interface CostFile {
  readonly account: cloud.Account
  /** Within the folder of cost files. */
  readonly name: string
  readonly text: string
  readonly rows: number
  /** The sum of its rows, exact. */
  readonly billed: DecimalText
}

const fileOf = (account: cloud.Account, name: string, lines: readonly Line[]): CostFile => ({
  account,
  name,
  text: `${[FOCUS_HEADER, ...lines.map(({ row }) => focusLine(row))].join('\n')}\n`,
  rows: lines.length,
  billed: amountText(total(lines)),
})

const awsFile = (month: Month, name: string, charges: readonly Charge[]): CostFile => {
  const common = bill(cloud.AWS, month)
  const usage = charges.map((charge) => usageLine(common, charge))
  const subtotal = total(usage)
  const monthly = [
    monthLine(common, month, share(subtotal, 13n), {
      category: 'Purchase',
      service: 'AWS Support',
      description: 'Business support, a share of the month’s usage',
    }),
    monthLine(common, month, -share(subtotal, 6n), {
      category: 'Credit',
      service: EC2.name,
      description: 'Migration credit of the partner programme',
    }),
    monthLine(common, month, share(subtotal, 4n), {
      category: 'Tax',
      service: 'Tax',
      description: 'Tax on services used in Germany',
    }),
  ]
  return fileOf(cloud.AWS, name, [...usage, ...monthly])
}

export const awsFileOf = (plan: DemoPlan, month: Month): CostFile =>
  awsFile(month, `aws ${month}.csv`, awsCharges(plan, month))

/**
 * The newer delivery of the restated month: on one day some machines are withdrawn, some are charged less, and
 * one was forgotten before. Support, credit and tax follow.
 */
export const awsRestatedFileOf = (plan: DemoPlan): CostFile => {
  const { month, day } = plan.restated
  let machine = 0
  const charges = awsCharges(plan, month).flatMap((charge): Charge[] => {
    if (charge.from !== day || charge.service !== EC2) return [charge]
    machine++
    if (machine % 6 === 1) return []
    if (machine % 3 === 2) return [{ ...charge, quantity: thousandths(charge.quantity, 880) }]
    return [charge]
  })
  const forgotten = charges.find(({ service: of, from }) => of === EC2 && from === day)
  if (forgotten === undefined) throw new Error(`no machine ran on ${day}`)
  const added = {
    ...forgotten,
    quantity: 96_000,
    resource: forgotten.resource.replace('gateway-', 'gateway-burst-'),
  }
  return awsFile(month, `aws ${month} second delivery.csv`, [...charges, added])
}

/** Null where no customer of the plan runs on Azure in the month. */
export const azureFileOf = (plan: DemoPlan, month: Month): CostFile | null => {
  const common = bill(cloud.AZURE, month)
  const lines = azureCharges(plan, month).map((charge) => usageLine(common, charge))
  return lines.length === 0 ? null : fileOf(cloud.AZURE, `azure ${month}.csv`, lines)
}
