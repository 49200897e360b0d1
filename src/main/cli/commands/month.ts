/** The end of a month: reconcile, close, and what was rejected on the way. */
import type { Command } from 'commander'
import type { z } from 'zod'
import { decimal, month } from '../../../contract/common.ts'
import type { quarantineRow } from '../../../contract/ledger.ts'
import type { monthState } from '../../../contract/month.ts'
import type { Month } from '../../../domain/period.ts'
import { type BookContext, type CommandLine, onBook, reading, wholeNumber } from '../command-line.ts'
import { readText } from '../documents.ts'
import { Refusal, WrongUse } from '../failure.ts'
import { blocks, count, counted, DASH, instant, number, plain, table } from '../text.ts'

type MonthState = z.infer<typeof monthState>
type QuarantineRow = z.infer<typeof quarantineRow>

const MARKS = { passed: 'passed', open: 'OPEN', not_applicable: DASH } as const

const monthText = (state: MonthState): string => {
  const { adjustments } = state
  const late = adjustments.usageEvents + adjustments.costEntries
  return blocks(
    state.closed
      ? `${state.month} was closed by ${plain(state.closedBy ?? DASH)} on ${instant(state.closedAtMs)}${state.reason ? `: ${plain(state.reason)}` : ''}.`
      : `${state.month} is open and ${state.mayClose ? 'may be closed' : 'has open checks'}.`,
    state.bills.length === 0
      ? null
      : table(
          [
            { title: 'Provider' },
            { title: 'Account' },
            { title: 'Ledger', right: true },
            { title: 'Bill', right: true },
            { title: 'File', right: true },
            { title: 'Difference', right: true },
            { title: 'Attributed', right: true },
            { title: 'Unattributed', right: true },
            { title: '' },
          ],
          state.bills.map((bill) => [
            bill.provider,
            bill.billingAccount,
            number(bill.ledgerBilled),
            number(bill.billTotal),
            number(bill.fileTotal),
            number(bill.difference),
            number(bill.attributed),
            number(bill.unattributed),
            bill.currency,
          ]),
        ),
    table(
      [{ title: 'Check' }, { title: 'State' }, { title: '' }],
      state.checks.map((check) => [
        check.title,
        check.state === 'open' && !check.blocking ? 'open' : MARKS[check.state],
        check.sentence,
      ]),
    ),
    late === 0
      ? null
      : `Late: ${counted(adjustments.usageEvents, 'usage event')} and ${counted(adjustments.costEntries, 'cost entry', 'cost entries')} (${number(adjustments.billed)} billed), counted in ${adjustments.postedTo ?? DASH}.`,
  )
}

/** Types one bill's total in; the other bills stay as they are. */
const setBillTotal = async (
  { client }: BookContext,
  of: Month,
  values: readonly string[],
): Promise<MonthState> => {
  const [provider = '', billingAccount = '', currency = '', total = ''] = values
  if (values.length !== 4)
    throw new WrongUse('--set-total takes four values: PROVIDER ACCOUNT CURRENCY TOTAL.')
  const read = decimal.safeParse(total)
  if (!read.success)
    throw new WrongUse(`--set-total: "${total}" is not a total. Expected a decimal number, like 12.5.`)
  const { bills } = await client.reconcile.month({ month: of })
  const bill = bills.find(
    (each) =>
      each.provider === provider && each.billingAccount === billingAccount && each.currency === currency,
  )
  if (bill === undefined) {
    const known = bills
      .map((each) => `"${each.provider}" "${each.billingAccount}" ${each.currency}`)
      .join(', ')
    throw new Refusal(
      'bill_does_not_exist',
      `The ledger has no bill of ${provider} ${billingAccount} ${currency} in ${of}. ${known === '' ? 'It has none of this month.' : `It has: ${known}.`}`,
    )
  }
  return client.reconcile.setBillTotal({
    month: of,
    provider,
    billingAccount,
    currency,
    total: read.data,
    expectedVersion: bill.billTotalVersion,
  })
}

const addReconcile = (program: Command, line: CommandLine): void => {
  const reconcile = program
    .command('reconcile')
    .description('the checks of a month against the providers’ bills; exit code 1 while it may not be closed')
    .requiredOption('--month <month>', 'like 2026-10', reading(month))
    .option('--set-total <value...>', 'PROVIDER ACCOUNT CURRENCY TOTAL: what the provider’s bill says')
  onBook<{ month: Month; setTotal?: string[] }>(line, reconcile, async (context, options) => {
    const state =
      options.setTotal === undefined
        ? await context.client.reconcile.month({ month: options.month })
        : await setBillTotal(context, options.month, options.setTotal)
    return { data: state, text: monthText(state), good: state.closed || state.mayClose }
  })

  const close = program
    .command('close')
    .description('lock a month; what arrives later counts in the next open one')
    .requiredOption('--month <month>', 'like 2026-10', reading(month))
    .option('--reason <text>', 'needed where a blocking check is open')
  onBook<{ month: Month; reason?: string }>(line, close, async ({ client }, options) => {
    const state = await client.reconcile.close({
      month: options.month,
      ...(options.reason === undefined ? {} : { reason: options.reason }),
    })
    return {
      data: state,
      text: `${state.month} is closed. What arrives later counts in the next open month.`,
    }
  })
}

/** Every rejected record in the state, page after page, in the order they came. */
const quarantined = async (
  { client }: BookContext,
  state: 'open' | 'answered' | 'all',
): Promise<{ open: number; rows: QuarantineRow[] }> => {
  const rows: QuarantineRow[] = []
  for (;;) {
    const after = rows.at(-1)?.seq
    const page = await client.ledger.quarantine({
      state,
      limit: 500,
      ...(after === undefined ? {} : { afterSeq: after }),
    })
    rows.push(...page.rows)
    if (!page.more || page.rows.length === 0)
      return { open: page.open, rows: rows.toSorted((a, b) => a.seq - b.seq) }
  }
}

const addQuarantine = (program: Command, line: CommandLine): void => {
  const group = program.command('quarantine').description('rejected records')

  const list = group
    .command('list')
    .description('rejected records with their reasons')
    .option('--all', 'answered ones too')
  onBook<{ all?: true }>(line, list, async (context, { all }) => {
    const found = await quarantined(context, all ? 'all' : 'open')
    const text = table(
      [
        { title: 'Seq', right: true },
        { title: 'File' },
        { title: 'Row', right: true },
        { title: 'Column' },
        { title: 'Reason' },
        { title: 'State' },
      ],
      found.rows.map((row) => [
        String(row.seq),
        row.file,
        count(row.row),
        row.column ?? DASH,
        row.message,
        row.state,
      ]),
    )
    return { data: found, text: found.rows.length === 0 ? 'Nothing is in quarantine.' : text }
  })

  const replay = group
    .command('replay <seq>')
    .description('read a mended record again; refused where it is still wrong')
    .requiredOption('--raw <file>', 'the mended record, as it should have been')
  onBook<{ raw: string }>(line, replay, async ({ client, io }, { raw }, [seq = '']) => {
    const text = readText(raw, io.workingDirectory).replace(/\r?\n$/, '')
    const replayed = await client.ledger.replay({ seq: wholeNumber(seq, 'A sequence number'), raw: text })
    return { data: replayed, text: plain(replayed.sentence) }
  })

  const dismiss = group
    .command('dismiss <seq...>')
    .description('answer rejected records without replaying them')
    .requiredOption('--note <text>', 'why')
  onBook<{ note: string }>(line, dismiss, async ({ client }, { note }, words) => {
    const result = await client.ledger.dismiss({
      seqs: words.map((seq) => wholeNumber(seq, 'A sequence number')),
      note,
    })
    return { data: result, text: `${counted(result.dismissed, 'record')} dismissed.` }
  })
}

export const addMonthCommands = (program: Command, line: CommandLine): void => {
  addReconcile(program, line)
  addQuarantine(program, line)
}
