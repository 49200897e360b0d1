import type { BookSettings, BookStatus } from '../../../contract/book.ts'
import { bookSettings } from '../../../contract/book.ts'
import type { DecimalText } from '../../../domain/decimal.ts'
import { parseCurrency } from '../../../domain/money.ts'
import { isTimeZone, type Month } from '../../../domain/period.ts'
import { stripeApiBase } from '../../bill/stripe/api-base.ts'
import { countConflicts, countQuarantine } from '../../ledger/read-exceptions.ts'
import { SecretError } from '../../secrets/secrets.ts'
import { api, type EngineState } from '../engine-state.ts'
import { forgetPast, sessionAsOf } from '../past.ts'
import { bannerOf } from '../read-only.ts'
import { refused, sentenceOf } from '../refusals.ts'
import { forgetForecast } from '../reports/forecast.ts'
import { freshnessOf } from '../reports/freshness.ts'
import { forgetRevenue } from '../reports/revenue.ts'
import { closedMonths, latestMonth, type Session } from '../session.ts'
import { backupHandlers } from './backups.ts'

const DEFAULTS: Omit<BookSettings, 'name' | 'currency' | 'timeZone'> = {
  costBasis: 'billed',
  marginFloorPercent: '40' as DecimalText,
  unattributedLimitPercent: '5' as DecimalText,
  invoiceReviewLimit: '50000' as DecimalText,
  stripeApiBase: null,
  daysUntilDue: 30,
  finalizeInStripe: false,
}

const stripeKeyOf = async (engine: EngineState) => {
  const key = await engine.secrets.describeSecret('STRIPE_API_KEY')
  return { available: key.from !== null, sentence: key.sentence, canStore: key.canBeSaved }
}

const monthsOf = (session: Session): BookStatus['months'] => {
  const closed = new Set<string>(closedMonths(session))
  const invoices = new Map<string, number>()
  for (const { content } of session.all('invoice'))
    if (content.state !== 'void') invoices.set(content.month, 1 + (invoices.get(content.month) ?? 0))
  return session.months().map(({ month, usageEvents, costEntries }) => ({
    month: month as Month,
    closed: closed.has(month),
    usageEvents,
    costEntries,
    invoices: invoices.get(month) ?? 0,
  }))
}

const statusOf = async (engine: EngineState, asOf?: string): Promise<BookStatus> => {
  const opened = engine.openedSession()
  const session = opened === null ? null : await sessionAsOf(opened, asOf)
  const stripeKey = await stripeKeyOf(engine)
  const readOnlyBecause = engine.readOnly()
  const base = {
    directory: engine.directory,
    program: engine.program,
    demo: engine.demo,
    stripeKey,
    readOnly: readOnlyBecause === null ? null : bannerOf(readOnlyBecause),
    trouble: session?.trouble() ?? null,
  }
  if (session === null)
    return {
      ...base,
      open: false,
      author: engine.userName,
      settings: null,
      settingsVersion: 0,
      head: { batchId: 0, hash: '', recordedMs: null, entries: 0 },
      months: [],
      currentMonth: null,
      freshness: [],
      openQuarantine: 0,
      openConflicts: 0,
    }
  const { version, ...settings } = session.settings()
  return {
    ...base,
    open: true,
    author: session.author,
    settings,
    settingsVersion: version,
    head: { ...session.head() },
    months: monthsOf(session),
    currentMonth: latestMonth(session),
    freshness: freshnessOf(session).map(({ sourceKey, kind, lastServiceMs, lastBatchId, late }) => ({
      source: sourceKey,
      kind,
      lastRecordedMs: session.recordedMsOf(lastBatchId),
      lastServiceMs,
      late,
    })),
    openQuarantine: countQuarantine(session.ledger, session.asOf).open,
    openConflicts: countConflicts(session.ledger, session.asOf).open,
  }
}

/** @throws REFUSED */
const checkSettings = (engine: EngineState, settings: BookSettings): void => {
  if (!isTimeZone(settings.timeZone))
    throw refused(
      'time_zone_is_unknown',
      `${settings.timeZone} is no IANA time zone, like Europe/Berlin. Nothing was saved.`,
    )
  if (parseCurrency(settings.currency) === null)
    throw refused('currency_is_unknown', `${settings.currency} is no currency code. Nothing was saved.`)
  try {
    stripeApiBase(settings.stripeApiBase, engine.environment)
  } catch (error) {
    throw refused('stripe_address_is_wrong', `${sentenceOf(error)} Nothing was saved.`)
  }
}

export const bookHandlers = (engine: EngineState) => ({
  status: api.book.status.handler(({ input }) => statusOf(engine, input.asOf)),
  create: api.book.create.handler(async ({ input }) => {
    const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
    const settings = bookSettings.parse({ ...DEFAULTS, ...given })
    checkSettings(engine, settings)
    await engine.createBook(async (session) => {
      await session.put(`Book ${settings.name}`, [
        { kind: 'book', id: 'book', content: settings, expectedVersion: 0 },
        { kind: 'author', id: 'author', content: { name: engine.userName }, expectedVersion: 0 },
      ])
    })
    return statusOf(engine)
  }),
  saveSettings: api.book.saveSettings.handler(async ({ input: { settings, expectedVersion } }) => {
    const session = engine.session()
    checkSettings(engine, settings)
    const before = session.settings()
    const fixed = (['currency', 'timeZone'] as const).find((name) => before[name] !== settings[name])
    if (fixed !== undefined && session.months().length > 0)
      throw refused(
        'setting_is_fixed',
        `The ${fixed === 'currency' ? 'currency' : 'time zone'} of a book that holds entries can’t be changed: months and amounts would mean something else. Nothing was saved.`,
      )
    await session.put('Settings', [{ kind: 'book', id: 'book', content: settings, expectedVersion }])
    return statusOf(engine)
  }),
  saveAuthor: api.book.saveAuthor.handler(async ({ input }) => {
    const session = engine.session()
    session.author = input.author
    await session.put(`Now acting: ${input.author}`, [
      { kind: 'author', id: 'author', content: { name: input.author }, expectedVersion: null },
    ])
    return statusOf(engine)
  }),
  storeStripeKey: api.book.storeStripeKey.handler(async ({ input }) => {
    try {
      await engine.secrets.saveSecret('STRIPE_API_KEY', input.key)
    } catch (error) {
      if (error instanceof SecretError) throw refused(error.code, engine.secrets.redact(error.message))
      throw error
    }
    return statusOf(engine)
  }),
  ...backupHandlers(engine),
  rebuildCube: api.book.rebuildCube.handler(() => {
    const session = engine.session()
    return engine.jobs.start('rebuild_cube', 'Rebuild the cube', 'entries', async (handle) => {
      let entries = 0
      for await (const event of await session.cube.rebuild(undefined, { signal: handle.signal }))
        if (event.result === null) handle.progress(event.doneSeq, event.totalSeq, 'Following the ledger')
        else entries = event.result.entries
      await session.follow()
      forgetRevenue(session)
      forgetForecast(session)
      forgetPast(session)
      return {
        kind: 'rebuild_cube',
        sentence: `The cube was built again from ${entries.toLocaleString('en')} entries of the ledger.`,
      }
    })
  }),
})

export const jobsHandlers = (engine: EngineState) => ({
  list: api.jobs.list.handler(() => engine.jobs.list()),
  get: api.jobs.get.handler(({ input }) => engine.jobs.get(input.jobId)),
  watch: api.jobs.watch.handler(({ input, signal }) => engine.jobs.watch(input.jobId, signal)),
  cancel: api.jobs.cancel.handler(({ input }) => engine.jobs.cancel(input.jobId)),
})
