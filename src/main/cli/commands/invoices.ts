/** Invoices: run, look, approve, deliver. */
import { basename } from 'node:path'
import type { Command } from 'commander'
import type { z } from 'zod'
import { month } from '../../../contract/common.ts'
import type { invoiceRow } from '../../../contract/invoices.ts'
import type { DecimalText } from '../../../domain/decimal.ts'
import type { Month } from '../../../domain/period.ts'
import { formatAmount } from '../../../domain/pricing/format.ts'
import { type BookContext, type CommandLine, onBook, onReport, reading } from '../command-line.ts'
import { readDocument } from '../documents.ts'
import { issueText, Refusal, WrongUse } from '../failure.ts'
import { pastInvoicesFile } from '../formats.ts'
import { runJob } from '../jobs.ts'
import { blocks, counted, DASH, instant, number, plain, table } from '../text.ts'
import { addPreview } from './preview.ts'

type Row = z.infer<typeof invoiceRow>

interface Choice {
  readonly all?: true
  readonly month?: Month
}

const addRun = (group: Command, line: CommandLine): void => {
  const command = group
    .command('run')
    .description('rate a month for all customers: makes or renews drafts, leaves approved ones')
    .requiredOption('--month <month>', 'like 2026-10', reading(month))
    .option('--customer <id...>', 'only these customers')
  onBook<{ month: Month; customer?: string[] }>(line, command, async (context, options) => {
    const started = await context.client.invoices.run({
      month: options.month,
      ...(options.customer === undefined ? {} : { customerIds: options.customer }),
    })
    const { run } = await runJob(context, 'invoice_run', started)
    return { data: run, text: blocks(plain(run.sentence), run.issues.map(issueText).map(plain).join('\n')) }
  })
}

const addList = (group: Command, line: CommandLine): void => {
  const command = group
    .command('list')
    .description('invoices of a month, or all')
    .option('--month <month>', 'like 2026-10', reading(month))
  onReport<{ month?: Month }>(line, command, async ({ client, asOf }, options) => {
    const report = await client.invoices.list({
      ...(options.month === undefined ? {} : { month: options.month }),
      ...asOf,
    })
    const text = blocks(
      table(
        [
          { title: 'Id' },
          { title: 'Number' },
          { title: 'Customer' },
          { title: 'Month' },
          { title: 'State' },
          { title: 'Total', right: true },
          { title: '' },
          { title: 'Change' },
        ],
        report.rows.map((row) => [
          row.id,
          row.number,
          row.customerName,
          row.month,
          row.deliveryError === null ? row.state : `${row.state}, delivery failed`,
          formatAmount(row.total, row.currency),
          row.currency,
          `${row.change}${row.needsReview ? '; look twice' : ''}`,
        ]),
        ['Total', '', '', '', '', formatAmount(report.total, report.currency), report.currency, ''],
      ),
      report.totalNotes.length === 0 ? null : report.totalNotes.join('\n'),
      report.customersWithoutInvoice.length === 0
        ? null
        : table(
            [{ title: 'Without an invoice' }, { title: 'Reason' }],
            report.customersWithoutInvoice.map(({ name, reason }) => [name, reason]),
          ),
    )
    return { data: report, text }
  })
}

const addShow = (group: Command, line: CommandLine): void => {
  const command = group.command('show <id>').description('one invoice with its lines and history')
  onReport(line, command, async ({ client, asOf }, _options, [invoiceId = '']) => {
    const found = await client.invoices.get({ invoiceId, ...asOf })
    const { invoice } = found
    const money = (amount: typeof invoice.total) => formatAmount(amount, invoice.currency)
    const text = blocks(
      plain(
        `${invoice.number} for ${invoice.customerName}, ${invoice.month}, ${invoice.state} (version ${found.version})`,
      ),
      table(
        [
          { title: 'Line', right: true },
          { title: 'Description' },
          { title: 'Quantity', right: true },
          { title: 'List', right: true },
          { title: 'Discount', right: true },
          { title: `Amount ${invoice.currency}`, right: true },
        ],
        invoice.lines.map((each) => [
          String(each.line),
          each.description,
          number(each.quantity ?? null),
          number(each.listAmount),
          number(each.discountAmount),
          money(each.amount),
        ]),
        ['', 'Total', '', '', '', money(invoice.total)],
      ),
      table(
        [
          { title: 'Version', right: true },
          { title: 'State' },
          { title: 'By' },
          { title: 'At' },
          { title: 'Total', right: true },
        ],
        found.history.map((each) => [
          String(each.version),
          each.state,
          each.author,
          instant(each.recordedMs),
          money(each.total),
        ]),
      ),
      `Computed from batch ${invoice.asOfBatch}, chain head ${invoice.chainHead || DASH}.`,
      found.staleness,
      invoice.issues.map(issueText).map(plain).join('\n'),
    )
    return { data: found, text }
  })
}

const addRecompute = (group: Command, line: CommandLine): void => {
  const command = group
    .command('recompute <id>')
    .description(
      'rate the invoice again, as of its issue or as of another moment; exit code 1 where a line differs',
    )
    .option('--as-of <when>', 'else its issue: now, a batch (812), a day (2026-11-02) or a time')
  onBook<{ asOf?: string }>(line, command, async ({ client }, { asOf }, [invoiceId = '']) => {
    const found = await client.invoices.recompute({ invoiceId, ...(asOf === undefined ? {} : { asOf }) })
    const money = (amount: DecimalText | null) =>
      amount === null ? DASH : formatAmount(amount, found.currency)
    const text = blocks(
      plain(found.sentence),
      table(
        [
          { title: 'Line', right: true },
          { title: 'Description' },
          { title: `Invoiced ${found.currency}`, right: true },
          { title: 'Recomputed', right: true },
          { title: 'Difference', right: true },
          { title: '' },
        ],
        found.lines.map((each) => [
          each.line === null ? DASH : String(each.line),
          each.description,
          money(each.invoiced),
          money(each.recomputed),
          money(each.difference),
          each.sentence,
        ]),
        ['', 'Total', money(found.invoiced), money(found.recomputed), money(found.difference), ''],
      ),
      `Recomputed as of ${instant(found.asOf.recordedMs)} (batch ${found.asOf.batchId}, chain head ${found.asOf.hash.slice(0, 12)}); the invoice was computed from batch ${found.issuedAsOfBatch}.`,
    )
    return { data: found, text, good: found.equal }
  })
}

/** The invoices meant: those named, or all of a month in the state. @throws WrongUse, Refusal */
const chosen = async (
  { client }: BookContext,
  ids: readonly string[],
  { all, month: of }: Choice,
  state: Row['state'],
): Promise<{ invoiceId: string; version: number }[]> => {
  if (all === undefined) {
    if (ids.length === 0) throw new WrongUse('Name invoices, or all of a month with --all --month.')
    const found = await Promise.all(ids.map((invoiceId) => client.invoices.get({ invoiceId })))
    return found.map(({ invoice, version }) => ({ invoiceId: invoice.id, version }))
  }
  if (ids.length > 0) throw new WrongUse('Either name invoices or say --all, not both.')
  if (of === undefined) throw new WrongUse('--all needs --month.')
  const { rows } = await client.invoices.list({ month: of })
  const fitting = rows.filter((row) => row.state === state)
  if (fitting.length === 0) {
    const what = state === 'draft' ? 'no drafts' : `no ${state} invoices`
    throw new Refusal('nothing_to_do', `There are ${what} in ${of}. Nothing was done.`)
  }
  return fitting.map(({ id, version }) => ({ invoiceId: id, version }))
}

const addApprove = (group: Command, line: CommandLine): void => {
  const command = group
    .command('approve [id...]')
    .description('approve drafts; recorded with name and time')
    .option('--all', 'all drafts of --month')
    .option('--month <month>', 'like 2026-10', reading(month))
  onBook<Choice>(line, command, async (context, options, ids) => {
    const drafts = await chosen(context, ids, options, 'draft')
    const result = await context.client.invoices.approve({
      invoices: drafts.map(({ invoiceId, version }) => ({ invoiceId, expectedVersion: version })),
    })
    const refused = result.refused.map(({ invoiceId, message }) => plain(`${invoiceId}: ${message}`))
    return {
      data: result,
      text: blocks(`${counted(result.approved, 'invoice')} approved.`, refused.join('\n')),
      good: refused.length === 0,
    }
  })
}

const addDeliver = (group: Command, line: CommandLine): void => {
  const command = group
    .command('deliver [id...]')
    .description('deliver approved invoices to Stripe')
    .option('--all', 'all approved invoices of --month')
    .option('--month <month>', 'like 2026-10', reading(month))
  onBook<Choice>(line, command, async (context, options, ids) => {
    const approved = await chosen(context, ids, options, 'approved')
    const started = await context.client.invoices.deliver({
      invoiceIds: approved.map(({ invoiceId }) => invoiceId),
    })
    const { deliver } = await runJob(context, 'deliver', started)
    const failed = deliver.failed.map(({ invoiceId, message }) => plain(`${invoiceId}: ${message}`))
    return {
      data: deliver,
      text: blocks(plain(deliver.sentence), failed.join('\n')),
      good: deliver.failed.length === 0,
    }
  })
}

const addImport = (group: Command, line: CommandLine): void => {
  const command = group
    .command('import <file>')
    .description('keep invoices that were issued elsewhere (docs/formats/past-invoices.md)')
  onBook(line, command, async ({ client, io }, _options, [file = '']) => {
    const invoices = readDocument(pastInvoicesFile, file, io.workingDirectory)
    const data = await client.invoices.importPast({ from: basename(file), invoices })
    return { data, text: data.sentence }
  })
}

export const addInvoiceCommands = (program: Command, line: CommandLine): void => {
  const group = program.command('invoice').description('invoices of a month')
  for (const add of [addRun, addList, addShow, addPreview, addRecompute, addApprove, addDeliver, addImport])
    add(group, line)
}
