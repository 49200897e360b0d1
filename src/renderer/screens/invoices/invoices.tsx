import { Group, SegmentedControl, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { z } from 'zod'
import { sumDecimals } from '../../../domain/decimal.ts'
import { type Month, monthName } from '../../../domain/period.ts'
import { api, sentenceOf } from '../../api.ts'
import { useBook, useMonth } from '../../ui/book.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { PastInvoicesImport } from '../../ui/excel-import.tsx'
import { useExplain } from '../../ui/explain-context.tsx'
import { formatMoney } from '../../ui/format.ts'
import { Page, Section } from '../../ui/page.tsx'
import { LinkButton, recordPath, useGo } from '../../ui/screen-link.tsx'
import { useScreenSearch } from '../../ui/screen-search.ts'
import { Empty, Query } from '../../ui/states.tsx'
import { ApproveSelected, DeliverSelected } from './list-actions.tsx'
import { listColumns } from './list-columns.tsx'
import { RunMonthButton, RunResult, useRunMonth } from './run-month.tsx'
import { countInvoices, type InvoiceList, STATES, tickedIn, totalWords } from './selection.ts'
import { stateWord } from './state-badge.tsx'

const search = z.object({ state: z.enum(['all', ...STATES]).default('all') })

const QUESTION = 'Is it right, and is it out?'

const WithoutInvoice = (props: { customers: InvoiceList['customersWithoutInvoice'] }) => {
  const go = useGo()
  return (
    <Section title="Customers without an invoice">
      <DataTable
        title="Customers without an invoice"
        maxHeight={280}
        rows={props.customers}
        rowKey={(row) => row.customerId}
        onOpen={(row) => go(recordPath('/customers', row.customerId))}
        empty="Every customer has one."
        columns={[
          { key: 'customer', title: 'Customer', kind: 'text', value: (row) => row.name },
          {
            key: 'reason',
            title: 'Why',
            kind: 'text',
            value: (row) => row.reason,
            render: (row) => <span title={row.reason}>{row.reason}</span>,
          },
        ]}
      />
    </Section>
  )
}

/** Of a running month's drafts to its end: asked for beside the list, which never waits for it. */
const useForecast = (month: Month, { isRunning, rows }: InvoiceList) =>
  useQuery({
    ...api.invoices.forecast.queryOptions({ input: { month } }),
    enabled: isRunning && rows.some(({ state }) => state === 'draft'),
  })

const List = (props: { month: Month; data: InvoiceList; run: ReturnType<typeof useRunMonth> }) => {
  const { data } = props
  const go = useGo()
  const [{ state }, change] = useScreenSearch(search)
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const rows = useMemo(
    () => (state === 'all' ? data.rows : data.rows.filter((row) => row.state === state)),
    [data.rows, state],
  )
  const isMixed = rows.some((row) => row.currency !== data.currency)
  const explain = useExplain()
  const forecast = useForecast(props.month, data)
  const found = forecast.data
  const columns = useMemo(() => {
    const known = new Map((found?.rows ?? []).map((row) => [row.invoiceId, row.total]))
    const ofRows = rows.flatMap((row) => known.get(row.id) ?? [])
    return listColumns({
      rows,
      forecast: data.isRunning
        ? {
            of: (row) => known.get(row.id) ?? null,
            total: ofRows.length === 0 || ofRows.length < rows.length ? null : sumDecimals(ofRows),
            onOpen: (row) => go(recordPath('/customers', row.customerId), { preview: 'true' }),
          }
        : null,
      currency: data.currency,
      isMixed,
      total: isMixed ? data.total : sumDecimals(rows.map((row) => row.total)),
      onExplain: ({ customerId }, month) => explain({ kind: 'revenue', month, customerId }),
    })
  }, [data.currency, data.total, data.isRunning, isMixed, rows, explain, found, go])
  const chosen = rows.filter((row) => ticked.has(row.id))
  const forget = () => setTicked(new Set())
  if (data.rows.length === 0)
    return (
      <Empty
        title={`No invoice for ${monthName(props.month)} yet`}
        action={
          <Group>
            <RunMonthButton of={props.run} />
            <LinkButton variant="default" to="/rate-cards">
              Rate cards
            </LinkButton>
          </Group>
        }
      >
        Run the month: every customer with a rate card gets a draft, which you can look through before
        anything is sent.
      </Empty>
    )
  return (
    <>
      <Group justify="space-between">
        <SegmentedControl
          aria-label="State"
          value={state}
          onChange={(value) =>
            change({ state: value === 'all' ? undefined : search.shape.state.parse(value) })
          }
          data={[
            { value: 'all', label: `All ${data.rows.length}` },
            ...STATES.map((each) => ({
              value: each,
              label: `${stateWord(each)} ${data.rows.filter((row) => row.state === each).length}`,
            })),
          ]}
        />
        <Group gap="xs">
          <Text size="sm" role="status">
            {chosen.length === 0
              ? 'Tick invoices to approve or deliver them together.'
              : `${countInvoices(chosen.length)} ticked, ${totalWords(chosen)}`}
          </Text>
          <ApproveSelected
            drafts={tickedIn(rows, ticked, 'draft')}
            running={data.isRunning ? props.month : null}
            onDone={forget}
          />
          <DeliverSelected approved={tickedIn(rows, ticked, 'approved')} onDone={forget} />
        </Group>
      </Group>
      <DataTable
        title={`Invoices of ${monthName(props.month)}`}
        rows={rows}
        rowKey={(row) => row.id}
        onOpen={(row) => go(recordPath('/invoices', row.id))}
        empty="No invoice is in this state."
        columns={columns}
        selection={{
          selected: ticked,
          onChange: setTicked,
          selectable: (row) => row.state === 'draft' || row.state === 'approved',
        }}
      />
      {data.isRunning && (
        <Text size="sm" role="status">
          {forecast.error !== null
            ? `There is no forecast to the month’s end: ${sentenceOf(forecast.error)}`
            : found === undefined
              ? `Rating ${monthName(props.month)} to its end …`
              : `To month end: ${found.words} An approved invoice stays what it is. Nothing of it is kept; an amount opens how it is made.`}
        </Text>
      )}
      {isMixed && (
        <Text size="sm">
          Total, by currency: {totalWords(rows)}. All invoices of the month in {data.currency}:{' '}
          {formatMoney(data.total, data.currency)}.{' '}
          {found !== undefined &&
            found.rows.length > 0 &&
            `To month end: ${formatMoney(found.total, data.currency)}. `}
          {data.totalNotes.join(' ')}
        </Text>
      )}
    </>
  )
}

const OfMonth = (props: { month: Month }) => {
  const run = useRunMonth(props.month)
  const list = useQuery(api.invoices.list.queryOptions({ input: { month: props.month } }))
  const isEmpty = list.data?.rows.length === 0
  const isClosed = useBook().months.some((each) => each.month === props.month && each.closed)
  return (
    <Page
      title={`Invoices, ${monthName(props.month)}`}
      question={QUESTION}
      actions={
        <>
          <PastInvoicesImport />
          {!isEmpty && <RunMonthButton of={run} isClosed={isClosed} />}
        </>
      }
    >
      {isClosed && (
        <Text size="sm">
          {monthName(props.month)} is closed, so it is not run again: its invoices stand, and what came later
          counts in the next open month. Approved ones can still be delivered.
        </Text>
      )}
      <RunResult of={run} month={props.month} />
      <Query of={list} what="The invoices">
        {(data) => (
          <>
            <List month={props.month} data={data} run={run} />
            {data.customersWithoutInvoice.length > 0 && (
              <WithoutInvoice customers={data.customersWithoutInvoice} />
            )}
          </>
        )}
      </Query>
    </Page>
  )
}

export const Screen = () => {
  const month = useMonth()
  if (month !== null) return <OfMonth key={month} month={month} />
  return (
    <Page title="Invoices" question={QUESTION}>
      <Empty title="Nothing to invoice yet" action={<LinkButton to="/sources">Import usage</LinkButton>}>
        Invoices are made of measured usage. Drop a file of it on Sources, then give your customers a rate
        card.
      </Empty>
    </Page>
  )
}
