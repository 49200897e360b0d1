import { Button, SimpleGrid, Text } from '@mantine/core'
import { useMemo } from 'react'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import type { Claims } from './rule-card.tsx'

type Contributor = Claims['unattributedByService'][number]

const columnsFor = (
  title: string,
  none: string,
  currency: string,
  make: (value: string) => void,
): readonly Column<Contributor>[] => [
  {
    key: 'key',
    title,
    kind: 'text',
    value: (row) => row.key ?? none,
    render: (row) => (
      <Text size="sm" truncate maw={280} title={row.key ?? undefined}>
        {row.key ?? none}
      </Text>
    ),
  },
  { key: 'amount', title: 'Unattributed', kind: 'money', currency, value: (row) => row.amount },
  { key: 'share', title: 'Share', kind: 'percent', value: (row) => row.share },
  { key: 'entries', title: 'Entries', kind: 'count', value: (row) => String(row.entries) },
  {
    key: 'make',
    title: 'Rule',
    kind: 'text',
    value: () => null,
    render: (row) => {
      const { key } = row
      return key === null ? null : (
        <Button
          variant="default"
          size="compact-xs"
          aria-label={`Make a rule from this: ${key}`}
          onClick={() => make(key)}
        >
          Make a rule from this
        </Button>
      )
    },
  },
]

/** What no rule claims, by its largest contributors. */
export const UnattributedTables = (props: {
  claims: Claims
  onMake: (field: 'service' | 'resource_id', value: string) => void
}) => {
  const { claims, onMake } = props
  const byService = useMemo(
    () => columnsFor('Service', '(no service)', claims.currency, (value) => onMake('service', value)),
    [claims.currency, onMake],
  )
  const byResource = useMemo(
    () =>
      columnsFor('Resource', '(names no resource)', claims.currency, (value) => onMake('resource_id', value)),
    [claims.currency, onMake],
  )
  return (
    <SimpleGrid cols={1} spacing="md">
      <DataTable
        title="Unattributed by service"
        columns={byService}
        rows={claims.unattributedByService}
        rowKey={(row) => row.key ?? ''}
        maxHeight={300}
        empty="Every cost has a tenant."
      />
      <DataTable
        title="Unattributed by resource"
        columns={byResource}
        rows={claims.unattributedByResource}
        rowKey={(row) => row.key ?? ''}
        maxHeight={300}
        empty="Every cost has a tenant."
      />
    </SimpleGrid>
  )
}
