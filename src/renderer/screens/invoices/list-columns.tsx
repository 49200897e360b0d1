import { Badge, Group, Text } from '@mantine/core'
import { type DecimalText, sumDecimals } from '../../../domain/decimal.ts'
import { addMonths, type Month } from '../../../domain/period.ts'
import { Amount } from '../../ui/amount.tsx'
import type { Column } from '../../ui/data-table.tsx'
import { codeWords, type InvoiceRow } from './selection.ts'
import { IssueBadge, StateBadge, stateWord } from './state-badge.tsx'

/** An approved invoice was looked at. */
const needsReview = (row: InvoiceRow): boolean => row.needsReview && row.state === 'draft'

const checkWords = (row: InvoiceRow): string =>
  [
    ...(needsReview(row) ? ['needs review'] : []),
    ...(row.deliveryError === null ? [] : [`not delivered: ${row.deliveryError}`]),
    ...row.checks.map((check) => codeWords(check.code)),
  ].join(', ')

const Checks = ({ row }: { row: InvoiceRow }) => {
  if (checkWords(row) === '') return <>none</>
  return (
    <Group gap={4} wrap="nowrap">
      {needsReview(row) && (
        <Badge
          variant="filled"
          color="dark"
          tt="none"
          title="Its total is above the book’s review limit, or a check found an error."
        >
          needs review
        </Badge>
      )}
      {row.deliveryError !== null && (
        <IssueBadge issue={{ severity: 'error', code: 'not_delivered', message: row.deliveryError }} />
      )}
      {row.checks.map((check) => (
        <IssueBadge key={`${check.code} ${check.message}`} issue={check} />
      ))}
    </Group>
  )
}

/** The list's columns. The currency is said once in the title, or per row where the invoices differ in it. */
export const listColumns = (input: {
  readonly rows: readonly InvoiceRow[]
  readonly currency: string
  readonly isMixed: boolean
  readonly total: DecimalText
  /** To the month's end, of a month that is running: of one invoice where it is known, and of all; null of others. */
  readonly forecast: {
    readonly of: (row: InvoiceRow) => DecimalText | null
    readonly total: DecimalText | null
    readonly onOpen: (row: InvoiceRow) => void
  } | null
  /** Explains the customer's revenue of a month. */
  readonly onExplain: (row: InvoiceRow, month: Month) => void
}): readonly Column<InvoiceRow>[] => {
  const { isMixed } = input
  const money = isMixed ? {} : { currency: input.currency }
  const amountColumn = (
    key: string,
    title: string,
    value: (row: InvoiceRow) => string | null,
    monthOf: (row: InvoiceRow) => Month,
  ): Column<InvoiceRow> => ({
    key,
    title,
    kind: 'money',
    ...money,
    value,
    explain: (row) => () => input.onExplain(row, monthOf(row)),
    ...(isMixed
      ? {
          render: (row) => (
            <Amount
              value={value(row)}
              currency={row.currency}
              onExplain={() => input.onExplain(row, monthOf(row))}
            />
          ),
        }
      : {}),
  })
  const { forecast } = input
  const checks: Column<InvoiceRow> = {
    key: 'checks',
    title: 'Checks',
    kind: 'text',
    value: checkWords,
    render: (row) => <Checks row={row} />,
  }
  const change: Column<InvoiceRow> = {
    key: 'change',
    title: 'Change',
    kind: 'text',
    value: (row) => row.change,
    render: (row) => (
      <Text size="sm" truncate maw={170} title={row.change}>
        {row.change}
      </Text>
    ),
  }
  const hasDue = input.rows.some(({ due, total }) => due !== total)
  return [
    { key: 'number', title: 'Number', kind: 'text', value: (row) => row.number },
    { key: 'customer', title: 'Customer', kind: 'text', value: (row) => row.customerName },
    {
      key: 'state',
      title: 'State',
      kind: 'text',
      value: (row) => stateWord(row.state),
      render: (row) => <StateBadge state={row.state} />,
    },
    ...(isMixed
      ? [
          {
            key: 'currency',
            title: 'Currency',
            kind: 'text',
            value: (row: InvoiceRow) => row.currency,
          } as const,
        ]
      : []),
    {
      ...amountColumn(
        'amount',
        'Amount',
        (row) => row.total,
        (row) => row.month,
      ),
      ...(isMixed ? {} : { total: input.total }),
    },
    ...(hasDue
      ? [
          {
            key: 'due',
            title: 'Due',
            kind: 'money',
            ...money,
            value: (row: InvoiceRow) => row.due,
            ...(isMixed ? {} : { total: sumDecimals(input.rows.map(({ due }) => due)) }),
          } as const,
        ]
      : []),
    ...(forecast === null
      ? []
      : [
          {
            key: 'forecast',
            title: 'To month end',
            kind: 'money',
            ...money,
            value: forecast.of,
            explain: (row: InvoiceRow) => () => forecast.onOpen(row),
            ...(isMixed
              ? {
                  render: (row: InvoiceRow) => (
                    <Amount
                      value={forecast.of(row)}
                      currency={row.currency}
                      onExplain={() => forecast.onOpen(row)}
                    />
                  ),
                }
              : { total: forecast.total }),
          } as const,
        ]),
    amountColumn(
      'previous',
      'Month before',
      (row) => row.previousTotal,
      (row) => addMonths(row.month, -1),
    ),
    // What is to be looked at stays in view at 1280 wide where the forecast takes its place.
    ...(forecast === null ? [change, checks] : [checks, change]),
  ]
}
