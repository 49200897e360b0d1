import { Anchor, Badge, Button, Code, CopyButton, Drawer, Group, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { DASH, formatInstant } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'
import { EntriesTable, type EntryRow } from './entries-table.tsx'
import { correctionInWords, tableInWords } from './entry-words.ts'

const Fields = (props: { title: string; fields: readonly { name: string; value: string }[] }) => (
  <Table withTableBorder aria-label={props.title} layout="fixed">
    <Table.Tbody>
      {props.fields.map((field, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a record may have a column twice
        <Table.Tr key={`${index} ${field.name}`}>
          <Table.Th w={220} scope="row" fw={500} style={{ overflowWrap: 'anywhere' }}>
            {field.name}
          </Table.Th>
          <Table.Td style={{ overflowWrap: 'anywhere' }}>{field.value === '' ? DASH : field.value}</Table.Td>
        </Table.Tr>
      ))}
    </Table.Tbody>
  </Table>
)

const Copy = (props: { text: string; what: string }) => (
  <CopyButton value={props.text}>
    {({ copied, copy }) => (
      <Button variant="default" size="compact-xs" onClick={copy}>
        {copied ? 'Copied' : `Copy ${props.what}`}
      </Button>
    )}
  </CopyButton>
)

/** Everything the ledger says of one usage or cost record. */
const RecordBody = (props: { seq: number; onOpen: (row: EntryRow) => void }) => {
  const { timeZone } = useBook().settings
  const history = useQuery(api.ledger.history.queryOptions({ input: { seq: props.seq } }))
  return (
    <Query of={history} what="the record">
      {({ entry, history: steps, invoices }) => (
        <Stack gap="lg">
          <Group gap="xs">
            <Badge variant="default">{entry.kind}</Badge>
            <Text size="sm">
              {correctionInWords(entry.correction, entry.corrects)} in batch {entry.batchId}, recorded{' '}
              {formatInstant(entry.recordedMs, timeZone)}
              {entry.file !== '' && ` from ${entry.file}`}
              {entry.source !== '' && `, source ${entry.source}`}
            </Text>
          </Group>
          <Section title="The entry">
            <Fields title="Fields of the entry" fields={entry.fields} />
          </Section>
          <Section title="History">
            <EntriesTable title="History of the record" rows={steps} onOpen={props.onOpen} maxHeight={220} />
          </Section>
          <Section title="Invoices it is in">
            {invoices.length === 0 ? (
              <Text size="sm" c="dimmed">
                None.
              </Text>
            ) : (
              <Stack gap={4}>
                {invoices.map((line) => (
                  <Anchor
                    key={`${line.invoiceId} ${line.line}`}
                    component={Link}
                    to={`/invoices/${encodeURIComponent(line.invoiceId)}`}
                    size="sm"
                  >
                    {line.number}, line {line.line}: {line.description}
                  </Anchor>
                ))}
              </Stack>
            )}
          </Section>
          <Section
            title="The record as it came"
            actions={<Copy text={entry.rawText} what="the raw record" />}
          >
            <Fields title="Fields of the raw record" fields={entry.raw} />
            <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {entry.rawText}
            </Code>
          </Section>
          <Group gap="xs">
            <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              Hash of the entry {entry.digest}
            </Text>
            <Copy text={entry.digest} what="the hash" />
          </Group>
        </Stack>
      )}
    </Query>
  )
}

/** A decision or setting: what its row in the ledger says. */
const DocumentBody = (props: { row: EntryRow }) => {
  const { timeZone } = useBook().settings
  const { row } = props
  return (
    <Fields
      title="Fields of the entry"
      fields={[
        { name: 'Kind', value: tableInWords(row.table) },
        { name: 'What', value: row.what },
        { name: 'Content', value: [row.amount, row.unit].filter((text) => text !== '').join(' ') },
        { name: 'Batch', value: String(row.batchId) },
        { name: 'Recorded', value: formatInstant(row.recordedMs, timeZone) },
      ]}
    />
  )
}

export const isRecord = (row: EntryRow): boolean => row.table === 'usage_event' || row.table === 'cost_entry'

export const RecordDrawer = (props: {
  seq: number | undefined
  /** The row it was opened from, where it was opened from one. */
  row: EntryRow | null
  onOpen: (row: EntryRow) => void
  onClose: () => void
}) => {
  const { seq, row } = props
  const known = row !== null && row.seq === seq ? row : null
  return (
    <Drawer
      opened={seq !== undefined}
      onClose={props.onClose}
      position="right"
      size="min(860px, 92vw)"
      title={
        <Text fw={600} component="span">
          {known === null
            ? `Entry ${seq ?? ''}`
            : `${tableInWords(known.table)} ${known.entryId}: ${known.what}`}
        </Text>
      }
      closeButtonProps={{ 'aria-label': 'Close the record' }}
    >
      {seq !== undefined &&
        (known !== null && !isRecord(known) ? (
          <DocumentBody row={known} />
        ) : (
          <RecordBody seq={seq} onOpen={props.onOpen} />
        ))}
    </Drawer>
  )
}
