import { BarChart } from '@mantine/charts'
import { Box, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { UsageScope } from '../../../contract/explain.ts'
import { pluralUnit } from '../../../domain/pricing/format.ts'
import { api } from '../../api.ts'
import { Amount } from '../../ui/amount.tsx'
import { useBook } from '../../ui/book.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { formatInstant, toPlot } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'
import { ChainHead, Total } from './parts.tsx'
import { wholeOf } from './trail.ts'
import { UsageRecords } from './usage-records.tsx'
import { chainOf, counted, formatDay, type UsageExplanation, usageText } from './words.ts'

interface BreakdownProps {
  readonly usage: UsageExplanation
  readonly scope: UsageScope
  readonly onOpen: (target: ExplainTarget) => void
}

const Days = ({ usage, scope, onOpen }: BreakdownProps) => (
  <Section title="By day">
    <Box role="img" aria-label={`${usage.title}: quantity by day, as in the table below`}>
      <BarChart
        h={120}
        data={usage.days.map((day) => ({ day: day.day.slice(8), quantity: toPlot(day.quantity) }))}
        dataKey="day"
        series={[{ name: 'quantity', color: 'teal.6' }]}
        withYAxis={false}
        accessibilityLayer={false}
        valueFormatter={(value) => value.toLocaleString('en')}
        barProps={{ isAnimationActive: false }}
      />
    </Box>
    <DataTable
      title="Quantity by day"
      maxHeight={260}
      rows={usage.days}
      rowKey={(day) => day.day}
      onOpen={(day) => onOpen({ kind: 'usage', scope: { ...scope, day: day.day } })}
      columns={[
        {
          key: 'day',
          title: 'Day',
          kind: 'date',
          value: (day) => day.day,
          render: (day) => formatDay(day.day),
        },
        {
          key: 'quantity',
          title: 'Quantity',
          kind: 'quantity',
          unit: pluralUnit(usage.unit, '0'),
          value: (day) => day.quantity,
          ...(usage.aggregation === 'sum' ? { total: usage.total } : {}),
        },
        {
          key: 'records',
          title: 'Records',
          kind: 'count',
          value: (day) => String(day.events),
          total: String(usage.events),
        },
      ]}
    />
  </Section>
)

const Tenants = ({ usage, scope, onOpen }: BreakdownProps) => (
  <Section title="By tenant">
    <DataTable
      title="Quantity by tenant"
      maxHeight={220}
      rows={usage.tenants}
      rowKey={(tenant) => tenant.tenant}
      onOpen={(tenant) => onOpen({ kind: 'usage', scope: { ...scope, tenant: tenant.tenant } })}
      columns={[
        { key: 'tenant', title: 'Tenant', kind: 'text', value: (tenant) => tenant.tenant },
        {
          key: 'quantity',
          title: 'Quantity',
          kind: 'quantity',
          unit: pluralUnit(usage.unit, '0'),
          value: (tenant) => tenant.quantity,
          total: usage.total,
        },
        { key: 'records', title: 'Records', kind: 'count', value: (tenant) => String(tenant.events) },
      ]}
    />
  </Section>
)

const Batches = ({ usage, scope, onOpen }: BreakdownProps) => {
  const { timeZone } = useBook().settings
  return (
    <Section title="By batch">
      <DataTable
        title="Quantity by batch"
        maxHeight={220}
        rows={usage.batches}
        rowKey={(batch) => String(batch.batchId)}
        onOpen={(batch) => onOpen({ kind: 'usage', scope: { ...scope, batchId: batch.batchId } })}
        columns={[
          { key: 'batch', title: 'Batch', kind: 'text', value: (batch) => String(batch.batchId) },
          { key: 'title', title: 'What it was', kind: 'text', value: (batch) => batch.title },
          {
            key: 'recorded',
            title: 'Recorded',
            kind: 'text',
            value: (batch) => formatInstant(batch.recordedMs, timeZone),
          },
          {
            key: 'quantity',
            title: 'Quantity',
            kind: 'quantity',
            unit: pluralUnit(usage.unit, '0'),
            value: (batch) => batch.quantity,
            ...(usage.aggregation === 'sum' ? { total: usage.total } : {}),
          },
          { key: 'records', title: 'Records', kind: 'count', value: (batch) => String(batch.events) },
        ]}
      />
    </Section>
  )
}

/** A quantity taken apart: days, tenants, batches, records. Each part opens what it is made of. */
export const UsageBreakdown = (props: BreakdownProps) => {
  const { usage, scope } = props
  return (
    <>
      <Text size="sm">
        Quantity <Amount value={usage.total} /> {pluralUnit(usage.unit, usage.total)} = {chainOf(usage)} ▸ raw
        record
        {usage.aggregation !== 'sum' &&
          `. It is the ${usage.aggregation.replaceAll('_', ' ')} of its records, so days and batches don’t add up to it.`}
      </Text>
      {scope.day === undefined && <Days {...props} />}
      {usage.tenants.length > 1 && <Tenants {...props} />}
      <Batches {...props} />
      <UsageRecords scope={scope} unit={usage.unit} onOpen={props.onOpen} />
    </>
  )
}

/** A batch's part of a quantity: its figure and its records. */
const Part = (props: BreakdownProps) => {
  const { usage, scope } = props
  const part = usage.batches.find((batch) => batch.batchId === scope.batchId)
  return (
    <>
      <Total
        unit={pluralUnit(usage.unit, part?.quantity ?? '0')}
        note={`${usage.title}: batch ${scope.batchId}, ${counted(part?.events ?? 0, 'record')}.`}
      >
        <Amount value={part?.quantity ?? null} />
      </Total>
      <UsageRecords scope={scope} unit={usage.unit} onOpen={props.onOpen} />
    </>
  )
}

/** A quantity from any screen. */
export const UsageView = (props: {
  target: ExplainTarget & { kind: 'usage' }
  onOpen: (target: ExplainTarget) => void
}) => {
  const { scope } = props.target
  const { timeZone } = useBook().settings
  const usage = useQuery(api.explain.usage.queryOptions({ input: wholeOf(scope) }))
  return (
    <Query of={usage} what="This quantity’s explanation">
      {(data) => (
        <Stack>
          {scope.batchId !== undefined ? (
            <Part usage={data} scope={scope} onOpen={props.onOpen} />
          ) : (
            <>
              <Total unit={pluralUnit(data.unit, data.total)} note={`${data.title}.`}>
                <Amount value={data.total} />
              </Total>
              <UsageBreakdown usage={data} scope={scope} onOpen={props.onOpen} />
            </>
          )}
          <ChainHead hash={data.chainHead}>
            <CopyButton label="Copy as text" text={usageText(data, timeZone)} />
          </ChainHead>
        </Stack>
      )}
    </Query>
  )
}
