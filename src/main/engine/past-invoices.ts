/** Invoices that were issued elsewhere: what the book has against them, and how they are kept. */
import { type PastInvoice, pastInvoice, placePastInvoices } from '../../domain/invoice/past.ts'
import type { Issue } from '../../domain/issue.ts'
import { monthName } from '../../domain/period.ts'
import type { Put } from './documents.ts'
import { refused } from './refusals.ts'
import { closedMonths, customersOf, type Session } from './session.ts'

const placed = (session: Session, invoices: readonly PastInvoice[]) => {
  const closed = new Set(closedMonths(session))
  const found = placePastInvoices(invoices, {
    customers: customersOf(session),
    contracts: session.all('contract').map(({ content }) => content),
    cards: session.all('rate_card').map(({ content }) => content),
    invoices: session.all('invoice').flatMap(({ content }) => (content.state === 'void' ? [] : [content])),
  })
  const inClosed = invoices.flatMap(({ number, month }, index): Issue[] =>
    closed.has(month)
      ? [
          {
            severity: 'error',
            code: 'month_is_closed',
            message: `${number}: ${monthName(month)} is closed; what it says stands.`,
            row: index + 1,
            column: 'month',
          },
        ]
      : [],
  )
  return { issues: [...found.issues, ...inClosed], placed: found.placed }
}

/** Everything the book has against the invoices; rows are counted from 1. */
export const pastInvoiceIssues = (session: Session, invoices: readonly PastInvoice[]): readonly Issue[] =>
  placed(session, invoices).issues

/** @param from where they come from, for people. @throws REFUSED where one is wrong; none is kept then. */
export const keepPastInvoices = async (
  session: Session,
  invoices: readonly PastInvoice[],
  from: string,
): Promise<string> => {
  const { issues, placed: all } = placed(session, invoices)
  const [first] = issues
  if (first !== undefined)
    throw refused(
      first.code,
      `Row ${first.row}, ${first.column}: ${first.message}${issues.length === 1 ? '' : ` And ${issues.length - 1} more.`} Nothing was imported.`,
      issues,
    )
  const { batchId, hash } = session.followed()
  const imported = { by: session.author, atMs: session.clock.nowMs(), from }
  const versions = new Map(session.all('invoice').map(({ id, version }) => [id, version]))
  const puts = all.map((each): Put => {
    const content = pastInvoice(each, { chainHead: hash, asOfBatch: batchId, imported })
    return { kind: 'invoice', id: content.id, content, expectedVersion: versions.get(content.id) ?? 0 }
  })
  const count = `${puts.length} past ${puts.length === 1 ? 'invoice' : 'invoices'}`
  await session.put(`${count} imported from ${from}`, puts)
  return `${count} imported from ${from}; they are kept as they came, and never rated.`
}
