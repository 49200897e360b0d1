/** The usage files of a month: events by id, records by content, meters' rows in local time, an access log. */
import { amountOf, textOf } from './amounts.ts'
import { addMonths, startOfMonth } from './local-time.ts'
import type { Random } from './random.ts'
import type { Fact, UsageFile, UsageRow, Writing } from './records.ts'
import {
  BYTES_METRIC,
  CSV_TITLES,
  cloudEvent,
  csvMapping,
  csvRow,
  logLine,
  paigoRecord,
  REQUESTS_METRIC,
} from './usage-lines.ts'
import { contradicted, factIn, instantIn, localMoment } from './usage-world.ts'

export interface UsageScope {
  readonly tenants: readonly string[]
  /** Months whose events may come, the present one first. */
  readonly months: readonly string[]
  readonly untilMs: number
  readonly count: number
  readonly knowsUndefined: boolean
}

export const WRITINGS: readonly Writing[] = ['plain', 'plain', 'gzip', 'with BOM', 'UTF-16', 'CRLF']

const good = (text: string, facts: readonly Fact[]): UsageRow => ({ text, facts, mended: null })

/** Mostly the present month, sometimes one of those before it. */
const monthOf = (random: Random, { months }: UsageScope): string => {
  const [present = '', ...before] = months
  return before.length > 0 && random.chance(8) ? random.pick(before) : present
}

/** What arrives for a month is not later than its end, nor than the present. */
const endOf = (month: string, untilMs: number): number => Math.min(startOfMonth(addMonths(month, 1)), untilMs)

const broken = (random: Random, fact: Fact, text: string): UsageRow => {
  const mended = good(text, [fact])
  if (random.chance(50))
    return {
      text: random.pick([
        text.slice(0, -2),
        text.replace('"specversion":"1.0"', '"specversion":"0.3"'),
        text.replace('"subject"', '"topic"'),
      ]),
      facts: [],
      mended: random.chance(60) ? mended : null,
    }
  const negative: Fact = { ...fact, amount: { ...fact.amount, units: -fact.amount.units - 1n } }
  return { text: cloudEvent(random, negative), facts: [negative], mended: random.chance(40) ? mended : null }
}

/** Everything an id can have happen to it within a file and across files. */
export const eventFiles = () => {
  let ids = 0
  const known: Fact[] = []
  return (random: Random, name: string, source: string, scope: UsageScope): UsageFile => {
    const rows: UsageRow[] = []
    while (rows.length < scope.count) {
      const month = monthOf(random, scope)
      const sender = random.pick(['/gateway/eu', '/gateway/us', '/batch'])
      const fact: Fact = {
        ...factIn(random, scope.tenants, month, endOf(month, scope.untilMs), scope.knowsUndefined),
        identity: { by: 'id', text: JSON.stringify([sender, `e${ids++}`]) },
      }
      const text = cloudEvent(random, fact)
      if (random.chance(1)) rows.push(broken(random, fact, text))
      else rows.push(good(text, [fact]))
      known.push(fact)
      const before = random.chance(5) ? random.pick(known) : null
      // The same event in another's words, or with another meaning.
      if (before !== null && random.chance(60)) rows.push(good(cloudEvent(random, before), [before]))
      else if (before !== null) {
        const other = contradicted(random, before, scope.tenants)
        rows.push(good(cloudEvent(random, other), [other]))
      }
    }
    return {
      what: 'usage',
      name,
      source,
      // What kind of file it is, its first line tells too.
      options: random.chance(50) ? { source } : { source, kind: 'cloudevents' },
      header: null,
      rows: random.chance(80) ? random.shuffled(rows) : rows,
      writing: random.pick(WRITINGS),
    }
  }
}

/** Equal records within one file count each; those of a file before do not again. */
const withCopies = (random: Random, rows: readonly UsageRow[], earlier: readonly UsageRow[]): UsageRow[] =>
  random.shuffled([
    ...rows,
    ...rows.filter(() => random.chance(3)),
    ...rows.filter(() => random.chance(1)),
    ...earlier.filter(() => random.chance(10)),
  ])

export const contentFiles = () => {
  let before: readonly UsageRow[] = []
  return (random: Random, name: string, scope: UsageScope): UsageFile => {
    const fresh = Array.from({ length: scope.count }, () => {
      const month = monthOf(random, scope)
      const fact = factIn(random, scope.tenants, month, endOf(month, scope.untilMs), false)
      const instant = { ...fact, end: null }
      const text = paigoRecord(random, instant)
      return good(text, [{ ...instant, identity: { by: 'content', text } }])
    })
    const rows = withCopies(random, fresh, before)
    before = fresh
    const source = 'Paigo'
    return {
      what: 'usage',
      name,
      source,
      options: { source, kind: 'paigo' },
      header: null,
      rows,
      writing: 'plain',
    }
  }
}

export const meterFiles = (withId: boolean) => {
  let ids = 0
  let before: readonly UsageRow[] = []
  const known: { id: string; fact: Fact }[] = []
  return (random: Random, name: string, scope: UsageScope): UsageFile => {
    const rowOf = (id: string, fact: Omit<Fact, 'identity'>) => {
      const text = csvRow(random, fact, withId ? id : '')
      const identity = withId ? { by: 'id' as const, text: id } : { by: 'content' as const, text }
      return good(text, [{ ...fact, identity }])
    }
    const fresh = Array.from({ length: scope.count }, () => {
      const month = monthOf(random, scope)
      const until = endOf(month, scope.untilMs)
      const { dimensions, ...fact } = factIn(random, scope.tenants, month, until, false)
      const row = rowOf(`r${ids++}`, {
        ...fact,
        start: localMoment(random, month, until),
        end: null,
        dimensions: dimensions.region === undefined ? {} : { Region: dimensions.region },
      })
      for (const own of row.facts) known.push({ id: own.identity.text, fact: own })
      return row
    })
    const conflicting = known
      .filter(() => withId && random.chance(0.5))
      .map(({ id, fact }) => rowOf(id, { ...fact, tenant: random.pick(scope.tenants) }))
    const unreadable: UsageRow = { text: `x,y,${random.below(1000)}`, facts: [], mended: null }
    const spoilt = fresh.slice(0, 2).flatMap(({ facts: [fact] }) => {
      if (fact === undefined) return []
      const mended = rowOf(`s${ids++}`, fact)
      const { units, decimals } = fact.amount
      const quantity = textOf(units, decimals)
      const negative = { ...fact, amount: { units: -units - 1n, decimals } }
      return random.pick<UsageRow>([
        { ...rowOf(`s${ids++}`, negative), mended },
        { text: mended.text.replace(`,${quantity},`, ',a dozen,'), facts: [], mended },
      ])
    })
    const rows = [
      ...spoilt.filter(({ text, mended }) => text !== mended?.text),
      ...(withId ? random.shuffled([...fresh, ...conflicting]) : withCopies(random, fresh, before)),
      ...(random.chance(50) ? [unreadable] : []),
    ]
    before = fresh
    const source = withId ? 'Meters' : 'Counters'
    return {
      what: 'usage',
      name,
      source,
      options: { source, kind: 'csv', mapping: csvMapping(withId) },
      header: CSV_TITLES.join(','),
      rows,
      writing: random.pick(WRITINGS),
    }
  }
}

/** A log that is cut anew each time: its beginning is the end of the one before. */
export const logFiles = () => {
  let tail: readonly UsageRow[] = []
  return (random: Random, name: string, scope: UsageScope): UsageFile => {
    const [month = ''] = scope.months
    const fresh = Array.from({ length: scope.count }, () => {
      const ms = Math.floor(instantIn(random, month, endOf(month, scope.untilMs)) / 1000) * 1000
      const bytes = random.chance(10) ? 0n : BigInt(random.below(1_000_000))
      const tenant = random.pick(scope.tenants)
      const { line, dimensions } = logLine(random, tenant, ms, bytes)
      const shared = { tenant, start: { ms }, end: null, dimensions } as const
      return good(line, [
        {
          ...shared,
          metric: REQUESTS_METRIC,
          amount: amountOf(1n, 0),
          identity: contentOf(line, 'requests'),
        },
        { ...shared, metric: BYTES_METRIC, amount: amountOf(bytes, 0), identity: contentOf(line, 'bytes') },
      ])
    })
    const noise: UsageRow = { text: 'the server was restarted', facts: [], mended: null }
    const rows = [...tail, ...fresh, ...(random.chance(50) ? [noise] : [])]
    tail = fresh.slice(-Math.ceil(fresh.length / 10))
    const source = 'Access logs'
    const log = {
      tenantFrom: { segment: 1 },
      requestsMetric: REQUESTS_METRIC,
      bytesMetric: BYTES_METRIC,
    }
    return {
      what: 'usage',
      name,
      source,
      options: { source, kind: 'access_log', log },
      header: null,
      rows,
      writing: 'plain',
    }
  }
}

const contentOf = (line: string, part: string): Fact['identity'] => ({
  by: 'content',
  text: `${part} of ${line}`,
})
