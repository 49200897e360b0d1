/** Slices of usage and cost, and margins. */
import { type Command, Option } from 'commander'
import { month } from '../../../contract/common.ts'
import { costField } from '../../../contract/cost.ts'
import { type UsageQuery, usageField } from '../../../contract/usage.ts'
import type { Month } from '../../../domain/period.ts'
import { type CommandLine, onReport, reading } from '../command-line.ts'
import { costText, marginText, usageText } from '../report-text.ts'
import { type Filter, parseFields, parseFilter, spanOf } from '../slices.ts'

interface SliceOptions {
  readonly month?: Month
  readonly from?: Month
  readonly to?: Month
  readonly groupBy?: string[]
  readonly filter?: Filter[]
}

interface UsageOptions extends SliceOptions {
  readonly metric: string
  readonly grain: UsageQuery['grain']
  readonly compare: UsageQuery['compare']
}

interface CostOptions extends SliceOptions {
  readonly grain: 'day' | 'month'
}

const addSpan = (command: Command): Command =>
  command
    .addOption(
      new Option('--month <month>', 'one month, like 2026-10; without any, the latest that has data')
        .argParser(reading(month))
        .conflicts(['from', 'to']),
    )
    .option('--from <month>', 'first month', reading(month))
    .option('--to <month>', 'last month, included', reading(month))

export const addReportCommands = (program: Command, line: CommandLine): void => {
  const usage = addSpan(
    program
      .command('usage')
      .description('usage of one metric, sliced')
      .requiredOption('--metric <metric>', 'what is measured, as "metrics list" names it'),
  )
    .option(
      '--group-by <fields>',
      'tenant, customer, dimension:<name>; two at most, with a comma',
      parseFields(usageField),
    )
    .addOption(
      new Option('--grain <grain>', 'of the columns').choices(['hour', 'day', 'month']).default('month'),
    )
    .option(
      '--filter <field=value>',
      'only these; may be repeated, the same field widens',
      parseFilter(usageField),
    )
    .addOption(
      new Option('--compare <with>', 'another period beside')
        .choices(['none', 'previous', 'last_year'])
        .default('none'),
    )
  onReport<UsageOptions>(line, usage, async ({ client, asOf }, options) => {
    const report = await client.usage.query({
      metric: options.metric,
      ...(await spanOf(client, options, asOf)),
      grain: options.grain,
      groupBy: options.groupBy ?? [],
      filters: options.filter ?? [],
      compare: options.compare,
      ...asOf,
    })
    return { data: report, text: usageText(report, options.groupBy ?? []) }
  })

  const cost = addSpan(program.command('cost').description('cost, sliced'))
    .option(
      '--group-by <fields>',
      'tenant, customer, rule, tag:<key>, service, provider or another FOCUS column in snake case; two at most',
      parseFields(costField),
    )
    .addOption(new Option('--grain <grain>', 'of the columns').choices(['day', 'month']).default('month'))
    .option(
      '--filter <field=value>',
      'only these; may be repeated, the same field widens',
      parseFilter(costField),
    )
  onReport<CostOptions>(line, cost, async ({ client, asOf }, options) => {
    const report = await client.cost.query({
      ...(await spanOf(client, options, asOf)),
      grain: options.grain,
      groupBy: options.groupBy ?? [],
      filters: options.filter ?? [],
      ...asOf,
    })
    return { data: report, text: costText(report, options.groupBy ?? []) }
  })

  const margin = program
    .command('margin')
    .description('revenue, cost and margin per customer of a month')
    .option('--month <month>', 'like 2026-10; without it, the latest that has data', reading(month))
  onReport<SliceOptions>(line, margin, async ({ client, asOf }, options) => {
    const { from } = await spanOf(client, options, asOf)
    const report = await client.cost.margin({ month: from, ...asOf })
    return { data: report, text: marginText(report) }
  })
}
