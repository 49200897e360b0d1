import { Alert, Group, Stack } from '@mantine/core'
import { useMemo } from 'react'
import type { FilePreview } from '../../../contract/sources.ts'
import { Amount } from '../../ui/amount.tsx'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { formatInstant } from '../../ui/format.ts'
import { instantColumn } from '../../ui/instant-column.ts'
import { Figure, Section } from '../../ui/page.tsx'
import { Bills } from './delivery-editor.tsx'
import { IssuesTable } from './issues-table.tsx'
import { plural } from './words.ts'

type PreviewRecord = FilePreview['records'][number]

const recordColumns = (cost: boolean, timeZone: string): readonly Column<PreviewRecord>[] => [
  { key: 'row', title: 'Row', kind: 'count', value: (row) => String(row.row) },
  instantColumn('time', 'Time', (row) => row.time, timeZone),
  { key: 'what', title: cost ? 'Service' : 'Metric', kind: 'text', value: (row) => row.what },
  cost
    ? {
        key: 'tenant',
        title: 'Attributed to',
        kind: 'text',
        value: (row) => row.attributedTo ?? 'unattributed',
      }
    : { key: 'tenant', title: 'Tenant', kind: 'text', value: (row) => row.tenant },
  { key: 'amount', title: cost ? 'Billed' : 'Quantity', kind: 'quantity', value: (row) => row.amount },
  { key: 'unit', title: cost ? 'Currency' : 'Unit', kind: 'text', value: (row) => row.unit },
]

interface SampleRow {
  readonly cells: readonly string[]
  readonly index: number
}

const RawSample = (props: { preview: FilePreview }) => {
  const { header, sample } = props.preview
  const columns = useMemo(
    (): readonly Column<SampleRow>[] =>
      (header ?? ['Line']).map((title, place) => ({
        key: String(place),
        title: title === '' ? `Column ${place + 1}` : title,
        kind: 'text',
        value: (row) => row.cells[place] ?? null,
      })),
    [header],
  )
  return (
    <DataTable
      title="First records as they are in the file"
      columns={columns}
      rows={sample.map((cells, index) => ({ cells, index }))}
      rowKey={(row) => String(row.index)}
      maxHeight={220}
    />
  )
}

/** Step 3: what the file would become. */
export const StepPreview = (props: { preview: FilePreview }) => {
  const { preview } = props
  const { timeZone } = useBook().settings
  const cost = preview.kind === 'focus'
  const columns = useMemo(() => recordColumns(cost, timeZone), [cost, timeZone])
  const errors = preview.issues.filter((issue) => issue.severity === 'error').length
  return (
    <Stack gap="md">
      {preview.importedBefore !== null && (
        <Alert color="blue" title="This very file was imported before">
          It is batch {preview.importedBefore.batchId} of{' '}
          {formatInstant(preview.importedBefore.recordedMs, timeZone)}.{' '}
          {preview.options.sameId === 'restate'
            ? 'Importing it again changes nothing but what a later file replaced: its own values count again.'
            : 'Importing it again adds nothing.'}
        </Alert>
      )}
      <Group gap="sm" align="stretch">
        <Figure
          label="Rows looked at"
          note={preview.wholeFile ? 'the whole file' : 'from the beginning; the import reads them all'}
        >
          {preview.rowsRead.toLocaleString('en')}
        </Figure>
        {preview.attribution !== null && (
          <>
            <Figure
              label={`Attributed (${preview.attribution.currency})`}
              note="by the rules as they are now"
            >
              <Amount value={preview.attribution.attributed} currency={preview.attribution.currency} />
            </Figure>
            <Figure label={`Unattributed (${preview.attribution.currency})`} note="no rule claims it yet">
              <Amount value={preview.attribution.unattributed} currency={preview.attribution.currency} />
            </Figure>
          </>
        )}
        <Figure
          label="Issues"
          note={errors === 0 ? 'nothing stands in the way' : 'bad rows are set aside, not lost'}
        >
          {preview.issues.length === 0 ? 'None' : plural(preview.issues.length, 'issue')}
        </Figure>
      </Group>
      {preview.issues.length > 0 && (
        <Section title="Issues">
          <IssuesTable issues={preview.issues} />
        </Section>
      )}
      {cost && (
        <Section title="Bills">
          <Bills preview={preview} />
        </Section>
      )}
      <Section
        title={cost ? 'The first charges as they would become' : 'The first events as they would become'}
      >
        <DataTable
          title="First records as they would become"
          columns={columns}
          rows={preview.records}
          rowKey={(row) => `${row.row} ${row.what} ${row.amount}`}
          maxHeight={300}
          empty="No record could be read this way."
        />
      </Section>
      <Section title="As they are in the file">
        <RawSample preview={preview} />
      </Section>
    </Stack>
  )
}
