/**
 * Line items of the Cost and Usage Report 2.0 as rows of FOCUS. Amortised cost is computed by type of line item, as
 * the user guide of the reports says ("Understanding your amortized reservation and savings plans data").
 */
import {
  type DecimalText,
  negateDecimal,
  parseDecimal,
  sumDecimals,
  ZERO,
} from '../../../../domain/decimal.ts'

/** A cell by its column; empty where the report has no such column. */
export type Cell = (column: string) => string

const amount = (cell: Cell, column: string): DecimalText => parseDecimal(cell(column)) ?? ZERO

const effectiveCost = (cell: Cell): string => {
  switch (cell('line_item_line_item_type')) {
    case 'DiscountedUsage':
      return cell('reservation_effective_cost')
    case 'SavingsPlanCoveredUsage':
      return cell('savings_plan_savings_plan_effective_cost')
    case 'SavingsPlanRecurringFee':
      return sumDecimals([
        amount(cell, 'savings_plan_total_commitment_to_date'),
        negateDecimal(amount(cell, 'savings_plan_used_commitment')),
      ])
    case 'SavingsPlanNegation':
    case 'SavingsPlanUpfrontFee':
      return ZERO
    case 'RIFee':
      return sumDecimals([
        amount(cell, 'reservation_unused_amortized_upfront_fee_for_billing_period'),
        amount(cell, 'reservation_unused_recurring_fee'),
      ])
    case 'Fee':
      return cell('reservation_reservation_a_r_n') === '' ? cell('line_item_unblended_cost') : ZERO
    default:
      return cell('line_item_unblended_cost')
  }
}

const chargeCategory = (type: string): string => {
  if (type === 'Tax') return 'Tax'
  if (type === 'Credit' || type === 'Refund' || /Discount$/.test(type)) return 'Credit'
  return /^(RIFee|Fee|SavingsPlan(Upfront|Recurring)Fee)$/.test(type) ? 'Purchase' : 'Usage'
}

const mapOf = (text: string): Record<string, unknown> => {
  try {
    const json: unknown = JSON.parse(text === '' ? '{}' : text)
    return typeof json === 'object' && json !== null ? { ...json } : {}
  } catch {
    return {}
  }
}

const tagsOf = (cell: Cell): string => {
  const tags = { ...mapOf(cell('cost_category')), ...mapOf(cell('resource_tags')) }
  return Object.keys(tags).length === 0 ? '' : JSON.stringify(tags)
}

const COLUMNS: readonly (readonly [string, (cell: Cell) => string])[] = [
  ['ProviderName', () => 'AWS'],
  [
    'PublisherName',
    (cell) => (cell('bill_billing_entity') === 'AWS Marketplace' ? 'AWS Marketplace' : 'AWS'),
  ],
  ['InvoiceIssuerName', (cell) => cell('bill_invoicing_entity')],
  ['BillingAccountId', (cell) => cell('bill_payer_account_id')],
  ['BillingAccountName', (cell) => cell('bill_payer_account_name')],
  ['SubAccountId', (cell) => cell('line_item_usage_account_id')],
  ['SubAccountName', (cell) => cell('line_item_usage_account_name')],
  ['BillingCurrency', (cell) => cell('line_item_currency_code')],
  ['BillingPeriodStart', (cell) => cell('bill_billing_period_start_date')],
  ['BillingPeriodEnd', (cell) => cell('bill_billing_period_end_date')],
  ['ChargeCategory', (cell) => chargeCategory(cell('line_item_line_item_type'))],
  ['ChargePeriodStart', (cell) => cell('line_item_usage_start_date')],
  ['ChargePeriodEnd', (cell) => cell('line_item_usage_end_date')],
  ['ChargeDescription', (cell) => cell('line_item_line_item_description')],
  [
    'ServiceName',
    (cell) => {
      const { product_name: name } = mapOf(cell('product'))
      return typeof name === 'string' && name !== '' ? name : cell('line_item_product_code')
    },
  ],
  ['RegionId', (cell) => cell('product_region_code')],
  ['ResourceId', (cell) => cell('line_item_resource_id')],
  ['SkuId', (cell) => cell('product_sku')],
  ['ConsumedQuantity', (cell) => cell('line_item_usage_amount')],
  ['ConsumedUnit', (cell) => cell('pricing_unit')],
  ['Tags', tagsOf],
  ['BilledCost', (cell) => cell('line_item_unblended_cost')],
  ['EffectiveCost', effectiveCost],
  ['ListCost', (cell) => cell('pricing_public_on_demand_cost')],
  ['x_LineItemId', (cell) => cell('identity_line_item_id')],
  ['x_LineItemType', (cell) => cell('line_item_line_item_type')],
  ['x_UsageType', (cell) => cell('line_item_usage_type')],
  ['x_NetUnblendedCost', (cell) => cell('line_item_net_unblended_cost')],
]

export const CUR_HEADER: readonly string[] = COLUMNS.map(([name]) => name)

export const focusOfCur = (cell: Cell): readonly string[] => COLUMNS.map(([, read]) => read(cell))
