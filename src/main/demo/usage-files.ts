/** Usage as the fictional company's metering would deliver it: CloudEvents 1.0, one a line, a file a month. */
import { type Month, monthName } from '../../domain/period.ts'
import { activityOf, type DayActivity, type Tenant, tenantsOf } from './activity.ts'
import { LATE_TENANT } from './company.ts'
import type { DemoPlan } from './plan.ts'
import { randomFor, thousandths } from './random.ts'

const SOURCE = 'https://metering.meridian-api.example/v1'

/** Customers with more calls a day than this are metered every six hours, the others daily. */
const OFTEN_ABOVE_THOUSAND_CALLS = 2000
/** What the calls of a day were for, in thousandths; the rest is ingest. */
const SEARCH_PERMILLE = 615
const EXPORT_PERMILLE = 92
/** How the calls of a day fall on its quarters, in thousandths; the rest is the last one's. */
const QUARTERS = [140, 335, 345] as const

interface Event {
  readonly id: string
  readonly metric: string
  readonly tenant: string
  readonly time: string
  /** A JSON number. */
  readonly value: string
  /** In the order they are written. */
  readonly dimensions: readonly (readonly [name: string, value: string])[]
}

const line = ({ id, metric, tenant, time, value, dimensions }: Event): string =>
  `{"specversion":"1.0","id":"${id}","source":"${SOURCE}","type":"${metric}","subject":"${tenant}","time":"${time}","data":{"value":${value}${dimensions.map(([name, text]) => `,"${name}":"${text}"`).join('')}}}`

/** A whole number at a scale as JSON number. */
const scaled = (value: number, scale: number): string => {
  const digits = String(value).padStart(scale + 1, '0')
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** Quarters end at 06:15, 12:15, 18:15 and 21:15 UTC, which is within the same day of Berlin all year. */
const TIMES = ['06:15', '12:15', '18:15', '21:15'] as const

const callsOf = (tenant: Tenant, { day, calls }: DayActivity): string[] => {
  const often = tenant.customer.thousandCallsADay > OFTEN_ABOVE_THOUSAND_CALLS
  const firsts = often ? QUARTERS.map((permille) => thousandths(calls, permille)) : []
  const parts = [...firsts, calls - firsts.reduce((sum, part) => sum + part, 0)]
  return parts.flatMap((part, index) => {
    const time = TIMES[often ? index : 3]
    const search = thousandths(part, SEARCH_PERMILLE)
    const exported = thousandths(part, EXPORT_PERMILLE)
    const endpoints = { search, ingest: part - search - exported, export: exported }
    return Object.entries(endpoints).map(([endpoint, count]) =>
      line({
        id: `${tenant.tenant}/api.calls/${day}T${time}/${endpoint}`,
        metric: 'api.calls',
        tenant: tenant.tenant,
        time: `${day}T${time}:00Z`,
        value: String(count),
        dimensions: [
          ['endpoint', endpoint],
          ['plan', tenant.customer.card],
          ['region', tenant.region],
        ],
      }),
    )
  })
}

const dailyOf = (tenant: Tenant, activity: DayActivity): string[] => {
  const { day } = activity
  const values = [
    ['compute.seconds', scaled(activity.computeMilliseconds, 3)],
    ['storage.gb_hours', scaled(activity.storageMicroGbHours, 6)],
    ['egress.bytes', String(activity.egressBytes)],
    ['seats', String(activity.seats)],
  ] as const
  return values.map(([metric, value]) =>
    line({
      id: `${tenant.tenant}/${metric}/${day}`,
      metric,
      tenant: tenant.tenant,
      time: `${day}T21:30:00Z`,
      value,
      dimensions: [
        ['plan', tenant.customer.card],
        ['region', tenant.region],
      ],
    }),
  )
}

/** Each person is seen about twice a month, on random days; about one in seven not at all. */
const usersOf = (tenant: Tenant, days: readonly DayActivity[], month: Month): string[] => {
  const random = randomFor(`users ${tenant.tenant} ${month}`)
  const people = Math.max(3, Math.floor((tenant.customer.seats * 7) / (10 * tenant.customer.tenants.length)))
  return Array.from({ length: people }, (_, person) => {
    if (random.below(7) === 0) return []
    const seen = new Set([random.below(days.length), random.below(days.length)])
    return [...seen].map((index) => {
      const day = days[index]?.day ?? ''
      const user = `${tenant.tenant}-${String(person + 1).padStart(3, '0')}`
      return line({
        id: `${tenant.tenant}/active.users/${day}/${user}`,
        metric: 'active.users',
        tenant: tenant.tenant,
        time: `${day}T09:00:00Z`,
        value: '1',
        dimensions: [
          ['plan', tenant.customer.card],
          ['user', user],
        ],
      })
    })
  }).flat()
}

/** Records that no reader can take, as a broken release of the metering would send them. */
const spoilt = (month: Month): readonly string[] => {
  const good = {
    id: '',
    metric: 'api.calls',
    tenant: 'fjordbank-prod',
    time: `${month}-20T12:15:00Z`,
    value: '4821',
    dimensions: [['endpoint', 'search']],
  } as const
  const whole = line({ ...good, id: `fjordbank-prod/api.calls/${month}-20/cut` })
  return [
    line({ ...good, id: `fjordbank-prod/api.calls/${month}-20/negative`, value: '-4821' }),
    line({ ...good, id: `fjordbank-prod/api.calls/${month}-20/word`, value: '"n/a"' }),
    line({ ...good, id: `fjordbank-prod/api.calls/${month}-20/nobody`, tenant: '' }),
    line({ ...good, id: '' }),
    whole.slice(0, whole.length - 41),
  ]
}

export interface UsageFile {
  /** Within the folder of usage files, without `.gz`. */
  readonly name: string
  readonly lines: readonly string[]
}

const isLate = (plan: DemoPlan, tenant: Tenant, day: string): boolean =>
  tenant.tenant === LATE_TENANT && day >= plan.lateWeek.firstDay && day <= plan.lateWeek.lastDay

/** The month's file. The last month's holds a few records that cannot be read. */
export const usageFileOf = (plan: DemoPlan, month: Month): UsageFile => {
  const lines = tenantsOf(plan).flatMap((tenant) => {
    const days = activityOf(plan, tenant, month)
    const delivered = days.filter(({ day }) => !isLate(plan, tenant, day))
    return [
      ...delivered.flatMap((activity) => [...callsOf(tenant, activity), ...dailyOf(tenant, activity)]),
      ...(days.length === 0 ? [] : usersOf(tenant, days, month)),
    ]
  })
  if (month === plan.months.at(-1)) lines.splice(Math.floor(lines.length / 2), 0, ...spoilt(month))
  return { name: `usage ${month}.jsonl`, lines }
}

/** The week that comes late, and one record of the day after it again, with another value: a conflict. */
export const lateFileOf = (plan: DemoPlan): UsageFile => {
  const { month, lastDay } = plan.lateWeek
  const tenant = tenantsOf(plan).find((each) => each.tenant === LATE_TENANT)
  if (tenant === undefined) throw new Error(`${LATE_TENANT} is not in the plan`)
  const days = activityOf(plan, tenant, month)
  const late = days.filter(({ day }) => isLate(plan, tenant, day))
  const after = days.find(({ day }) => day > lastDay)
  if (after === undefined) throw new Error(`${monthName(month)} ends with the late week`)
  return {
    name: `usage ${month} late week of ${LATE_TENANT}.jsonl`,
    lines: [
      ...late.flatMap((activity) => [...callsOf(tenant, activity), ...dailyOf(tenant, activity)]),
      ...dailyOf(tenant, { ...after, egressBytes: after.egressBytes + 7_340_032 }).slice(2, 3),
    ],
  }
}
