import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { z } from 'zod'
import { type ComparedLine, comparedLines } from '../../../domain/invoice/forecast-lines.ts'
import { dueOf, type Invoice, type InvoiceLine } from '../../../domain/invoice/invoice.ts'
import { monthName, toMonth } from '../../../domain/period.ts'
import { api, sentenceOf } from '../../api.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { formatMoney } from '../../ui/format.ts'
import { Figure, Section } from '../../ui/page.tsx'
import { Problems } from '../../ui/problem.tsx'
import { useScreenSearch } from '../../ui/screen-search.ts'
import { Loading } from '../../ui/states.tsx'
import { Steps } from '../../ui/steps.tsx'

type Previewed = Awaited<ReturnType<typeof api.invoices.preview.call>>

/** A line whose price is read step by step. */
interface Opened {
  readonly line: InvoiceLine
  readonly when: string
}

const columnsOf = (
  soFar: Invoice,
  forecast: Invoice | null,
  open: (opened: Opened) => void,
): readonly Column<ComparedLine>[] => {
  const { currency } = soFar
  const explainOf = (which: 'soFar' | 'forecast', when: string) => (row: ComparedLine) => {
    const line = row[which]
    return line === null ? undefined : () => open({ line, when })
  }
  return [
    { key: 'charge', title: 'Charge', kind: 'text', value: (row) => row.description },
    {
      key: 'quantitySoFar',
      title: 'Quantity so far',
      kind: 'quantity',
      value: (row) => row.soFar?.quantity ?? null,
    },
    {
      key: 'soFar',
      title: 'So far',
      kind: 'money',
      currency,
      value: (row) => row.soFar?.amount ?? null,
      explain: explainOf('soFar', 'so far'),
      total: soFar.total,
    },
    {
      key: 'quantityForecast',
      title: 'Quantity forecast',
      kind: 'quantity',
      value: (row) => row.forecast?.quantity ?? null,
    },
    {
      key: 'forecast',
      title: 'Forecast',
      kind: 'money',
      currency,
      value: (row) => row.forecast?.amount ?? null,
      explain: explainOf('forecast', 'forecast'),
      total: forecast?.total ?? null,
    },
  ]
}

const Part = (props: { soFar: Invoice; forecast: Invoice | null; open: (opened: Opened) => void }) => {
  const { soFar, forecast } = props
  const { currency } = soFar
  const issues = [...soFar.issues, ...(forecast?.issues ?? [])]
  const known = new Map(issues.map((issue) => [issue.message, issue]))
  const due = (invoice: Invoice) =>
    dueOf(invoice) === invoice.total
      ? undefined
      : `due ${formatMoney(dueOf(invoice), currency)} with tax, credits and top-ups`
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Figure label={`So far (${currency})`} note={due(soFar)}>
          {formatMoney(soFar.total, currency)}
        </Figure>
        <Figure
          label={`Forecast to the month’s end (${currency})`}
          note={forecast === null ? undefined : due(forecast)}
        >
          {formatMoney(forecast?.total ?? null, currency)}
        </Figure>
      </Group>
      <DataTable
        title={`Preview ${soFar.number}`}
        columns={columnsOf(soFar, forecast, props.open)}
        rows={comparedLines(soFar, forecast)}
        rowKey={(row) => row.key}
        empty="Nothing is charged in this month."
      />
      <Problems issues={[...known.values()]} />
    </Stack>
  )
}

const Found = (props: { found: Previewed }) => {
  const { found } = props
  const [opened, setOpened] = useState<Opened | null>(null)
  const currency = found.soFar[0]?.currency ?? ''
  return (
    <Stack gap="sm">
      <Text size="sm">
        Nothing here is an invoice yet. “So far” is what it would be if {monthName(toMonth(found.month))}{' '}
        ended now: fees are whole, and a commitment is counted in full.
      </Text>
      <Text size="sm" c="dimmed">
        {found.words}
      </Text>
      {found.soFar.map((invoice) => (
        <Part
          key={invoice.id}
          soFar={invoice}
          forecast={found.forecast?.find(({ id }) => id === invoice.id) ?? null}
          open={setOpened}
        />
      ))}
      <Modal
        opened={opened !== null}
        onClose={() => setOpened(null)}
        size="xl"
        title={opened === null ? '' : `${opened.line.description}, ${opened.when}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {opened !== null && (
          <Steps
            steps={opened.line.steps}
            amount={opened.line.amount}
            currency={currency}
            total="Amount of the line"
          />
        )}
      </Modal>
    </Stack>
  )
}

/** `?preview=true`: a forecast elsewhere leads here, to how it is made. */
const previewSearch = z.object({ preview: z.coerce.boolean().default(false) })

/** The running month's invoice so far and its forecast, asked for by a click: it is rated then, and never kept. */
export const Preview = (props: { customerId: string }) => {
  const { customerId } = props
  const [search] = useScreenSearch(previewSearch)
  const [isAsked, setAsked] = useState(search.preview)
  const section = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (search.preview) section.current?.scrollIntoView({ block: 'start' })
  }, [search.preview])
  const preview = useQuery({
    ...api.invoices.preview.queryOptions({ input: { customerId } }),
    enabled: isAsked,
  })
  return (
    <div ref={section}>
      <Section
        title="Running month"
        actions={
          <Button
            variant="default"
            loading={isAsked && preview.isFetching}
            onClick={() => (isAsked ? void preview.refetch() : setAsked(true))}
          >
            {isAsked ? 'Preview again' : 'Preview the invoice'}
          </Button>
        }
      >
        {!isAsked && (
          <Text size="sm" c="dimmed">
            What the invoice is so far, and what it comes to at the month’s end if usage goes on as in the
            last seven days.
          </Text>
        )}
        {isAsked && preview.isPending && <Loading what="the running month" />}
        {isAsked && preview.error !== null && <Text size="sm">{sentenceOf(preview.error)}</Text>}
        {preview.data !== undefined && preview.error === null && <Found found={preview.data} />}
      </Section>
    </div>
  )
}
