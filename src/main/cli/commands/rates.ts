/** Exchange rates. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { currency, day, decimal } from '../../../contract/common.ts'
import type { DecimalText } from '../../../domain/decimal.ts'
import { type CommandLine, onBook, onReport, reading } from '../command-line.ts'
import { WrongUse } from '../failure.ts'
import { count, number, plain, table } from '../text.ts'

const given = <T>(
  schema: { safeParse: (text: string) => { success: boolean; data?: T } },
  text: string,
  what: string,
): T => {
  const read = schema.safeParse(text)
  if (!read.success || read.data === undefined) throw new WrongUse(`"${text}" is not ${what}.`)
  return read.data
}

const currencyOf = (text: string) =>
  given(currency, text, 'a currency code of three capital letters, like USD')
const dayOf = (text: string) => given(day, text, 'a day, like 2026-10-31')

export const addRateCommands = (program: Command, line: CommandLine): void => {
  const group = program.command('rates').description('exchange rates, by day')

  onReport(
    line,
    group.command('list').description('the tables of rates, a year each'),
    async ({ client, asOf }) => {
      const tables = await client.rates.list(asOf)
      const text = table(
        [
          { title: 'Source' },
          { title: 'Base' },
          { title: 'Year' },
          { title: 'Days', right: true },
          { title: 'First' },
          { title: 'Last' },
          { title: 'Currencies' },
        ],
        tables.map((each) => [
          each.source,
          each.base,
          String(each.year),
          count(each.days),
          each.firstDay,
          each.lastDay,
          each.currencies.join(' '),
        ]),
      )
      return { data: tables, text }
    },
  )

  const on = group
    .command('on <from> <to> <day>')
    .description('the rate that holds on a day')
    .option('--amount <amount>', 'an amount of the first currency to convert', reading(decimal))
  onReport<{ amount?: DecimalText }>(
    line,
    on,
    async ({ client, asOf }, options, [from = '', to = '', onDay = '']) => {
      const found = await client.rates.on({
        from: currencyOf(from),
        to: currencyOf(to),
        day: dayOf(onDay),
        ...(options.amount === undefined ? {} : { amount: options.amount }),
        ...asOf,
      })
      const converted =
        found.amount === null || options.amount === undefined
          ? ''
          : `\n${number(options.amount)} ${from} = ${number(found.amount)} ${to}`
      return { data: found, text: `${found.sentence}${converted}` }
    },
  )

  const set = group
    .command('set <from> <to> <day> <rate>')
    .description('enter a rate: units of the second currency for one of the first, from that day on')
  onBook(line, set, async ({ client }, _options, [from = '', to = '', onDay = '', rate = '']) => {
    const saved = await client.rates.enter({
      from: currencyOf(from),
      to: currencyOf(to),
      day: dayOf(onDay),
      rate: given(decimal, rate, 'a decimal number, like 1.0876'),
    })
    return { data: saved, text: saved.sentence }
  })

  const take = group
    .command('import <file>')
    .description('take a file of the ECB’s reference rates (.csv or .xml)')
    .option('--from <day>', 'leave earlier days out; 1 January two years ago without it', reading(day))
  onBook<{ from?: string }>(line, take, async ({ client, io }, options, [file = '']) => {
    const { fileId } = await client.files.openPath({ path: resolve(io.workingDirectory, file) })
    try {
      const taken = await client.rates.import({
        fileId,
        ...(options.from === undefined ? {} : { fromDay: options.from }),
      })
      return { data: taken, text: plain(taken.sentence) }
    } finally {
      await client.files.discard({ fileId }).catch(() => {})
    }
  })
}
