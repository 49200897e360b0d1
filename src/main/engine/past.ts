/**
 * The book as it was: *as of* resolved once, to a batch, and a session that answers from it. A report takes whichever
 * session it is given, so none can forget a part of then: entries, prices, contracts, customers, rules, metrics,
 * closes and invoices are all those of the batch.
 */
import type { Known } from '../../contract/common.ts'
import { parseAsOf } from '../../domain/as-of.ts'
import type { AsOf } from '../cube/queries/fields.ts'
import { type Head, headAt, headAtMoment } from '../ledger/read.ts'
import { controlTotals, listMeasures } from '../ledger/read-totals.ts'
import { notFound, refused } from './refusals.ts'
import { documentsOf, namedSources, type Session } from './session.ts'

/** Past batches kept ready; each is small, and what it counted is counted once. */
const KEPT = 8

interface Moment {
  readonly head: Head
  /** The present of then: whether a source was late, which month was over. */
  readonly nowMs: number
}

const instantText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** Null for now. @throws REFUSED, NOT_FOUND where there was no such moment or batch */
const momentOf = (session: Session, asked: string): Moment | null => {
  const parsed = parseAsOf(asked, session.settings().timeZone)
  if (parsed === null)
    throw refused(
      'as_of_is_unreadable',
      `“${asked.slice(0, 60)}” is no moment to ask as of. Write a day (2026-11-02), a time (2026-11-02T09:00:00+01:00) or a batch (812).`,
    )
  if (parsed.kind === 'now') return null
  if (parsed.kind === 'batch') {
    const head = headAt(session.ledger, parsed.batchId)
    if (head === null || head.batchId > session.head().batchId)
      throw notFound(`There is no batch ${parsed.batchId}; the last one is ${session.head().batchId}.`)
    return { head, nowMs: head.recordedMs }
  }
  const nowMs = session.clock.nowMs()
  if (parsed.firstMs > nowMs)
    throw refused(
      'as_of_is_in_the_future',
      `${asked} lies in the future: nothing is known of it yet. Ask as of now, or earlier.`,
    )
  const momentMs = Math.min(parsed.lastMs, nowMs)
  const head = headAtMoment(session.ledger, momentMs)
  if (head === null) {
    const first = headAt(session.ledger, 1)
    throw refused(
      'as_of_is_before_the_book',
      `${asked} is before the book began: its first batch was recorded on ${instantText(first?.recordedMs ?? 0)}. Ask as of then, or later.`,
    )
  }
  return { head, nowMs: momentMs }
}

/** The cube's questions, each as of the batch. What is asked as of an earlier batch stays so. */
const cubeAsOf = (cube: Session['cube'], asOfBatch: number): Session['cube'] => {
  const past = <Params extends AsOf>(params: Params): Params => ({
    ...params,
    asOfBatch: Math.min(asOfBatch, params.asOfBatch ?? asOfBatch),
  })
  const never = () => {
    throw new Error('assertion: the cube of a past batch was told to change')
  }
  return {
    status: cube.status,
    follow: never,
    rebuild: never,
    usageSlice: (params, options) => cube.usageSlice(past(params), options),
    usageTable: (params, options) => cube.usageTable(past(params), options),
    usageQuantities: (params, options) => cube.usageQuantities(past(params), options),
    usageCuts: (params, options) => cube.usageCuts(past(params), options),
    usageAfter: (params, options) => cube.usageAfter(past(params), options),
    usageDimensions: (params, options) => cube.usageDimensions(past(params), options),
    metricsSeen: (params, options) => cube.metricsSeen(past(params), options),
    tenantsSeen: (params, options) => cube.tenantsSeen(past(params), options),
    explainUsage: (params, options) => cube.explainUsage(past(params), options),
    usageRecords: (params, options) => cube.usageRecords(past(params), options),
    costSlice: (params, options) => cube.costSlice(past(params), options),
    costRecords: (params, options) => cube.costRecords(past(params), options),
    costTotals: (params, options) => cube.costTotals(past(params), options),
    costByCustomer: (params, options) => cube.costByCustomer(past(params), options),
    unattributedContributors: (params, options) => cube.unattributedContributors(past(params), options),
    bills: (params, options) => cube.bills(past(params), options),
    costSets: (params, options) => cube.costSets(past(params), options),
    poolsOnTrial: (params, options) => cube.poolsOnTrial(past(params), options),
    claimsOnTrial: (params, options) => cube.claimsOnTrial(past(params), options),
    proposalsOnTrial: (params, options) => cube.proposalsOnTrial(past(params), options),
    costTagKeys: (params, options) => cube.costTagKeys(past(params), options),
    controlTotals: (params, options) => cube.controlTotals(past(params), options),
    rollUpsDiffering: cube.rollUpsDiffering,
    monthsSeen: (params, options) => cube.monthsSeen(past(params), options),
    sourcesSeen: (params, options) => cube.sourcesSeen(past(params), options),
    daysArrived: (params, options) => cube.daysArrived(past(params), options),
    lateEntries: (params, options) => cube.lateEntries(past(params), options),
  }
}

/** The book after a batch; its clock is still that of now. */
const pastSession = async (session: Session, head: Head): Promise<Session> => {
  // Only the batches that the cube holds can be asked of it.
  if (session.followed().batchId < head.batchId) await session.follow()
  const { ledger } = session
  const asOf = { asOfBatch: head.batchId }
  const cube = cubeAsOf(session.cube, head.batchId)
  const [months, seen] = await Promise.all([cube.monthsSeen({}), cube.sourcesSeen({})])
  const sources = namedSources(ledger, seen)
  const { usage } = controlTotals(ledger, asOf)
  const measures = listMeasures(ledger).filter(({ measureNo }) => usage.has(measureNo))
  const never = () => {
    throw new Error('assertion: a past batch was told to change')
  }
  return {
    ...session,
    ...documentsOf(ledger, asOf, () => head),
    cube,
    asOf,
    head: () => head,
    followed: () => head,
    months: () => months,
    sources: () => sources,
    measures: () => measures,
    follow: async () => {},
    put: never,
    close: never,
  }
}

const kept = new WeakMap<Session, Map<number, Promise<Session>>>()

/**
 * The book as of the moment asked, or the session itself where none is. Of a past session: as of a moment before.
 * @throws REFUSED, NOT_FOUND
 */
export const sessionAsOf = async (session: Session, asked: string | undefined): Promise<Session> => {
  if (asked === undefined) return session
  const moment = momentOf(session, asked)
  if (moment === null) return session
  const { batchId } = moment.head
  const known = kept.get(session) ?? new Map<number, Promise<Session>>()
  kept.set(session, known)
  const found = known.get(batchId) ?? pastSession(session, moment.head)
  // Asked last, so dropped last.
  known.delete(batchId)
  known.set(batchId, found)
  found.catch(() => known.delete(batchId))
  for (const old of [...known.keys()].slice(0, -KEPT)) known.delete(old)
  return { ...(await found), clock: { nowMs: () => moment.nowMs } }
}

/** Forgets what past batches counted: the cube was built again, and held less while it was. */
export const forgetPast = (session: Session): void => {
  kept.delete(session)
}

/** What an answer rests on: the last batch it counts. */
export const knownTo = (session: Session): Known => {
  const { batchId, recordedMs, hash } = session.followed()
  return { batchId, recordedMs, hash }
}
