/** A draft rate card over past usage: who would pay more or less. */
import type { Command } from 'commander'
import { month } from '../../../contract/common.ts'
import { rateCardFile } from '../../../contract/rate-cards.ts'
import { SIMULATED_MONTHS_MAX } from '../../../contract/simulation.ts'
import type { DecimalText } from '../../../domain/decimal.ts'
import { type Month, monthName } from '../../../domain/period.ts'
import { formatAmount } from '../../../domain/pricing/format.ts'
import { type CommandLine, onReport, reading, wholeNumber } from '../command-line.ts'
import { readDocument } from '../documents.ts'
import { runJob } from '../jobs.ts'
import { blocks, count, DASH, percent, plain, table } from '../text.ts'

interface Options {
  readonly months?: string
  readonly from?: Month
  readonly to?: Month
  readonly all?: true
}

const money = (amount: DecimalText | null, currency: string | null): string =>
  amount === null || currency === null ? DASH : formatAmount(amount, currency)

export const addSimulate = (group: Command, line: CommandLine): void => {
  const command = group
    .command('simulate <file>')
    .description('who would pay more or less with the card of a file, over past usage; changes nothing')
    .option('--months <count>', 'the last complete months; 12 without it')
    .option('--from <month>', 'first month, in place of --months', reading(month))
    .option('--to <month>', 'last month', reading(month))
    .option('--all', 'all customers, as if every contract were for this card')
  onReport<Options>(line, command, async (context, options, [file = '']) => {
    const { client, io, asOf } = context
    const { all, months, from, to } = options
    const { simulation: found } = await runJob(
      context,
      'simulation',
      await client.rateCards.startSimulation({
        ...readDocument(rateCardFile, file, io.workingDirectory),
        customers: all === true ? 'all' : 'card',
        ...(months === undefined ? {} : { months: wholeNumber(months, '--months', 1, SIMULATED_MONTHS_MAX) }),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...asOf,
      }),
    )
    const left = found.customers.flatMap(({ name, notCompared }) =>
      notCompared.map((each) => [name, each.months.map(monthName).join(', '), each.reason]),
    )
    const text = blocks(
      plain(found.sentence),
      table(
        [
          { title: 'Customer' },
          { title: 'Today', right: true },
          { title: 'With the draft', right: true },
          { title: 'Change', right: true },
          { title: '' },
          { title: 'Percent', right: true },
          { title: 'Months', right: true },
        ],
        found.customers.map((row) => [
          row.name,
          money(row.before, row.currency),
          money(row.after, row.currency),
          money(row.change, row.currency),
          row.currency ?? '',
          percent(row.percent),
          count(row.months),
        ]),
      ),
      table(
        [{ title: 'Would pay' }, { title: 'Customers', right: true }],
        found.buckets
          .filter(({ customers }) => customers > 0)
          .map(({ words, customers }) => [words, count(customers)]),
      ),
      left.length === 0
        ? null
        : table([{ title: 'Not compared' }, { title: 'Months' }, { title: 'Reason' }], left),
      found.pinned.length === 0
        ? null
        : plain(`Stay at the version their contract names: ${found.pinned.join(', ')}.`),
    )
    return { data: found, text }
  })
}
