/**
 * The columns of FOCUS 1.0 to 1.4 that are read, and which version a header is of.
 * Source: the FinOps Open Cost and Usage Specification, dataset Cost and Usage, "Introduced (version)".
 */

import type { RULE_FIELDS } from '../../../domain/attribution/rule.ts'

/** Attributes by our name; the first column that is present and not empty counts. */
export const ATTRIBUTE_COLUMNS = {
  // 1.3 deprecates ProviderName for ServiceProviderName, and PublisherName without a like; 1.4 drops both.
  provider: ['ServiceProviderName', 'ProviderName', 'HostProviderName', 'PublisherName', 'InvoiceIssuerName'],
  publisher: ['PublisherName', 'HostProviderName'],
  invoice_issuer: ['InvoiceIssuerName'],
  billing_account: ['BillingAccountId'],
  billing_account_name: ['BillingAccountName'],
  billing_account_type: ['BillingAccountType'],
  sub_account: ['SubAccountId'],
  sub_account_name: ['SubAccountName'],
  sub_account_type: ['SubAccountType'],
  service: ['ServiceName'],
  service_category: ['ServiceCategory'],
  service_subcategory: ['ServiceSubcategory'],
  region: ['RegionId', 'RegionName', 'Region'],
  region_name: ['RegionName'],
  availability_zone: ['AvailabilityZone'],
  resource_id: ['ResourceId'],
  resource_name: ['ResourceName'],
  resource_type: ['ResourceType'],
  charge_category: ['ChargeCategory'],
  charge_class: ['ChargeClass'],
  charge_description: ['ChargeDescription'],
  charge_frequency: ['ChargeFrequency'],
  pricing_category: ['PricingCategory'],
  pricing_unit: ['PricingUnit'],
  sku_id: ['SkuId'],
  sku_meter: ['SkuMeter'],
  sku_price_id: ['SkuPriceId'],
  consumed_unit: ['ConsumedUnit'],
  commitment_discount_id: ['CommitmentDiscountId'],
  commitment_discount_name: ['CommitmentDiscountName'],
  commitment_discount_category: ['CommitmentDiscountCategory'],
  commitment_discount_type: ['CommitmentDiscountType'],
  commitment_discount_status: ['CommitmentDiscountStatus'],
  capacity_reservation_id: ['CapacityReservationId'],
  capacity_reservation_status: ['CapacityReservationStatus'],
} as const satisfies Record<(typeof RULE_FIELDS)[number], readonly string[]>

/** The least that imports. */
export const LEAST_COLUMNS = ['ChargeCategory', 'ChargePeriodStart', 'BilledCost', 'ServiceName'] as const

export type FocusVersion = '1.0' | '1.1' | '1.2' | '1.3' | '1.4'

/** Columns that a version brought in, newest first. */
const INTRODUCED: readonly (readonly [FocusVersion, readonly string[]])[] = [
  ['1.4', ['InvoiceDetailId', 'CommitmentProgramEligibilityDetails']],
  [
    '1.3',
    [
      'ServiceProviderName',
      'HostProviderName',
      'ContractApplied',
      'AllocatedMethodId',
      'AllocatedMethodDetails',
      'AllocatedResourceId',
      'AllocatedResourceName',
      'AllocatedTags',
    ],
  ],
  [
    '1.2',
    [
      'InvoiceId',
      'BillingAccountType',
      'SubAccountType',
      'PricingCurrency',
      'PricingCurrencyContractedUnitPrice',
      'PricingCurrencyEffectiveCost',
      'PricingCurrencyListUnitPrice',
    ],
  ],
  [
    '1.1',
    [
      'CapacityReservationId',
      'CapacityReservationStatus',
      'CommitmentDiscountQuantity',
      'CommitmentDiscountUnit',
      'ServiceSubcategory',
      'SkuMeter',
      'SkuPriceDetails',
    ],
  ],
]

/** Warehouses change the case of titles and put underscores between their words. */
const columnKey = (title: string): string => title.toLowerCase().replace(/[\s_]/g, '')

/** Where each column stands in the header; of equal titles the first. */
export const columnIndex = (header: readonly string[]): ((column: string) => number | undefined) => {
  const places = new Map<string, number>()
  header.forEach((title, i) => {
    const key = columnKey(title)
    if (!places.has(key)) places.set(key, i)
  })
  return (column) => places.get(columnKey(column))
}

/** The version whose columns the header has; null where the least columns are not all there. */
export const detectFocusVersion = (header: readonly string[]): FocusVersion | null => {
  const indexOf = columnIndex(header)
  const has = (column: string) => indexOf(column) !== undefined
  if (!LEAST_COLUMNS.every(has)) return null
  if (has('ServiceProviderName') && !has('ProviderName')) return '1.4'
  return INTRODUCED.find(([, columns]) => columns.some(has))?.[0] ?? '1.0'
}
