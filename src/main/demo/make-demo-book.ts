/** Makes the demo book: month after month the files arrive, invoices are run, approved, bills compared, months closed. */
import type { DecimalText } from '../../domain/decimal.ts'
import { roundToMinor } from '../../domain/money.ts'
import { type Month, monthName } from '../../domain/period.ts'
import { approveInvoices, type Client, importFile, runInvoices } from './client.ts'
import type { Account } from './cloud.ts'
import { awsFileOf, awsRestatedFileOf, azureFileOf } from './cost-files.ts'
import { makeDeals } from './deals.ts'
import { writeCost, writeStory, writeUsage } from './files.ts'
import { demoBookState, markDemoBook } from './marker.ts'
import { type BookSize, CURRENCY, type DemoPlan, planBook, WHOLE_BOOK } from './plan.ts'
import { saveViews, setUp } from './set-up.ts'
import { storyText } from './story-text.ts'
import { lateFileOf, usageFileOf } from './usage-files.ts'

const USAGE_SOURCE = 'Meridian metering'
const COST_SOURCES = { AWS: 'AWS billing export', Microsoft: 'Azure billing export' } as const

const CLOSE_REASON = 'Invoices of the demo book are approved and never delivered: it has no Stripe account.'

interface WrittenMonth {
  readonly usage: string
  readonly bills: readonly {
    readonly path: string
    readonly account: Account
    readonly billed: DecimalText
  }[]
}

const writeMonth = async (directory: string, plan: DemoPlan, month: Month): Promise<WrittenMonth> => {
  const usage = await writeUsage(directory, usageFileOf(plan, month))
  const files = [awsFileOf(plan, month), azureFileOf(plan, month)].filter((file) => file !== null)
  const bills = []
  for (const file of files)
    bills.push({ path: await writeCost(directory, file), account: file.account, billed: file.billed })
  return { usage, bills }
}

const sourceOf = ({ provider }: Account): string => COST_SOURCES[provider as keyof typeof COST_SOURCES]

const closeMonth = async (client: Client, month: Month, bills: WrittenMonth['bills']): Promise<void> => {
  for (const { account, billed } of bills)
    await client.reconcile.setBillTotal({
      month,
      provider: account.provider,
      billingAccount: account.id,
      currency: CURRENCY,
      total: roundToMinor(billed, CURRENCY),
      expectedVersion: 0,
    })
  await client.reconcile.close({ month, reason: CLOSE_REASON })
}

/**
 * Fills the folder of an engine that has no book yet. Takes half a minute; `size` makes a smaller book.
 * @throws Error where the engine refuses something or a job fails; the folder then stays marked as begun.
 */
export const makeDemoBook = async (
  client: Client,
  options: {
    readonly directory: string
    readonly nowMs: number
    readonly onProgress: (text: string) => void
    readonly size?: BookSize
  },
): Promise<void> => {
  const { directory, nowMs, onProgress, size = WHOLE_BOOK } = options
  const plan = planBook(nowMs, size)
  markDemoBook(directory, false)
  onProgress('Customers, prices and rules')
  await writeStory(directory, storyText(plan))
  // The next month's files are written while the engine's threads import this one's.
  let writing = writeMonth(directory, plan, plan.months[0] as Month)
  await setUp(client, plan)
  for (const [index, month] of plan.months.entries()) {
    onProgress(`${monthName(month)} (${index + 1} of ${plan.months.length})`)
    const { usage, bills } = await writing
    const following = plan.months[index + 1]
    if (following !== undefined) {
      writing = writeMonth(directory, plan, following)
      // Awaited in the next round; until then its failure must not count as unhandled.
      writing.catch(() => undefined)
    }
    await importFile(client, usage, USAGE_SOURCE)
    for (const { path, account } of bills) await importFile(client, path, sourceOf(account))
    await runInvoices(client, month)
    if (month <= plan.lastApproved) await approveInvoices(client, month)
    if (month <= plan.lastClosed) await closeMonth(client, month, bills)
    if (month === plan.lateWeek.month)
      await importFile(client, await writeUsage(directory, lateFileOf(plan)), USAGE_SOURCE)
    if (month === plan.restated.month) {
      const again = awsRestatedFileOf(plan)
      await importFile(client, await writeCost(directory, again), sourceOf(again.account))
    }
  }
  onProgress('Deals and views')
  await makeDeals(client, plan)
  await saveViews(client, plan)
  markDemoBook(directory, true)
}

/** Whether the folder holds a demo book, whole or not: what may be thrown away without asking. */
export const isDemoBook = (directory: string): boolean => demoBookState(directory) !== 'none'
