import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import type { InferContractRouterOutputs } from '@orpc/contract'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Contract } from '../../../contract/contract.ts'
import type { Metric } from '../../../domain/metric.ts'
import { dayOf } from '../../../domain/period.ts'
import { api, client } from '../../api.ts'
import { act } from '../../ui/action.ts'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { instantColumn } from '../../ui/instant-column.ts'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'
import { AGGREGATION_WORDS, MetricFields, metricFaults } from './metric-fields.tsx'

type MetricRow = InferContractRouterOutputs<Contract>['metrics']['list'][number]

const columnsFor = (timeZone: string): readonly Column<MetricRow>[] => {
  return [
    { key: 'metric', title: 'Metric', kind: 'text', value: ({ definition }) => definition.metric },
    { key: 'name', title: 'Name', kind: 'text', value: ({ definition }) => definition.name },
    { key: 'unit', title: 'Unit', kind: 'text', value: ({ definition }) => definition.unit },
    {
      key: 'aggregation',
      title: 'A period’s quantity is',
      kind: 'text',
      value: ({ definition }) =>
        `${AGGREGATION_WORDS[definition.aggregation]}${definition.uniqueBy === undefined ? '' : ` of ${definition.uniqueBy}`}`,
    },
    { key: 'scale', title: 'Decimals', kind: 'count', value: ({ definition }) => String(definition.scale) },
    { key: 'events', title: 'Events', kind: 'count', value: (row) => String(row.events) },
    { key: 'tenants', title: 'Tenants', kind: 'count', value: (row) => String(row.tenants) },
    instantColumn('first', 'First', (row) => row.firstMs, timeZone, dayOf),
    instantColumn('last', 'Last', (row) => row.lastMs, timeZone, dayOf),
    {
      key: 'version',
      title: 'Version',
      kind: 'text',
      value: (row) => (row.version === 0 ? 'not defined' : String(row.version)),
    },
  ]
}

interface Editing {
  readonly metric: Metric
  readonly version: number
  readonly isNew: boolean
  readonly scaleLeast: number
}

const NEW: Editing = {
  metric: { metric: '', name: '', unit: '', aggregation: 'sum', scale: 0 },
  version: 0,
  isNew: true,
  scaleLeast: 0,
}

const MetricForm = (props: { editing: Editing; known: ReadonlySet<string>; onDone: () => void }) => {
  const { editing } = props
  const [metric, setMetric] = useState(editing.metric)
  const [busy, setBusy] = useState(false)
  const faults = metricFaults(metric)
  const taken = editing.isNew && props.known.has(metric.metric.trim())
  const save = async () => {
    setBusy(true)
    const definition: Metric = {
      ...metric,
      metric: metric.metric.trim(),
      name: metric.name.trim(),
      unit: metric.unit.trim(),
      ...(metric.uniqueBy === undefined ? {} : { uniqueBy: metric.uniqueBy.trim() }),
    }
    const saved = await act(
      'Metric',
      () => client.metrics.save({ metric: definition.metric, definition, expectedVersion: editing.version }),
      (result) => `${definition.name} is saved as version ${result.version}.`,
    )
    setBusy(false)
    if (saved !== null) props.onDone()
  }
  return (
    <Stack gap="sm">
      <TextInput
        label="Metric"
        description="as events name it: a CloudEvent’s type"
        readOnly={!editing.isNew}
        variant={editing.isNew ? 'default' : 'filled'}
        value={metric.metric}
        error={
          taken
            ? 'There is such a metric already; open it in the table.'
            : metric.metric === ''
              ? null
              : faults.metric
        }
        onChange={(event) => setMetric({ ...metric, metric: event.currentTarget.value })}
      />
      <MetricFields metric={metric} onChange={setMetric} scaleLeast={editing.scaleLeast} />
      {editing.scaleLeast > 0 && (
        <Text size="xs" c="dimmed">
          Decimals can only grow: quantities already kept have {editing.scaleLeast}.
        </Text>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={props.onDone}>
          Cancel
        </Button>
        <Button loading={busy} disabled={Object.keys(faults).length > 0 || taken} onClick={() => void save()}>
          Save metric
        </Button>
      </Group>
    </Stack>
  )
}

/** What is measured. */
export const MetricsSection = () => {
  const { timeZone } = useBook().settings
  const columns = useMemo(() => columnsFor(timeZone), [timeZone])
  const metrics = useQuery(api.metrics.list.queryOptions())
  const [editing, setEditing] = useState<Editing | null>(null)
  return (
    <Section
      title="Metrics"
      actions={
        <Button variant="default" onClick={() => setEditing(NEW)}>
          Add metric
        </Button>
      }
    >
      <Query of={metrics} what="the metrics">
        {(rows) => (
          <DataTable
            title="Metrics of the book"
            columns={columns}
            rows={rows}
            rowKey={(row) => row.definition.metric}
            onOpen={(row) =>
              setEditing({
                metric: row.definition,
                version: row.version,
                isNew: false,
                scaleLeast: row.definition.scale,
              })
            }
            maxHeight={320}
            empty="Nothing is measured yet. Import usage, or add a metric."
          />
        )}
      </Query>
      <Modal
        opened={editing !== null}
        onClose={() => setEditing(null)}
        title={editing?.isNew ? 'A new metric' : `Metric ${editing?.metric.metric ?? ''}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {editing !== null && (
          <MetricForm
            editing={editing}
            known={new Set((metrics.data ?? []).map((row) => row.definition.metric))}
            onDone={() => setEditing(null)}
          />
        )}
      </Modal>
    </Section>
  )
}
