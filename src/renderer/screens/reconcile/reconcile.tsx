import { Alert, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type Month, monthName, toMonth } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { Amount } from '../../ui/amount.tsx'
import { useBook, useMonth } from '../../ui/book.tsx'
import { formatCount, formatInstant } from '../../ui/format.ts'
import { MonthWorkbookButton } from '../../ui/month-workbook.tsx'
import { Figure, Page, Section } from '../../ui/page.tsx'
import { LinkButton } from '../../ui/screen-link.tsx'
import { Empty, Query } from '../../ui/states.tsx'
import { Bills } from './bills.tsx'
import { Calendar } from './calendar.tsx'
import { Checklist } from './checklist.tsx'
import { CloseMonth } from './close-month.tsx'
import { type MonthState, progressWords } from './words.ts'

const QUESTION = 'May I lock the month?'

const Answer = (props: { month: Month; state: MonthState }) => {
  const { month, state } = props
  const { timeZone } = useBook().settings
  if (!state.closed)
    return (
      <Text>
        {state.mayClose
          ? `Yes: ${monthName(month)} can be closed.`
          : 'Not yet; or with a reason, which is kept.'}{' '}
        {progressWords(state.checks)}.
      </Text>
    )
  return (
    <Alert variant="default" title={`${monthName(month)} is closed`}>
      <Text size="sm">
        Closed by <b>{state.closedBy}</b>
        {state.closedAtMs !== null && ` on ${formatInstant(state.closedAtMs, timeZone)}`}.{' '}
        {progressWords(state.checks)}.
      </Text>
      {state.reason !== null && <Text size="sm">Reason: {state.reason}</Text>}
    </Alert>
  )
}

const Adjustments = (props: { month: Month; state: MonthState }) => {
  const { adjustments, currency } = props.state
  const { postedTo } = adjustments
  return (
    <Section title="After the close">
      {adjustments.usageEvents + adjustments.costEntries === 0 ? (
        <Text size="sm">Nothing of {monthName(props.month)} came after it was closed.</Text>
      ) : (
        <>
          <Group align="stretch">
            <Figure label="Usage events">{formatCount(adjustments.usageEvents)}</Figure>
            <Figure label="Cost entries">{formatCount(adjustments.costEntries)}</Figure>
            <Figure label={`Billed cost (${currency})`}>
              <Amount value={adjustments.billed} currency={currency} />
            </Figure>
          </Group>
          <Text size="sm">
            They came too late for {monthName(props.month)} and count as adjustments in{' '}
            {postedTo === null ? 'the next open month' : monthName(toMonth(postedTo))}.
          </Text>
        </>
      )}
    </Section>
  )
}

const OfMonth = ({ month }: { month: Month }) => {
  const state = useQuery(api.reconcile.month.queryOptions({ input: { month } }))
  return (
    <Page
      title={`Reconcile & close, ${monthName(month)}`}
      question={QUESTION}
      actions={
        <>
          <MonthWorkbookButton month={month} />
          {state.data !== undefined && <CloseMonth month={month} state={state.data} />}
        </>
      }
    >
      <Query of={state} what="The month">
        {(data) => (
          <>
            <Answer month={month} state={data} />
            <Section title={data.closed ? 'Checks, as they stood at the close' : 'Checks'}>
              <Checklist checks={data.checks} isClosed={data.closed} />
            </Section>
            <Bills month={month} bills={data.bills} isLocked={data.closed} />
          </>
        )}
      </Query>
      <Calendar month={month} />
      {state.data?.closed && <Adjustments month={month} state={state.data} />}
    </Page>
  )
}

export const Screen = () => {
  const month = useMonth()
  if (month !== null) return <OfMonth key={month} month={month} />
  return (
    <Page title="Reconcile & close" question={QUESTION}>
      <Empty title="No month to close yet" action={<LinkButton to="/sources">Import a file</LinkButton>}>
        A month begins with its usage and its bill. Drop both files on Sources.
      </Empty>
    </Page>
  )
}
