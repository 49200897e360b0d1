import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { client, host, sendFile, sentenceOf } from '../api.ts'
import { type Column, DataTable } from './data-table.tsx'
import { PROBLEM_COLOR } from './problem.tsx'
import { useSubmit } from './submit.ts'

type Kind = 'customers' | 'rate_card' | 'rules' | 'past_invoices'
type Preview = Awaited<ReturnType<typeof client.excel.preview>>
type Row = Preview['rows'][number]

const NAMES: Record<Kind, string> = {
  customers: 'customers',
  rate_card: 'a rate card',
  rules: 'attribution rules',
  past_invoices: 'earlier invoices',
}
const reasonsOf = (row: Row) => row.issues.map((issue) => issue.message).join(' ')

const COLUMNS: readonly Column<Row>[] = [
  { key: 'row', title: 'Row', kind: 'count', value: (row) => String(row.row) },
  {
    key: 'state',
    title: 'State',
    kind: 'text',
    value: (row) => row.state,
    render: (row) => (row.state === 'error' ? <b style={{ color: PROBLEM_COLOR }}>error</b> : row.state),
  },
  {
    key: 'summary',
    title: 'What it says',
    kind: 'text',
    value: (row) => row.summary,
    render: (row) => <div style={{ whiteSpace: 'normal', minWidth: 200, maxWidth: 300 }}>{row.summary}</div>,
  },
  {
    key: 'reasons',
    title: 'Reasons',
    kind: 'text',
    value: reasonsOf,
    render: (row) => <div style={{ whiteSpace: 'normal', minWidth: 260 }}>{reasonsOf(row) || '–'}</div>,
  },
]

const STATES: readonly Row['state'][] = ['error', 'changed', 'new', 'unchanged']

/** What needs somebody first: in a long workbook the two wrong rows are at the top. */
const byState = (rows: readonly Row[]): readonly Row[] =>
  [...rows].sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state) || a.row - b.row)

const useWorkbook = (kind: Kind) => {
  const [sent, setSent] = useState<{ fileId: string; name: string; preview: Preview } | null>(null)
  const [reading, setReading] = useState<string | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const read = async (file: File) => {
    setSent(null)
    setFailure(null)
    setReading(file.name)
    try {
      const fileId = await sendFile(file)
      setSent({ fileId, name: file.name, preview: await client.excel.preview({ fileId, kind }) })
    } catch (error) {
      setFailure(sentenceOf(error))
    } finally {
      setReading(null)
    }
  }
  return { sent, reading, failure, read }
}

const Import = (props: { kind: Kind; onClose: () => void }) => {
  const { sent, reading, failure, read } = useWorkbook(props.kind)
  const { isBusy, refusal, submit } = useSubmit()
  const ofRows = new Set(sent?.preview.rows.flatMap((row) => row.issues.map((issue) => issue.message)))
  const outside = sent?.preview.issues.filter((issue) => !ofRows.has(issue.message)) ?? []
  const apply = async () => {
    if (sent === null) return
    const done = await submit(
      () => client.excel.apply({ fileId: sent.fileId, kind: props.kind }),
      (result) => result.sentence,
    )
    if (done !== null) props.onClose()
  }
  return (
    <Stack gap="sm">
      <div>
        <Text component="label" htmlFor="workbook" size="sm" fw={500} display="block">
          {props.kind === 'past_invoices'
            ? 'Workbook (.xlsx, .csv) or list (.json)'
            : 'Workbook (.xlsx or .csv)'}
        </Text>
        <input
          id="workbook"
          type="file"
          accept={props.kind === 'past_invoices' ? '.xlsx,.csv,.json' : '.xlsx,.csv'}
          style={{ font: 'inherit', fontSize: 'var(--mantine-font-size-sm)' }}
          // Else a file that was mended and is chosen again would be no change.
          onClick={(event) => {
            event.currentTarget.value = ''
          }}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0]
            if (file !== undefined) void read(file)
          }}
        />
      </div>
      <Text size="sm" role="status">
        {reading !== null
          ? `Reading ${reading} …`
          : (sent?.preview.sentence ??
            'Choose the filled-in template. What it would change is shown before anything is saved; one error and nothing is saved.')}
      </Text>
      {(failure ?? refusal) !== null && (
        <Alert color="red" title={failure !== null ? 'Not read' : 'Not saved'}>
          {failure ?? refusal}
        </Alert>
      )}
      {sent !== null && (
        <>
          {outside.length > 0 && (
            <Alert color="red" title="About the whole file">
              {outside.map((issue) => (
                <Text key={`${issue.code} ${issue.message}`} size="sm">
                  {issue.message}
                </Text>
              ))}
            </Alert>
          )}
          <DataTable
            title={`Rows of ${sent.name}`.slice(0, 120)}
            columns={COLUMNS}
            rows={byState(sent.preview.rows)}
            rowKey={(row) => String(row.row)}
            maxHeight={360}
            empty="The file holds no rows below its header."
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              Cancel
            </Button>
            <Button disabled={!sent.preview.mayApply} loading={isBusy} onClick={() => void apply()}>
              Apply
            </Button>
          </Group>
        </>
      )}
    </Stack>
  )
}

const download = async (kind: Kind) => {
  try {
    const file = await client.excel.template({ kind })
    host.saveFile(file.name, file)
  } catch (error) {
    notifications.show({ color: 'red', title: 'No template', message: sentenceOf(error) })
  }
}

/** Invoices that were issued elsewhere, for contracts that began before this book. */
export const PastInvoicesImport = () => {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Import earlier invoices
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title="Import earlier invoices"
        size="xl"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack gap="sm">
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <Text size="sm">
              Invoices that were issued elsewhere, with what they left of credits and commitments. They are
              kept as they came, never rated or sent, and the contract goes on where they end.
            </Text>
            <Button
              variant="default"
              onClick={() => void download('past_invoices')}
              style={{ flexShrink: 0 }}
            >
              Download template
            </Button>
          </Group>
          <Import kind="past_invoices" onClose={() => setOpen(false)} />
        </Stack>
      </Modal>
    </>
  )
}

/** A template to fill in, and a workbook read back: previewed row by row, then applied whole or not at all. */
export const ExcelImport = (props: { kind: Exclude<Kind, 'past_invoices'> }) => {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant="default" onClick={() => void download(props.kind)}>
        {props.kind === 'rules' ? 'Export to Excel' : 'Download template'}
      </Button>
      <Button variant="default" onClick={() => setOpen(true)}>
        Import workbook
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={`Import ${NAMES[props.kind]} from a workbook`}
        size="xl"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Import kind={props.kind} onClose={() => setOpen(false)} />
      </Modal>
    </>
  )
}
