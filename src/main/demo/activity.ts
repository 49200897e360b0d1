/**
 * What each tenant does on each day: the one model that both usage and cost are written from, so that margins
 * make sense. Whole numbers throughout; nothing here is rounded in binary.
 */
import { daysOfMonth, type Month, monthsBetween } from '../../domain/period.ts'
import type { DemoCustomer } from './company.ts'
import { type DemoPlan, usesOn } from './plan.ts'
import { randomFor, thousandths } from './random.ts'

export interface DayActivity {
  readonly day: string
  readonly calls: number
  readonly computeMilliseconds: number
  /** Gigabyte-hours at six decimals. */
  readonly storageMicroGbHours: number
  readonly egressBytes: number
  readonly seats: number
  /** Hours of machines, at two decimals. */
  readonly machineCentihours: number
}

export interface Tenant {
  readonly tenant: string
  readonly customer: DemoCustomer
  /** Where it runs, as dimension of usage. */
  readonly region: 'eu' | 'us' | 'apac'
  readonly cloud: 'aws' | 'azure'
}

/** Sunday first, in thousandths of an ordinary day. */
const WEEKDAYS = [780, 1060, 1085, 1095, 1075, 1035, 820] as const
/** How calls fall on one, two or three tenants, in thousandths. */
const SHARES = [[1000], [670, 330], [560, 290, 150]] as const

const callsOfDay = (tenant: Tenant, monthsBack: number): number => {
  const { customer } = tenant
  let calls = customer.thousandCallsADay * 1000
  for (let month = 0; month < monthsBack; month++)
    calls = Math.floor((calls * 1000) / (1000 + customer.growthPermille))
  const share = SHARES[customer.tenants.length - 1]?.[customer.tenants.indexOf(tenant.tenant)]
  if (share === undefined) throw new Error(`${customer.name} has more tenants than shares are known for`)
  return thousandths(calls, share)
}

export const tenantsOf = (plan: Pick<DemoPlan, 'customers'>): readonly Tenant[] =>
  plan.customers.flatMap((customer) =>
    customer.tenants.map((tenant): Tenant => {
      const suffix = tenant.slice(tenant.lastIndexOf('-') + 1)
      return {
        tenant,
        customer,
        region: suffix === 'us' ? 'us' : suffix === 'apac' ? 'apac' : 'eu',
        cloud: suffix === 'azure' ? 'azure' : 'aws',
      }
    }),
  )

/** The days of the month on which the tenant was there; none before it joined and none after it left. */
export const activityOf = (plan: DemoPlan, tenant: Tenant, month: Month): readonly DayActivity[] => {
  const last = plan.months.at(-1) as Month
  const monthsBack = monthsBetween(month, last).length - 1
  const ordinary = callsOfDay(tenant, monthsBack)
  const character = randomFor(`character ${tenant.tenant}`)
  const millisecondsACall = 62 + character.below(40)
  const bytesACall = 80_000 + character.below(60_000)
  const { customer } = tenant
  const seats = Math.max(1, Math.floor(customer.seats / customer.tenants.length) - Math.floor(monthsBack / 4))
  const random = randomFor(`activity ${tenant.tenant} ${month}`)
  return daysOfMonth(month).flatMap((day): DayActivity[] => {
    const weekday = WEEKDAYS[new Date(`${day}T12:00:00Z`).getUTCDay()] ?? 1000
    const calls = random.around(thousandths(ordinary, weekday), 55)
    const activity = {
      day,
      calls,
      computeMilliseconds: random.around(calls * millisecondsACall, 30),
      storageMicroGbHours: random.around(ordinary * 160, 4) * 1000 + random.below(1000),
      egressBytes: random.around(calls, 60) * bytesACall + random.below(1000),
      seats: seats + random.below(2),
      machineCentihours:
        thousandths(random.around(Math.floor(calls / 46), 35), customer.machinesPermille) + 240,
    }
    return usesOn(plan, customer, day) ? [activity] : []
  })
}
