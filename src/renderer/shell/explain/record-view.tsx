import { Button, Code, Group, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { EntryUses } from '../../ui/entry-uses.tsx'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { formatInstant } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { ScreenLink } from '../../ui/screen-link.tsx'
import { Query } from '../../ui/states.tsx'
import { recordText } from './words.ts'

const Fields = (props: { label: string; fields: readonly { name: string; value: string }[] }) => (
  <Table withTableBorder layout="fixed" aria-label={props.label}>
    <Table.Thead>
      <Table.Tr>
        <Table.Th w="38%">Field</Table.Th>
        <Table.Th>Value</Table.Th>
      </Table.Tr>
    </Table.Thead>
    <Table.Tbody>
      {props.fields.map((field, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a record may name a field twice, and its fields never move
        <Table.Tr key={index}>
          <Table.Th scope="row" fw={400} style={{ overflowWrap: 'anywhere' }}>
            {field.name}
          </Table.Th>
          <Table.Td style={{ overflowWrap: 'anywhere' }}>{field.value}</Table.Td>
        </Table.Tr>
      ))}
    </Table.Tbody>
  </Table>
)

/** One entry of the ledger and the record it came from. */
export const RecordView = (props: {
  target: ExplainTarget & { kind: 'record' }
  onOpen: (target: ExplainTarget) => void
  onClose: () => void
}) => {
  const { timeZone } = useBook().settings
  const record = useQuery(api.explain.record.queryOptions({ input: { seq: props.target.seq } }))
  return (
    <Query of={record} what="This record">
      {(data) => {
        const { corrects } = data
        return (
          <Stack>
            <Text size="sm">
              A {data.kind} record of <b>{data.source}</b>
              {data.correction !== null && `, ${data.correction}`}.{' '}
              <ScreenLink to="/ledger" search={{ entry: String(data.seq) }} onFollow={props.onClose}>
                Its history in the Ledger
              </ScreenLink>
            </Text>
            {corrects !== null && (
              <Group>
                <Button variant="default" onClick={() => props.onOpen({ kind: 'record', seq: corrects })}>
                  Open record {corrects}, which this one corrects
                </Button>
              </Group>
            )}
            <EntryUses seq={data.seq} onOpen={props.onOpen} onFollow={props.onClose} />
            <Section title="Where it came from">
              <Fields
                label="Where the record came from"
                fields={[
                  { name: 'Entry', value: data.entryId },
                  { name: 'Source', value: data.source },
                  { name: 'File', value: data.file },
                  { name: 'Batch', value: String(data.batchId) },
                  { name: 'Recorded', value: formatInstant(data.recordedMs, timeZone) },
                  { name: 'Digest', value: data.digest },
                ]}
              />
            </Section>
            <Section title="What the ledger made of it">
              <Fields label="The entry, field by field" fields={data.fields} />
            </Section>
            <Section title="The raw record">
              <Fields label="The raw record, field by field" fields={data.raw} />
              <details>
                <summary>As it came, unparsed</summary>
                <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                  {data.rawText}
                </Code>
              </details>
            </Section>
            <Group justify="flex-end">
              <CopyButton label="Copy as text" text={recordText(data, timeZone)} />
            </Group>
          </Stack>
        )
      }}
    </Query>
  )
}
