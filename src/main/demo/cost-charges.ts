/** What each cloud charges for a month: a service, a resource, days and a quantity. */
import { addDays, daysOfMonth, type Month } from '../../domain/period.ts'
import { activityOf, type DayActivity, type Tenant, tenantsOf } from './activity.ts'
import * as cloud from './cloud.ts'
import { DEDICATED_TENANT } from './company.ts'
import type { DemoPlan } from './plan.ts'
import { randomFor } from './random.ts'
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

export interface Charge {
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

/** Of the month, on the bill of AWS. */
export const awsCharges = (plan: DemoPlan, month: Month): Charge[] => {
  const tenants = tenantsOf(plan)
  const charges = tenants.flatMap((tenant) => chargesOf(plan, tenant, month))
  const calls = sum(tenants.flatMap((tenant) => activityOf(plan, tenant, month).map((day) => day.calls)))
  return [
    ...charges.filter(({ subAccount }) => subAccount !== cloud.AZURE_SUBSCRIPTION),
    ...ownCharges(month, calls),
  ]
}

/** Of the month, on the bill of Azure. */
export const azureCharges = (plan: DemoPlan, month: Month): Charge[] =>
  tenantsOf(plan)
    .filter((tenant) => tenant.cloud === 'azure')
    .flatMap((tenant) => chargesOf(plan, tenant, month))
    .filter(({ subAccount }) => subAccount === cloud.AZURE_SUBSCRIPTION)
