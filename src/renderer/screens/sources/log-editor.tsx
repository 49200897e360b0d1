import { NumberInput, Radio, SimpleGrid, Stack, Table, Text, TextInput } from '@mantine/core'
import type { FilePreview, LogOptions } from '../../../contract/sources.ts'

export interface LogDraft {
  readonly from: 'client' | 'segment' | 'regex'
  readonly segment: number
  readonly regex: string
  readonly requestsMetric: string
  readonly bytesMetric: string
}

export const logDraftOf = (log: LogOptions | undefined): LogDraft => {
  const tenantFrom = log?.tenantFrom ?? 'client'
  return {
    from: tenantFrom === 'client' ? 'client' : 'segment' in tenantFrom ? 'segment' : 'regex',
    segment: typeof tenantFrom === 'object' && 'segment' in tenantFrom ? tenantFrom.segment : 1,
    regex: typeof tenantFrom === 'object' && 'regex' in tenantFrom ? tenantFrom.regex : '',
    requestsMetric: log?.requestsMetric ?? 'http.requests',
    bytesMetric: log?.bytesMetric ?? 'http.response.bytes',
  }
}

const patternFault = (pattern: string): string | null => {
  if (pattern === '') return 'Write a pattern with one group: the group is the tenant.'
  try {
    return (new RegExp(`${pattern}|`).exec('')?.length ?? 1) > 1
      ? null
      : 'The pattern has no group. Put ( ) around what names the tenant.'
  } catch {
    return 'This is not a regular expression yet.'
  }
}

/** The options, or null where they are not whole. */
export const logOf = (draft: LogDraft): LogOptions | null => {
  const requestsMetric = draft.requestsMetric.trim()
  const bytesMetric = draft.bytesMetric.trim()
  if (requestsMetric === '' || bytesMetric === '') return null
  if (draft.from === 'regex' && patternFault(draft.regex) !== null) return null
  return {
    tenantFrom:
      draft.from === 'client'
        ? 'client'
        : draft.from === 'segment'
          ? { segment: draft.segment }
          : { regex: draft.regex },
    requestsMetric,
    bytesMetric,
  }
}

/** How the lines of an access log become usage, with the first lines' tenants beside. */
export const LogEditor = (props: {
  draft: LogDraft
  preview: FilePreview
  onChange: (draft: LogDraft) => void
}) => {
  const { draft } = props
  const change = (changes: Partial<LogDraft>) => props.onChange({ ...draft, ...changes })
  const needed = (text: string) => (text.trim() === '' ? 'A metric needs a name.' : null)
  // A line makes two records, so that its text may be in the sample twice.
  const lines = [...new Set(props.preview.sample.map((cells) => cells.join(' ')))]
  const tenants = [...new Map(props.preview.records.map((record) => [record.row, record.tenant]))].slice(
    0,
    lines.length,
  )
  return (
    <Stack gap="sm">
      <Radio.Group
        label="The tenant is"
        value={draft.from}
        onChange={(from) => change({ from: from as LogDraft['from'] })}
      >
        <Stack gap={6} mt={6}>
          <Radio value="client" label="the client’s address" />
          <Radio value="segment" label="a segment of the path" />
          <Radio value="regex" label="what a regular expression finds in the line" />
        </Stack>
      </Radio.Group>
      {draft.from === 'segment' && (
        <NumberInput
          label="Segment"
          description="In /acme/orders/7 segment 1 is acme."
          w={220}
          min={1}
          max={20}
          allowDecimal={false}
          value={draft.segment}
          onChange={(segment) => typeof segment === 'number' && segment >= 1 && change({ segment })}
        />
      )}
      {draft.from === 'regex' && (
        <TextInput
          label="Regular expression"
          description="Its first group is the tenant, as in GET /t/([^/]+)/"
          ff="monospace"
          maxLength={500}
          value={draft.regex}
          error={patternFault(draft.regex)}
          onChange={(event) => change({ regex: event.currentTarget.value })}
        />
      )}
      <SimpleGrid cols={2} spacing="sm" maw={520}>
        <TextInput
          label="Metric of requests"
          value={draft.requestsMetric}
          error={needed(draft.requestsMetric)}
          onChange={(event) => change({ requestsMetric: event.currentTarget.value })}
        />
        <TextInput
          label="Metric of response bytes"
          value={draft.bytesMetric}
          error={needed(draft.bytesMetric)}
          onChange={(event) => change({ bytesMetric: event.currentTarget.value })}
        />
      </SimpleGrid>
      <Text size="sm" fw={600}>
        The first lines
      </Text>
      {tenants.length === 0 ? (
        <Text size="sm" c="dimmed">
          No line gives a tenant this way.
        </Text>
      ) : (
        <Table withTableBorder aria-label="Tenants of the first lines" layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={60}>Row</Table.Th>
              <Table.Th w={200}>Tenant</Table.Th>
              <Table.Th>Line</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {tenants.map(([row, tenant], index) => (
              <Table.Tr key={row}>
                <Table.Td>{row}</Table.Td>
                <Table.Td fw={600}>{tenant}</Table.Td>
                <Table.Td ff="monospace" fz="xs" style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>
                  <Text size="xs" ff="monospace" truncate>
                    {lines[index] ?? ''}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  )
}
