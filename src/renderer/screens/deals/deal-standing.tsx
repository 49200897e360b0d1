import { Badge, Group, Text } from '@mantine/core'
import { memo } from 'react'
import type { Deal } from '../../../domain/deal/deal.ts'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { formatInstant } from '../../ui/format.ts'
import { instantColumn } from '../../ui/instant-column.ts'
import { Section } from '../../ui/page.tsx'
import { recordPath, ScreenLink } from '../../ui/screen-link.tsx'
import type { LoadedDeal } from './loaded-deal.ts'
import type { Baseline } from './models.ts'

/** Every version of the deal, newest first. */
export const History = memo((props: { loaded: LoadedDeal }) => {
  const { timeZone } = useBook().settings
  const columns: readonly Column<LoadedDeal['history'][number]>[] = [
    { key: 'version', title: 'Version', kind: 'count', value: (row) => String(row.version) },
    { key: 'state', title: 'State', kind: 'text', value: (row) => row.state },
    { key: 'author', title: 'By', kind: 'text', value: (row) => row.author },
    instantColumn('when', 'When', (row) => row.recordedMs, timeZone),
  ]
  return (
    <Section title="History">
      <DataTable
        title="Versions of this deal"
        columns={columns}
        rows={[...props.loaded.history].sort((a, b) => b.version - a.version)}
        rowKey={(row) => String(row.version)}
      />
    </Section>
  )
})

/** State, customer, who approved it, what became of it. */
export const Standing = (props: { deal: Deal | undefined; baseline: Baseline }) => {
  const { timeZone } = useBook().settings
  const { deal, baseline } = props
  return (
    <Group gap="sm" role="status">
      <Badge variant="default" tt="none">
        {deal?.state ?? 'not saved yet'}
      </Badge>
      <Text size="sm">
        for{' '}
        <ScreenLink to={recordPath('/customers', baseline.customerId)}>{baseline.customerName}</ScreenLink>{' '}
        (margin floor {baseline.floorPercent} %)
      </Text>
      {deal?.approvedBy !== undefined && deal.approvedAtMs !== undefined && (
        <Text size="sm">
          approved by {deal.approvedBy}, {formatInstant(deal.approvedAtMs, timeZone)}
        </Text>
      )}
      {deal?.contractId !== undefined && (
        <Text size="sm">
          became contract{' '}
          <ScreenLink to={recordPath('/customers', baseline.customerId)}>{deal.contractId}</ScreenLink>
        </Text>
      )}
    </Group>
  )
}
