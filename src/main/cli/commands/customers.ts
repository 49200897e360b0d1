/** Customers and metrics. */
import { isDeepStrictEqual } from 'node:util'
import type { Command } from 'commander'
import { day, id, month } from '../../../contract/common.ts'
import type { Month } from '../../../domain/period.ts'
import { type CommandLine, onBook, onReport, reading } from '../command-line.ts'
import { readDocument } from '../documents.ts'
import { customersFile, metricsFile } from '../formats.ts'
import { counted, DASH, instant, number, percent, table } from '../text.ts'

/** What a list of documents came to, when each is saved unless the book has it so already. */
interface Saved {
  made: number
  changed: number
  unchanged: number
}

const savedText = (saved: Saved, one: string): string =>
  `${counted(saved.made, one)} made, ${saved.changed} changed, ${saved.unchanged} unchanged.`

const tally = (saved: Saved, version: number, isSame: boolean): boolean => {
  if (version === 0) saved.made++
  else if (isSame) saved.unchanged++
  else saved.changed++
  return version === 0 || !isSame
}

const addCustomers = (program: Command, line: CommandLine): void => {
  const group = program.command('customers').description('customers and their tenants')

  const list = group
    .command('list')
    .description('customers with their month')
    .option('--month <month>', 'like 2026-10', reading(month))
  onReport<{ month?: Month }>(line, list, async ({ client, asOf }, options) => {
    const report = await client.customers.list({
      ...(options.month === undefined ? {} : { month: options.month }),
      ...asOf,
    })
    const text = table(
      [
        { title: 'Id' },
        { title: 'Name' },
        { title: 'Tenants', right: true },
        { title: 'Rate card' },
        { title: `Revenue ${report.month ?? ''}`.trim(), right: true },
        { title: 'Direct cost', right: true },
        { title: 'Margin %', right: true },
        { title: 'Last usage' },
      ],
      report.rows.map((row) => [
        row.customer.id,
        row.customer.name,
        String(row.customer.tenants.length),
        row.rateCardName ?? DASH,
        number(row.revenue),
        number(row.directCost),
        percent(row.marginPercent),
        instant(row.lastUsageMs),
      ]),
    )
    const without =
      report.tenantsWithoutCustomer === 0
        ? ''
        : `\n\n${counted(report.tenantsWithoutCustomer, 'tenant')} without a customer.`
    return { data: report, text: text + without }
  })

  const set = group
    .command('set <file>')
    .description('make or change customers from a list (docs/formats/customers.md)')
  onBook(line, set, async ({ client, io }, _options, [file = '']) => {
    const given = readDocument(customersFile, file, io.workingDirectory)
    const { rows } = await client.customers.list({})
    const known = new Map(rows.map((row) => [row.customer.id, row]))
    const saved: Saved = { made: 0, changed: 0, unchanged: 0 }
    for (const each of given) {
      const row = known.get(each.id)
      const version = row?.version ?? 0
      const { email = null, tenants = [], stripeCustomerId = null } = { ...row?.customer, ...each }
      const customer = { id: each.id, name: each.name, email, tenants, stripeCustomerId }
      if (tally(saved, version, isDeepStrictEqual(customer, row?.customer)))
        await client.customers.save({ ...customer, expectedVersion: version })
    }
    return { data: saved, text: savedText(saved, 'customer') }
  })

  const fromTenants = group
    .command('from-tenants')
    .description('make one customer of each tenant that has none')
    .option('--tenant <tenant...>', 'only these tenants')
    .option('--rate-card <id>', 'give each a contract on this rate card', reading(id))
    .option('--start <day>', 'first day of those contracts', reading(day))
  onBook<{ tenant?: string[]; rateCard?: string; start?: string }>(
    line,
    fromTenants,
    async ({ client }, options) => {
      const tenants =
        options.tenant ??
        (await client.customers.tenants())
          .filter(({ customerId }) => customerId === null)
          .map(({ tenant }) => tenant)
      const made =
        tenants.length === 0
          ? 0
          : (
              await client.customers.fromTenants({
                tenants,
                rateCardId: options.rateCard ?? null,
                startDay: options.start ?? null,
              })
            ).made
      return { data: { made }, text: `${counted(made, 'customer')} made.` }
    },
  )
}

const addMetrics = (program: Command, line: CommandLine): void => {
  const group = program.command('metrics').description('what is measured')

  onReport(
    line,
    group.command('list').description('metrics with their definitions'),
    async ({ client, asOf }) => {
      const metrics = await client.metrics.list(asOf)
      const text = table(
        [
          { title: 'Metric' },
          { title: 'Name' },
          { title: 'Unit' },
          { title: 'Aggregation' },
          { title: 'Decimals', right: true },
          { title: 'Events', right: true },
          { title: 'Tenants', right: true },
          { title: 'Last' },
        ],
        metrics.map(({ definition, events, tenants, lastMs }) => [
          definition.metric,
          definition.name,
          definition.unit,
          definition.uniqueBy === undefined
            ? definition.aggregation
            : `${definition.aggregation} of ${definition.uniqueBy}`,
          String(definition.scale),
          number(String(events)),
          number(String(tenants)),
          instant(lastMs),
        ]),
      )
      return { data: metrics, text }
    },
  )

  const set = group
    .command('set <file>')
    .description('define metrics from a list (docs/formats/metrics.schema.json)')
  onBook(line, set, async ({ client, io }, _options, [file = '']) => {
    const given = readDocument(metricsFile, file, io.workingDirectory)
    const known = new Map((await client.metrics.list()).map((each) => [each.definition.metric, each]))
    const saved: Saved = { made: 0, changed: 0, unchanged: 0 }
    for (const definition of given) {
      const before = known.get(definition.metric)
      const version = before?.version ?? 0
      if (tally(saved, version, isDeepStrictEqual(definition, before?.definition)))
        await client.metrics.save({ metric: definition.metric, definition, expectedVersion: version })
    }
    return { data: saved, text: savedText(saved, 'metric') }
  })
}

export const addCustomerCommands = (program: Command, line: CommandLine): void => {
  addCustomers(program, line)
  addMetrics(program, line)
}
