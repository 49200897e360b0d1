/** Exchange rates: entered, or taken from the ECB's files; asked for by day. */
import { readFile } from 'node:fs/promises'
import { readEcbFile } from '../../../domain/rates/ecb.ts'
import {
  convertAmount,
  mergeRates,
  parseRate,
  quoteInWords,
  quoteOn,
  type RateTable,
  rateTableId,
} from '../../../domain/rates/rates.ts'
import type { Put } from '../documents.ts'
import { api, type EngineState } from '../engine-state.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { refused } from '../refusals.ts'
import { rateTablesOf } from '../reports/exchange.ts'
import type { Session } from '../session.ts'

/** The ECB's whole history as XML is about 8 MB. */
const FILE_BYTES_MAX = 32 * 1024 * 1024
const YEARS_BEFORE = 2

/** What the import of one table would add, beside what is kept. */
const putOf = (session: Session, added: RateTable) => {
  const id = rateTableId(added)
  const stored = session.one('rates', id)
  const content = mergeRates(stored?.content ?? null, added)
  let newRates = 0
  let changedRates = 0
  for (const [day, rates] of Object.entries(added.days))
    for (const [currency, rate] of Object.entries(rates)) {
      const before = stored?.content.days[day]?.[currency]
      if (before === undefined) newRates++
      else if (before !== rate) changedRates++
    }
  const put: Put = { kind: 'rates', id, content, expectedVersion: stored?.version ?? 0 }
  return { put, newRates, changedRates }
}

const since = (table: RateTable, fromDay: string): readonly RateTable[] => {
  const days = Object.fromEntries(Object.entries(table.days).filter(([day]) => day >= fromDay))
  return Object.keys(days).length === 0 ? [] : [{ ...table, days }]
}

export const ratesHandlers = (engine: EngineState) => ({
  list: api.rates.list.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    return session.all('rates').map(({ id, content, recordedMs, author }) => {
      const days = Object.keys(content.days).sort()
      return {
        id,
        source: content.source,
        base: content.base,
        year: content.year,
        days: days.length,
        firstDay: days[0] ?? '',
        lastDay: days.at(-1) ?? '',
        currencies: [...new Set(Object.values(content.days).flatMap((rates) => Object.keys(rates)))].sort(),
        recordedMs,
        author,
      }
    })
  }),
  on: api.rates.on.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const { from, to, day } = input
    const quote = quoteOn(rateTablesOf(session), from, to, day)
    return {
      quote:
        quote === null
          ? null
          : {
              numerator: quote.numerator,
              denominator: quote.denominator,
              source: quote.source,
              day: quote.day,
            },
      amount: quote === null || input.amount === undefined ? null : convertAmount(input.amount, quote),
      sentence:
        quote === null
          ? `There is no rate from ${from} to ${to} for ${day}. Enter one in Settings, or import the ECB’s file for that day.`
          : quoteInWords(quote),
      asOf: knownTo(session),
    }
  }),
  enter: api.rates.enter.handler(async ({ input }) => {
    const session = engine.session()
    const { from, to, day } = input
    const rate = parseRate(input.rate)
    if (rate === null)
      throw refused(
        'rate_is_not_above_zero',
        `A rate must be above zero, not ${input.rate}. Nothing was saved.`,
      )
    if (from === to)
      throw refused(
        'currencies_are_the_same',
        `One ${from} is one ${to} always. Nothing was saved; choose two currencies.`,
      )
    const { put } = putOf(session, {
      source: 'entered',
      base: from,
      year: Number(day.slice(0, 4)),
      days: { [day]: { [to]: rate } },
    })
    await session.put(`Rate ${from} to ${to} of ${day}`, [put])
    return { sentence: `1 ${from} = ${rate} ${to} from ${day}, until the next rate of the two is entered.` }
  }),
  import: api.rates.import.handler(async ({ input }) => {
    const session = engine.session()
    const file = session.uploads.get(input.fileId)
    if (file.size > FILE_BYTES_MAX)
      throw refused(
        'file_is_too_large',
        `${file.name} has ${file.size} bytes; the ECB’s whole history has less than ${FILE_BYTES_MAX}. Nothing was saved; choose one of its files of reference rates.`,
      )
    const { tables, issues } = readEcbFile(await readFile(file.path, 'utf8'))
    if (issues.length > 0)
      throw refused(
        'rates_cannot_be_read',
        `${file.name}: ${issues[0]?.message ?? ''}${issues.length > 1 ? ` (${issues.length - 1} more)` : ''} Nothing was saved.`.replace(
          'Nothing was saved. Nothing was saved.',
          'Nothing was saved.',
        ),
        issues,
      )
    const fromDay =
      input.fromDay ?? `${new Date(session.clock.nowMs()).getUTCFullYear() - YEARS_BEFORE}-01-01`
    const kept = tables.flatMap((table) => since(table, fromDay))
    const changes = kept.map((table) => putOf(session, table))
    const days = kept.reduce((sum, table) => sum + Object.keys(table.days).length, 0)
    const newRates = changes.reduce((sum, change) => sum + change.newRates, 0)
    const changedRates = changes.reduce((sum, change) => sum + change.changedRates, 0)
    const puts = changes.filter((change) => change.newRates + change.changedRates > 0).map(({ put }) => put)
    if (puts.length > 0) await session.put(`Exchange rates from ${file.name}`, puts)
    await session.uploads.discard(input.fileId)
    const whole = tables.reduce((sum, table) => sum + Object.keys(table.days).length, 0)
    const leftOut = whole === days ? '' : ` ${whole - days} days before ${fromDay} were left out.`
    return {
      days,
      newRates,
      changedRates,
      sentence: `${file.name}: ${days} days read, ${newRates} rates new, ${changedRates} changed.${leftOut}`,
    }
  }),
})
