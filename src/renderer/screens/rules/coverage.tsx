import { Stack } from '@mantine/core'
import type { AttributionRule } from '../../../domain/attribution/rule.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Section } from '../../ui/page.tsx'
import type { Claims } from './rule-card.tsx'

type RuleRow = Claims['rules'][number]
type ServiceRow = Claims['byService'][number]

/** How much of the bill rules claim: by rule, by service, and what none claims. */
export const Coverage = (props: { claims: Claims; rules: readonly AttributionRule[] }) => {
  const { claims } = props
  const { currency } = claims
  const names = new Map(props.rules.map(({ id, name }) => [id, name]))
  const rules: readonly RuleRow[] = [
    ...claims.rules,
    {
      ruleId: '',
      words: 'No rule claims it.',
      entries: 0,
      amount: claims.unattributed,
      share: claims.unattributedShare,
      tenantCount: 0,
      tenants: [],
    },
  ]
  const ruleColumns: Column<RuleRow>[] = [
    {
      key: 'name',
      title: 'Rule',
      kind: 'text',
      value: (row) => (row.ruleId === '' ? 'Unattributed' : (names.get(row.ruleId) ?? row.ruleId)),
    },
    {
      key: 'amount',
      title: 'Claims',
      kind: 'money',
      currency,
      value: (row) => row.amount,
      total: claims.total,
    },
    { key: 'share', title: 'Share of cost', unit: '%', kind: 'percent', value: (row) => row.share },
    {
      key: 'entries',
      title: 'Entries',
      kind: 'count',
      value: (row) => (row.ruleId === '' ? null : String(row.entries)),
    },
    {
      key: 'tenants',
      title: 'Tenants',
      kind: 'count',
      value: (row) => (row.ruleId === '' ? null : String(row.tenantCount)),
    },
    {
      key: 'words',
      title: 'What it says',
      kind: 'text',
      value: (row) => row.words,
      render: (row) => <div style={{ whiteSpace: 'normal', minWidth: 300 }}>{row.words}</div>,
    },
  ]
  const serviceColumns: Column<ServiceRow>[] = [
    { key: 'service', title: 'Service', kind: 'text', value: (row) => row.key || '(no service)' },
    { key: 'amount', title: 'Cost', kind: 'money', currency, value: (row) => row.amount },
    {
      key: 'attributed',
      title: 'Claimed by rules',
      kind: 'money',
      currency,
      value: (row) => row.attributed,
    },
    {
      key: 'share',
      title: 'Coverage',
      unit: '% of the service',
      kind: 'percent',
      value: (row) => row.attributedShare,
    },
    { key: 'entries', title: 'Entries', kind: 'count', value: (row) => String(row.entries) },
  ]
  return (
    <Stack gap="lg">
      <Section title="By rule, in order">
        <DataTable
          title="Coverage by rule"
          columns={ruleColumns}
          rows={rules}
          rowKey={(row) => row.ruleId}
          maxHeight={420}
        />
      </Section>
      <Section title="By service, largest first">
        <DataTable
          title="Coverage by service"
          columns={serviceColumns}
          rows={claims.byService}
          rowKey={(row) => row.key}
          maxHeight={420}
          empty="There is no cost here."
        />
      </Section>
    </Stack>
  )
}
