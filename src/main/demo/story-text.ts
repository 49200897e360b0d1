/** The README that lies beside the generated files and says what there is to find. */
import { addMonths, monthName } from '../../domain/period.ts'
import { BELOW_COMMITMENT, type DemoCustomer, INTERNAL_TENANT, LATE_TENANT } from './company.ts'
import type { DemoPlan } from './plan.ts'

export const BOOK_NAME = 'Meridian API (demo)'

const day = (text: string): string =>
  `${Number(text.slice(8))} ${monthName(text.slice(0, 7) as DemoPlan['lastClosed'])}`

const named = (customers: readonly DemoCustomer[], id: string): DemoCustomer => {
  const found = customers.find((customer) => customer.id === id)
  if (found === undefined) throw new Error(`${id} is not in the plan`)
  return found
}

export const storyText = (plan: DemoPlan): string => {
  const { months, customers, lateWeek, restated, gapMonths, lastClosed, lastApproved } = plan
  const first = monthName(months[0] as DemoPlan['lastClosed'])
  const last = monthName(months.at(-1) as DemoPlan['lastClosed'])
  const globex = named(customers, 'globex')
  const umbra = named(customers, BELOW_COMMITMENT)
  return `# ${BOOK_NAME}

Meridian API does not exist. It sells an API by the call, with storage, compute, traffic and seats, to ${customers.length}
companies that do not exist either. These are its files from ${first} to ${last}, made from a fixed seed; the book
beside this folder was made by importing them, the way yours would be.

- \`usage/\`: CloudEvents 1.0, JSON lines, one file a month (docs/formats/usage.md)
- \`cost/\`: FOCUS 1.0, CSV, one file a month for each of two clouds (docs/formats/focus.md)

Import one of them again: nothing is added. Change a line and import it: a conflict, or a restatement.

## What there is to find

1. **A large customer that loses money.** Globex is the second largest by usage and pays ${globex.discountPercent} % less than list.
   Its margin is negative in every month (Cost & margin, sorted by worst). A draft deal asks for the same discount
   again, far below the floor; two counter-offers stand beside it.
2. **One that left.** Initech's usage stops after ${day(plan.churnDay)}. Its contract goes on, so it is billed the
   platform fee; somebody should ask.
3. **A late week.** The usage of ${LATE_TENANT} from ${day(lateWeek.firstDay)} to ${day(lateWeek.lastDay)} came after the
   month was invoiced and closed. It is billed in ${monthName(addMonths(lateWeek.month, 1))} as an adjustment
   (Reconcile, ${monthName(lateWeek.month)}). One record in that file had been delivered before with another value: a
   conflict, kept aside.
4. **A restated day.** AWS delivered ${monthName(restated.month)} twice. In the second delivery some machines of
   ${day(restated.day)} are gone, some cost less, one is new; what vanished was reversed (Ledger, the batch of the
   second delivery).
5. **A tagging gap.** In ${gapMonths.map((month) => monthName(month)).join(' and ')} DynamoDB's cost came without tags, so
   no rule could say whose it was: unattributed rises above the limit.
6. **New prices in the middle of a month.** The API platform card has a second version from ${day(plan.priceChangeDay)};
   that month's invoices have a line in two parts (Explain).
7. **Below commitment.** Umbra Labs committed to ${umbra.monthlyCommitment} a month and uses less; the difference is a
   line of its own on each invoice.
8. **Fast growth.** Helios Maps grows by a sixth each month.

Also: five records of ${last} that could not be read wait in quarantine with their reasons; the tenant ${INTERNAL_TENANT}
has cost (staging, build machines) and no customer; every month has a little cost that nobody owns
(support, shared gateways, tax). From ${monthName(addMonths(gapMonths.at(-1) ?? lastClosed, 1))} on three steps
allocate what is shared: gateways by traffic, support and credits by cost; tax stays (Cost & margin, Allocation).

## How far the months are

Up to ${monthName(lastClosed)}: closed, with the bills' totals typed. Up to ${monthName(lastApproved)}: invoices approved. ${last}:
drafts, yours to look at.
`
}
