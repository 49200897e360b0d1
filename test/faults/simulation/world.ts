/** The whole simulation as a list of steps, made from a seed alone: month by month what arrives, when, and in what state. */
import { billFiles, PROVIDERS } from './bill-files.ts'
import { addMonths, monthsFrom, startOfMonth } from './local-time.ts'
import type { Random } from './random.ts'
import type { SimulatedFile, Step } from './records.ts'
import { contentFiles, eventFiles, logFiles, meterFiles } from './usage-files.ts'
import { METRICS, REFINED_METRIC } from './usage-world.ts'

export interface Size {
  readonly firstMonth: string
  readonly months: number
  readonly tenants: number
  /** Records a month, of all usage files together, before copies and conflicts. */
  readonly records: number
  /** New charge lines a month, of all providers together. */
  readonly charges: number
  /** Of a hundred imports, how many are killed. */
  readonly killsPercent: number
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

export const stepsOf = (random: Random, size: Size): Step[] => {
  const months = monthsFrom(size.firstMonth, size.months)
  const tenants = Array.from(
    { length: size.tenants },
    (_, index) => `tenant-${String(index + 1).padStart(3, '0')}`,
  )
  const events = eventFiles()
  const contents = contentFiles()
  const meters = meterFiles(true)
  const counters = meterFiles(false)
  const logs = logFiles()
  const bills = PROVIDERS.map((provider) => [provider, billFiles(provider)] as const)
  const sent: SimulatedFile[] = []
  const unclosed: string[] = []
  const steps: Step[] = METRICS.map((metric) => ({
    step: 'define metric',
    presentMs: startOfMonth(size.firstMonth),
    metric,
  }))
  // Every third tenant belongs to nobody.
  for (let first = 0; first < tenants.length; first += 6)
    steps.push({
      step: 'save customer',
      presentMs: startOfMonth(size.firstMonth),
      customer: `customer-${first / 6 + 1}`,
      tenants: tenants.slice(first, first + 6).filter((_, index) => index % 3 !== 2),
    })
  const of = (share: number) => Math.max(1, Math.round((size.records * share) / 100))

  for (const [index, month] of months.entries()) {
    const own = random.fork(month)
    const startMs = startOfMonth(month)
    const nextMs = startOfMonth(addMonths(month, 1))
    const present = [month, ...months.slice(Math.max(0, index - 4), index).reverse()]
    const knowsUndefined = index > 0

    const take = (presentMs: number, file: SimulatedFile, again = false) => {
      const killedAt = own.chance(size.killsPercent) ? own.between(0, 120) : null
      steps.push({ step: 'import', presentMs, file, killedAt })
      if (!again) sent.push(file)
    }
    const scope = (count: number, untilMs: number) => ({
      tenants,
      months: present,
      untilMs,
      count,
      knowsUndefined,
    })

    const midMs = startMs + 15 * DAY_MS + own.below(DAY_MS)
    take(midMs, events(own, `events-${month}-a.jsonl`, 'Gateway', scope(of(25), midMs)))
    take(midMs, meters(own, `meters-${month}-a.csv`, scope(of(8), midMs)))
    take(midMs, logs(own, `access-${month}-a.log`, scope(of(5), midMs)))
    for (const [provider, deliver] of bills)
      take(midMs, deliver(own, `${provider.provider}-${month}-1.csv`, month, Math.ceil(size.charges / 8)))

    // The month is just over, and this machine's clock goes wrong by minutes: some events come before their time.
    const endMs = nextMs + own.below(20) * MINUTE_MS
    const slowMs = nextMs - own.between(6, 40) * MINUTE_MS
    const lastEvents = events(own, `events-${month}-b.jsonl`, 'Gateway', scope(of(30), nextMs))
    take(slowMs, lastEvents)
    take(endMs, lastEvents, true)
    take(endMs, contents(own, `paigo-${month}.jsonl`, scope(of(8), nextMs)))
    take(endMs - MINUTE_MS, meters(own, `meters-${month}-b.csv`, scope(of(7), nextMs)))
    take(endMs - 2 * MINUTE_MS, counters(own, `counters-${month}.csv`, scope(of(9), nextMs)))
    take(endMs, logs(own, `access-${month}-b.log`, scope(of(8), nextMs)))

    const laterMs = nextMs + own.between(2, 6) * DAY_MS
    for (const [provider, deliver] of bills)
      for (const back of [0, 1, 2, 3])
        if (back <= index && own.chance([100, 40, 25, 10][back] ?? 0)) {
          const billed = addMonths(month, -back)
          const fresh = back === 0 ? Math.ceil(size.charges / 8) : own.below(3)
          const count = steps.length
          // What only adds and has nothing new would be a file without rows.
          if (provider.sends === 'add' && fresh === 0) continue
          take(laterMs, deliver(own, `${provider.provider}-${billed}-at-${count}.csv`, billed, fresh))
        }
    // Files that somebody imports again, of today or long ago.
    for (let i = 0; i < 2; i++) take(laterMs, own.pick(sent.slice(-40)), true)
    if (own.chance(40)) take(laterMs, own.pick(sent), true)

    if (index === Math.floor(size.months / 2))
      steps.push({ step: 'define metric', presentMs: laterMs, metric: REFINED_METRIC })
    steps.push({ step: 'answer quarantine', presentMs: laterMs, most: 20 })
    steps.push({ step: 'reverse usage', presentMs: laterMs, most: own.between(1, 6) })
    if (own.chance(size.killsPercent * 2) || index === size.months - 1)
      steps.push({ step: 'kill a rebuild', presentMs: laterMs, killedAt: own.between(0, 150) })

    // Mostly the month before is closed; sometimes none, then two at once, and not always in their order.
    if (index > 0) unclosed.push(addMonths(month, -1))
    if (own.chance(75))
      for (const closing of own.shuffled(unclosed.splice(0)))
        steps.push({
          step: 'close month',
          presentMs: laterMs + MINUTE_MS,
          month: closing,
          killedAt: own.chance(size.killsPercent * 2) ? own.between(0, 60) : null,
        })
    steps.push({ step: 'check', presentMs: laterMs + 2 * MINUTE_MS, month })
  }
  return steps
}
