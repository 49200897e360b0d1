/** Cost as two clouds would deliver it: FOCUS 1.0, a file a month and billing account. */
import type { DecimalText } from '../../domain/decimal.ts'
import { addDays, addMonths, daysOfMonth, type Month } from '../../domain/period.ts'
import { activityOf, type DayActivity, type Tenant, tenantsOf } from './activity.ts'
import * as cloud from './cloud.ts'
import { DEDICATED_TENANT } from './company.ts'
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
import { randomFor, thousandths } from './random.ts'
import {
  AKS,
  BLOBS,
  CLOUDFRONT,
  DYNAMODB,
  EC2,
  GATEWAYS,
  LAMBDA,
  RDS,
  REGIONS,
  S3,
  type Service,
} from './services.ts'

interface Charge {
  readonly service: Service
  /** First day, and the day after the last. */
  readonly from: string
  readonly to: string
  /** At three decimals. */
  readonly quantity: number
  readonly resource: string
  readonly region: keyof typeof REGIONS
  readonly subAccount: { readonly id: string; readonly name: string }
  readonly tags: Readonly<Record<string, string>> | null
}

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

/** Days in runs of at most seven. Where a run begins differs by tenant, so that no day of the month stands out. */
const weeksOf = (tenant: string, days: readonly DayActivity[]): DayActivity[][] => {
  const offset = randomFor(`weeks ${tenant}`).below(7)
  const weeks: DayActivity[][] = []
  for (const activity of days) {
    const isFirst = (Number(activity.day.slice(8)) + offset) % 7 === 0
    const week = weeks.at(-1)
    if (week === undefined || isFirst) weeks.push([activity])
    else week.push(activity)
  }
  return weeks
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const HOURS_OF_BILLED_MONTH = 730

const chargesOf = (plan: DemoPlan, tenant: Tenant, month: Month): Charge[] => {
  const days = activityOf(plan, tenant, month)
  const { tenant: name, cloud: home } = tenant
  const region = home === 'azure' ? 'azure' : tenant.region
  const awsRegion = REGIONS[tenant.region][0]
  const isDedicated = name === DEDICATED_TENANT
  const account = isDedicated ? cloud.AWS_DEDICATED : cloud.AWS_PRODUCTION
  const tagged = (of: Service) => ({ application: of.application, environment: 'production', tenant: name })
  const untagged = (of: Service) => ({ application: of.application, environment: 'production' })
  const machines = home === 'azure' ? AKS : EC2
  const daily = days.map(
    ({ day, machineCentihours }): Charge => ({
      service: machines,
      from: day,
      to: addDays(day, 1),
      quantity: machineCentihours * 10,
      resource:
        home === 'azure'
          ? cloud.resources.cluster(name)
          : cloud.resources.instances(account.id, awsRegion, `gateway-${name}`),
      region,
      subAccount: home === 'azure' ? cloud.AZURE_SUBSCRIPTION : account,
      tags: isDedicated || home === 'azure' ? untagged(machines) : tagged(machines),
    }),
  )
  const weekly = weeksOf(name, days).flatMap((week): Charge[] => {
    const calls = sum(week.map((each) => each.calls))
    const gigabyteMonths = Math.floor(
      sum(week.map((each) => each.storageMicroGbHours)) / (HOURS_OF_BILLED_MONTH * 1000),
    )
    const span = { from: week[0]?.day ?? '', to: addDays(week.at(-1)?.day ?? '', 1) }
    const own = { ...span, region: tenant.region, subAccount: cloud.AWS_PRODUCTION }
    return [
      {
        ...own,
        service: RDS,
        quantity: Math.floor(calls / 9) + 8_000,
        resource: cloud.resources.database(account.id, awsRegion, name),
        subAccount: account,
        tags: isDedicated ? untagged(RDS) : tagged(RDS),
      },
      home === 'azure'
        ? {
            ...span,
            service: BLOBS,
            quantity: gigabyteMonths,
            resource: cloud.resources.blobs(name),
            region,
            subAccount: cloud.AZURE_SUBSCRIPTION,
            tags: null,
          }
        : {
            ...own,
            service: S3,
            quantity: gigabyteMonths,
            resource: cloud.resources.bucket(name),
            tags: untagged(S3),
          },
      {
        ...own,
        service: LAMBDA,
        quantity: calls * 331,
        resource: cloud.resources.functions(awsRegion, name),
        tags: tagged(LAMBDA),
      },
      {
        ...own,
        service: CLOUDFRONT,
        quantity: Math.floor(sum(week.map((each) => each.egressBytes)) / 1_000_000),
        resource: cloud.resources.distribution(name),
        tags: tagged(CLOUDFRONT),
      },
      {
        ...own,
        service: DYNAMODB,
        quantity: calls * 6_000,
        resource: cloud.resources.table(awsRegion, name),
        tags: plan.gapMonths.includes(month) ? null : tagged(DYNAMODB),
      },
    ]
  })
  return [...daily, ...weekly]
}

/** What engineering runs for itself, and what everybody shares: `calls` are all customers' of the month. */
const ownCharges = (month: Month, calls: number): Charge[] => {
  const random = randomFor(`own ${month}`)
  const base = { region: 'eu', subAccount: cloud.AWS_ENGINEERING } as const
  const staging = { application: 'gateway', environment: 'staging' }
  const ordinary = Math.floor(calls / daysOfMonth(month).length)
  return daysOfMonth(month).flatMap((day): Charge[] => {
    const span = { from: day, to: addDays(day, 1) }
    const machine = cloud.resources.instances(cloud.AWS_ENGINEERING.id, 'eu-central-1', 'gateway-staging')
    const database = cloud.resources.database(cloud.AWS_ENGINEERING.id, 'eu-central-1', 'staging')
    return [
      {
        ...base,
        ...span,
        service: EC2,
        quantity: random.around(Math.floor(ordinary / 340), 80),
        resource: machine,
        tags: staging,
      },
      {
        ...base,
        ...span,
        service: RDS,
        quantity: random.around(Math.floor(ordinary / 700), 40),
        resource: database,
        tags: staging,
      },
      {
        ...base,
        ...span,
        service: EC2,
        quantity: random.around(Math.floor(ordinary / 620), 200),
        resource: cloud.resources.build(1 + random.below(4)),
        tags: null,
      },
      {
        ...base,
        ...span,
        service: GATEWAYS,
        quantity: random.around(Math.floor(ordinary / 92), 30),
        resource: cloud.resources.gateway(1),
        subAccount: cloud.AWS_PRODUCTION,
        tags: null,
      },
    ]
  })
}

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

const awsCharges = (plan: DemoPlan, month: Month): Charge[] => {
  const tenants = tenantsOf(plan)
  const charges = tenants.flatMap((tenant) => chargesOf(plan, tenant, month))
  const calls = sum(tenants.flatMap((tenant) => activityOf(plan, tenant, month).map((day) => day.calls)))
  return [
    ...charges.filter(({ subAccount }) => subAccount !== cloud.AZURE_SUBSCRIPTION),
    ...ownCharges(month, calls),
  ]
}

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
  const lines = tenantsOf(plan)
    .filter((tenant) => tenant.cloud === 'azure')
    .flatMap((tenant) => chargesOf(plan, tenant, month))
    .filter(({ subAccount }) => subAccount === cloud.AZURE_SUBSCRIPTION)
    .map((charge) => usageLine(common, charge))
  return lines.length === 0 ? null : fileOf(cloud.AZURE, `azure ${month}.csv`, lines)
}
