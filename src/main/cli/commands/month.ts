/** The end of a month: reconcile and close. */
import type { Command } from 'commander'
import type { z } from 'zod'
import { decimal, month } from '../../../contract/common.ts'
import type { monthState } from '../../../contract/month.ts'
import type { Month } from '../../../domain/period.ts'
import { type BookContext, type CommandLine, onBook, onReport, reading } from '../command-line.ts'
import { Refusal, WrongUse } from '../failure.ts'
import { blocks, counted, DASH, instant, number, plain, table } from '../text.ts'

type MonthState = z.infer<typeof monthState>

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
  onReport<{ month: Month; setTotal?: string[] }>(line, reconcile, async (context, options) => {
    if (options.setTotal !== undefined && context.asOf.asOf !== undefined)
      throw new WrongUse('--set-total changes the book of now; it cannot be said together with --as-of.')
    const state =
      options.setTotal === undefined
        ? await context.client.reconcile.month({ month: options.month, ...context.asOf })
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

export const addMonthCommands = (program: Command, line: CommandLine): void => {
  addReconcile(program, line)
}
