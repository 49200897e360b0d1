import { Anchor, Group, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ImportResult } from '../../../contract/book.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { formatCount } from '../../ui/format.ts'
import { Figure, Section } from '../../ui/page.tsx'
import { IssuesTable } from './issues-table.tsx'
import { plural } from './words.ts'

const METRIC_COLUMNS: readonly Column<ImportResult['metrics'][number]>[] = [
  { key: 'metric', title: 'Metric', kind: 'text', value: (row) => row.metric },
  { key: 'events', title: 'Events', kind: 'count', value: (row) => String(row.events) },
  { key: 'quantity', title: 'Quantity', kind: 'quantity', value: (row) => row.quantity },
]

const CURRENCY_COLUMNS: readonly Column<ImportResult['currencies'][number]>[] = [
  { key: 'currency', title: 'Currency', kind: 'text', value: (row) => row.currency },
  { key: 'billed', title: 'Billed, exact', kind: 'quantity', value: (row) => row.billed },
  { key: 'effective', title: 'Effective, exact', kind: 'quantity', value: (row) => row.effective },
]

const NextLink = (props: { to: string; search?: Record<string, string>; children: string }) => (
  <Anchor component={Link} to={props.to} size="sm" {...({ search: props.search ?? {} } as object)}>
    {props.children}
  </Anchor>
)

/** What an import did: a sentence, counts that add up, totals, issues and where to go next. */
export const ImportResultView = (props: { result: ImportResult }) => {
  const { result } = props
  const holds = result.rows === result.added + result.duplicate + result.conflict + result.quarantined
  return (
    <Stack gap="md">
      <Text fw={600} role="status">
        {result.sentence}
      </Text>
      <Group gap="xs" align="center" aria-label="Counts of rows">
        <Figure label="Rows">{formatCount(result.rows)}</Figure>
        <Text aria-hidden>=</Text>
        <Figure label="Added">{formatCount(result.added)}</Figure>
        <Text aria-hidden>+</Text>
        <Figure label="Duplicate">{formatCount(result.duplicate)}</Figure>
        <Text aria-hidden>+</Text>
        <Figure label="In conflict">{formatCount(result.conflict)}</Figure>
        <Text aria-hidden>+</Text>
        <Figure label="Quarantined">{formatCount(result.quarantined)}</Figure>
        <Text size="sm" fw={600}>
          {holds ? 'adds up ✓' : 'does not add up; verify the ledger'}
        </Text>
      </Group>
      <Text size="sm">
        {plural(result.entriesAdded, 'entry', 'entries')} appended
        {result.batchId !== null && ` as batch ${result.batchId}`}
        {result.late > 0 &&
          `; ${plural(result.late, 'entry', 'entries')} of closed months counted in the next open one`}
        .
        {result.restated !== null &&
          ` Restated: ${formatCount(result.restated.stayed)} stayed, ${formatCount(result.restated.vanished)} vanished and reversed, ${formatCount(result.restated.added)} added.`}
      </Text>
      <Group gap="lg" component="nav" aria-label="What to do next">
        {result.quarantined > 0 && (
          <NextLink to="/ledger" search={{ tab: 'quarantine' }}>
            Mend the quarantined rows
          </NextLink>
        )}
        {result.conflict > 0 && (
          <NextLink to="/ledger" search={{ tab: 'conflicts' }}>
            See the conflicts
          </NextLink>
        )}
        {result.currencies.length > 0 && (
          <NextLink to="/rules">Say whose cost it is: attribution rules</NextLink>
        )}
        {result.metrics.length > 0 && <NextLink to="/customers">Put tenants to customers</NextLink>}
        {result.metrics.length > 0 && <NextLink to="/usage">See the usage</NextLink>}
      </Group>
      {result.currencies.length > 0 && (
        <Section title="Cost added">
          <DataTable
            title="Cost added by currency"
            columns={CURRENCY_COLUMNS}
            rows={result.currencies}
            rowKey={(row) => row.currency}
            maxHeight={200}
          />
        </Section>
      )}
      {result.metrics.length > 0 && (
        <Section title="Usage added">
          <DataTable
            title="Usage added by metric"
            columns={METRIC_COLUMNS}
            rows={result.metrics}
            rowKey={(row) => row.metric}
            maxHeight={240}
          />
        </Section>
      )}
      {result.issues.length > 0 && (
        <Section title="Issues">
          <IssuesTable issues={result.issues} title="Issues of the import" />
        </Section>
      )}
    </Stack>
  )
}
