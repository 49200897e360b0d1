import { Badge, Button, Code, CopyButton, Drawer, Group, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { EntryUses } from '../../ui/entry-uses.tsx'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { DASH, formatInstant } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'
import type { ConflictRow } from './conflict-drawer.tsx'
import type { EntryRow } from './entries-table.tsx'
import { correctionInWords, tableInWords } from './entry-words.ts'
import type { QuarantineRow } from './quarantine-record.tsx'
import { Steps } from './record-history.tsx'
import { ReverseEntry } from './reverse-entry.tsx'

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

/** What leads away from a record. */
export interface RecordActions {
  readonly onOpenEntry: (seq: number) => void
  readonly onOpenConflict: (conflict: ConflictRow) => void
  readonly onOpenQuarantined: (row: QuarantineRow) => void
  readonly onExplain: (target: ExplainTarget) => void
}

/** Everything the ledger says of one usage or cost record. */
const RecordBody = (props: RecordActions & { seq: number }) => {
  const { timeZone } = useBook().settings
  const history = useQuery(api.ledger.history.queryOptions({ input: { seq: props.seq } }))
  return (
    <Query of={history} what="the record">
      {({ entry, standing, ...rest }) => (
        <Stack gap="lg">
          <Text fw={600}>{standing.sentence}</Text>
          {standing.seq !== null && standing.entryId !== null && (
            <ReverseEntry
              key={standing.seq}
              seq={standing.seq}
              entryId={standing.entryId}
              kind={entry.kind}
            />
          )}
          <Section title="History">
            <Steps
              history={{ entry, standing, ...rest }}
              onOpenEntry={props.onOpenEntry}
              onOpenConflict={(seq) => {
                const conflict = rest.conflicts.find((each) => each.seq === seq)
                if (conflict !== undefined) props.onOpenConflict(conflict)
              }}
              onOpenQuarantined={() => rest.quarantined && props.onOpenQuarantined(rest.quarantined)}
            />
          </Section>
          <EntryUses seq={props.seq} onOpen={props.onExplain} onFollow={() => undefined} />
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

const isRecord = (row: EntryRow): boolean => row.table === 'usage_event' || row.table === 'cost_entry'

export const RecordDrawer = (props: {
  seq: number | undefined
  /** The row it was opened from, where it was opened from one. */
  row: EntryRow | null
  actions: RecordActions
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
          <RecordBody key={seq} seq={seq} {...props.actions} />
        ))}
    </Drawer>
  )
}
