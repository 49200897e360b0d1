/** Invoices issued elsewhere, from a JSON list (docs/formats/past-invoices.md): a row an invoice. */
import type { z } from 'zod'
import { pastInvoices } from '../../contract/invoices.ts'
import type { PastInvoice } from '../../domain/invoice/past.ts'
import type { Issue } from '../../domain/issue.ts'
import { failedPreview, hasError, type Preview, previewOf } from './preview.ts'

const failure = (code: string, message: string): Preview<never> =>
  failedPreview({ severity: 'error', code, message })

/** `Row 2, lines.0.amount`. */
const placeOf = ([index, ...rest]: readonly PropertyKey[]): string =>
  typeof index === 'number' ? [`Row ${index + 1}`, rest.join('.')].filter(Boolean).join(', ') : 'The list'

/** What is wrong there, in the form's own words where it has any. */
const wordsOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'unrecognized_keys')
    return `${issue.keys.map((key) => `“${key}”`).join(', ')} is no name that is known here; mend its spelling, or leave it out`
  if (issue.code !== 'invalid_type' || !issue.message.startsWith('Invalid input')) return issue.message
  if (issue.message.endsWith('received undefined')) return 'it is missing; write it'
  return `this is no ${issue.expected === 'array' ? 'list' : issue.expected === 'string' ? 'text in quotes' : issue.expected}`
}

/** @param check what the book has against them; rows of its issues are the invoices' places, counted from 1 */
export const readPastInvoicesJson = (
  text: string,
  check: (invoices: readonly PastInvoice[]) => readonly Issue[],
): Preview<readonly PastInvoice[]> => {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    return failure(
      'file_is_no_json',
      'The file is no JSON. Nothing was read; write a list as docs/formats says.',
    )
  }
  const read = pastInvoices.safeParse(given)
  if (!read.success)
    return {
      rows: [],
      issues: read.error.issues.map(
        (issue): Issue => ({
          severity: 'error',
          code: 'invoice_is_wrong',
          message: `${placeOf(issue.path)}: ${wordsOf(issue)}.`,
        }),
      ),
      result: null,
    }
  const issues = check(read.data)
  const rows = read.data.map((invoice, index) => {
    const own = issues.filter(({ row }) => row === index + 1)
    return {
      row: index + 1,
      state: hasError(own) ? ('error' as const) : ('new' as const),
      values: {
        number: invoice.number,
        customer: invoice.customerId,
        month: invoice.month,
        total: `${invoice.total} ${invoice.currency}`,
      },
      issues: own,
    }
  })
  return previewOf(
    rows,
    issues.filter(({ row }) => row === undefined),
    () => read.data,
  )
}
