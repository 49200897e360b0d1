/** The auditor's usage: an array of entries, and which record is new, a duplicate or a conflict. */
import { unitsAt } from './amounts.ts'
import type { Calendar } from './calendar.ts'
import { instantOf, localDay } from './local-time.ts'
import type { Fact, Moment, UsageRow } from './records.ts'
import { openScales } from './scales.ts'

/** Usage is kept with at most so many decimals. */
export const USAGE_DECIMALS = 12
const CLOCK_TOLERANCE_MS = 300_000

export interface UsageEntry {
  readonly batch: number
  readonly tenant: string
  readonly metric: string
  /** At USAGE_DECIMALS. */
  units: bigint
  readonly startMs: number
  readonly endMs: number | null
  readonly dimensions: Readonly<Record<string, string>>
  /** The local day it counts in. */
  readonly day: string
  readonly late: boolean
  readonly isReversal: boolean
  /** Of an entry with an id, that id. */
  readonly id: string | null
  readonly source: string
  /** The batch that took it back; null while it stands. */
  reversed: { readonly batch: number; readonly late: boolean } | null
}

export type EntryOutcome = 'new' | 'duplicate' | 'conflict'
export type RejectionReason = 'unreadable' | 'future' | 'negative' | 'too_fine' | 'too_large'

const instant = (moment: Moment): number => ('ms' in moment ? moment.ms : instantOf(moment.local))

const sameDimensions = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([key, value]) => b[key] === value)

export const openUsageJournal = (calendar: Calendar) => {
  const entries: UsageEntry[] = []
  const byId = new Map<string, UsageEntry>()
  const copiesOf = new Map<string, number>()
  const scales = openScales()
  let copiesInFile = new Map<string, number>()

  const post = (source: string, fact: Fact, batch: number): UsageEntry => {
    const startMs = instant(fact.start)
    const ownDay = localDay(startMs)
    const postedMonth = calendar.postedMonthOf(ownDay.slice(0, 7))
    const entry: UsageEntry = {
      batch,
      tenant: fact.tenant,
      metric: fact.metric,
      units: unitsAt(fact.amount, USAGE_DECIMALS),
      startMs,
      endMs: fact.end === null ? null : instant(fact.end),
      dimensions: fact.dimensions,
      day: postedMonth === null ? ownDay : `${postedMonth}-01`,
      late: postedMonth !== null,
      isReversal: false,
      id: fact.identity.by === 'id' ? fact.identity.text : null,
      source,
      reversed: null,
    }
    entries.push(entry)
    return entry
  }

  const means = (entry: UsageEntry, fact: Fact): boolean =>
    entry.tenant === fact.tenant &&
    entry.metric === fact.metric &&
    entry.units === unitsAt(fact.amount, USAGE_DECIMALS) &&
    entry.startMs === instant(fact.start) &&
    entry.endMs === (fact.end === null ? null : instant(fact.end)) &&
    sameDimensions(entry.dimensions, fact.dimensions)

  const takeById = (source: string, fact: Fact, batch: number): EntryOutcome => {
    const key = `${source}\n${fact.identity.text}`
    const known = byId.get(key)
    if (known !== undefined && known.reversed === null) return means(known, fact) ? 'duplicate' : 'conflict'
    byId.set(key, post(source, fact, batch))
    return 'new'
  }

  const takeByContent = (source: string, fact: Fact, batch: number): EntryOutcome => {
    const key = `${source}\n${fact.identity.text}`
    const copy = (copiesInFile.get(key) ?? 0) + 1
    copiesInFile.set(key, copy)
    if (copy <= (copiesOf.get(key) ?? 0)) return 'duplicate'
    copiesOf.set(key, copy)
    post(source, fact, batch)
    return 'new'
  }

  return {
    entries,
    define: scales.define,
    beginFile: () => {
      copiesInFile = new Map()
      scales.beginFile()
    },
    /** Why the row as a whole is rejected by who reads it; null where it is not. */
    rejectionOf: (row: UsageRow, presentMs: number): RejectionReason | null => {
      if (row.facts.length === 0) return 'unreadable'
      for (const { start, end, amount } of row.facts) {
        const latest = Math.max(instant(start), end === null ? 0 : instant(end))
        if (latest > presentMs + CLOCK_TOLERANCE_MS) return 'future'
        if (amount.units < 0n) return 'negative'
      }
      return null
    },
    /** Whether the fact would be rejected, or contradict one that stands; nothing is taken. */
    wouldRefuse: (source: string, fact: Fact): boolean => {
      const { metric, amount, identity } = fact
      if (scales.wouldRefuse(metric, amount.decimals, (scale) => unitsAt(amount, scale)) !== null) return true
      const known = identity.by === 'id' ? byId.get(`${source}\n${identity.text}`) : undefined
      return known !== undefined && known.reversed === null && !means(known, fact)
    },
    take: (source: string, fact: Fact, batch: number): EntryOutcome | RejectionReason => {
      const { metric, amount } = fact
      const refusal = scales.refusalOf(metric, amount.decimals, (scale) => unitsAt(amount, scale))
      if (refusal !== null) return refusal
      return fact.identity.by === 'id' ? takeById(source, fact, batch) : takeByContent(source, fact, batch)
    },
    /** Takes an entry back; where its month is closed, in the next open one. Returns that month, or null. */
    reverse: (entry: UsageEntry, batch: number): string | null => {
      const ownDay = localDay(entry.startMs)
      const postedMonth = calendar.postedMonthOf(ownDay.slice(0, 7))
      const late = postedMonth !== null
      entry.reversed = { batch, late }
      entries.push({
        ...entry,
        batch,
        units: -entry.units,
        day: late ? `${postedMonth}-01` : ownDay,
        late,
        isReversal: true,
        reversed: null,
      })
      return postedMonth
    },
  }
}
