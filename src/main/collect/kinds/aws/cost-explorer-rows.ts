/** Cost Explorer's groups as rows of FOCUS (docs/formats/focus.md). Columns of AWS' own begin with `x_`, as FOCUS has it. */
import type { ResultByTime } from '@aws-sdk/client-cost-explorer'
import { addMonths, type Month } from '../../../../domain/period.ts'
import { csvRow } from '../objects/csv-row.ts'

const COLUMNS = [
  'ProviderName',
  'BillingAccountId',
  'BillingCurrency',
  'BillingPeriodStart',
  'BillingPeriodEnd',
  'ChargeCategory',
  'ChargePeriodStart',
  'ChargePeriodEnd',
  'ServiceName',
  'SubAccountId',
  'SubAccountName',
  'Tags',
  'BilledCost',
  'EffectiveCost',
  'x_AmortizedCost',
  'x_NetAmortizedCost',
  'x_Estimated',
] as const

export const FOCUS_HEADER = csvRow(COLUMNS)

/** How the cost is grouped beside its service, and which amount counts as the effective one. */
interface Grouping {
  readonly groupBy: 'account' | 'tag' | 'cost_category'
  readonly groupKey: string
  readonly effective: 'amortized' | 'net_amortized'
}

const isZero = (amount: string | undefined): boolean => amount === undefined || /^-?0*\.?0*$/.test(amount)

const midnight = (text: string): string => (text.length === 10 ? `${text}T00:00:00Z` : text)

/** `team$blue` is the tag team with blue; `team$` is cost without it. */
const groupValue = (key: string, groupKey: string): string =>
  key.startsWith(`${groupKey}$`) ? key.slice(groupKey.length + 1) : key

/**
 * One row for each group that costs anything. A group of nothing but zeros says nothing, and AWS gives many.
 * @param names of accounts by id
 */
export const costRows = (
  { TimePeriod, Groups = [], Estimated = false }: ResultByTime,
  names: ReadonlyMap<string, string>,
  of: {
    readonly month: Month
    readonly account: string
    readonly settings: Grouping
  },
): readonly string[] => {
  const { groupBy, groupKey, effective } = of.settings
  return Groups.flatMap(({ Keys = [], Metrics = {} }) => {
    const { UnblendedCost, AmortizedCost, NetAmortizedCost } = Metrics
    const amounts = [UnblendedCost?.Amount, AmortizedCost?.Amount, NetAmortizedCost?.Amount]
    if (amounts.every(isZero)) return []
    const [service = '', key = ''] = Keys
    const value = groupValue(key, groupKey)
    const isAccount = groupBy === 'account'
    const row: Record<(typeof COLUMNS)[number], string> = {
      ProviderName: 'AWS',
      BillingAccountId: of.account,
      BillingCurrency: UnblendedCost?.Unit ?? '',
      BillingPeriodStart: `${of.month}-01T00:00:00Z`,
      BillingPeriodEnd: `${addMonths(of.month, 1)}-01T00:00:00Z`,
      ChargeCategory: service === 'Tax' ? 'Tax' : 'Usage',
      ChargePeriodStart: midnight(TimePeriod?.Start ?? ''),
      ChargePeriodEnd: midnight(TimePeriod?.End ?? ''),
      ServiceName: service,
      SubAccountId: isAccount ? value : '',
      SubAccountName: isAccount ? (names.get(value) ?? '') : '',
      Tags: isAccount || value === '' ? '' : JSON.stringify({ [groupKey]: value }),
      BilledCost: UnblendedCost?.Amount ?? '0',
      EffectiveCost: (effective === 'amortized' ? AmortizedCost : NetAmortizedCost)?.Amount ?? '',
      x_AmortizedCost: AmortizedCost?.Amount ?? '',
      x_NetAmortizedCost: NetAmortizedCost?.Amount ?? '',
      x_Estimated: String(Estimated),
    }
    return [csvRow(COLUMNS.map((column) => row[column]))]
  })
}
