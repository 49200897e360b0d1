/** A running month's invoice so far, and as it would be at its end. */
import type { Command } from 'commander'
import { month } from '../../../contract/common.ts'
import { comparedLines } from '../../../domain/invoice/forecast-lines.ts'
import { type Month, monthName } from '../../../domain/period.ts'
import { formatAmount } from '../../../domain/pricing/format.ts'
import { type CommandLine, onReport, reading } from '../command-line.ts'
import { issueText } from '../failure.ts'
import { blocks, DASH, number, plain, table } from '../text.ts'

export const addPreview = (group: Command, line: CommandLine): void => {
  const command = group
    .command('preview <customer>')
    .description('the running month’s invoice so far, with a forecast to its end; keeps nothing')
    .option('--month <month>', 'the running month', reading(month))
  onReport<{ month?: Month }>(line, command, async ({ client, asOf }, options, [customerId = '']) => {
    const found = await client.invoices.preview({
      customerId,
      ...(options.month === undefined ? {} : { month: options.month }),
      ...asOf,
    })
    const parts = found.soFar.map((invoice) => {
      const ended = found.forecast?.find(({ id }) => id === invoice.id) ?? null
      const money = (amount: typeof invoice.total | null | undefined) =>
        amount == null ? DASH : formatAmount(amount, invoice.currency)
      return table(
        [
          { title: 'Charge' },
          { title: 'Quantity so far', right: true },
          { title: `So far ${invoice.currency}`, right: true },
          { title: 'Quantity forecast', right: true },
          { title: 'Forecast', right: true },
        ],
        comparedLines(invoice, ended).map(({ description, soFar, forecast }) => [
          description,
          number(soFar?.quantity ?? null),
          money(soFar?.amount),
          number(forecast?.quantity ?? null),
          money(forecast?.amount),
        ]),
        ['Total', '', money(invoice.total), '', money(ended?.total)],
      )
    })
    const issues = new Set(
      [...found.soFar, ...(found.forecast ?? [])].flatMap((each) => each.issues.map(issueText)),
    )
    const text = blocks(
      plain(`${found.name}, ${monthName(found.month)}: what the invoice is so far, and at the month’s end.`),
      ...parts,
      found.words,
      [...issues].map(plain).join('\n'),
    )
    return { data: found, text }
  })
}
