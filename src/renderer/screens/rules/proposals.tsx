import { Alert, Button, Stack, Text, Textarea } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { RuleProposal } from '../../../contract/rules.ts'
import { accountRules, parseAccountList } from '../../../domain/attribution/propose.ts'
import type { AttributionRule } from '../../../domain/attribution/rule.ts'
import type { Month } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'

const KINDS = {
  tag: 'tag',
  namespace: 'namespace',
  account: 'account',
} satisfies Record<RuleProposal['kind'], string>

const TENANTS_SHOWN = 4

const largestOf = ({ tenants }: RuleProposal) =>
  tenants
    .slice(0, TENANTS_SHOWN)
    .map(({ tenant }) => tenant)
    .join(', ')

const columnsFor = (
  currency: string,
  onTake: (rules: readonly AttributionRule[]) => void,
): readonly Column<RuleProposal>[] => [
  {
    key: 'take',
    title: 'Add',
    kind: 'text',
    value: () => null,
    render: (row) => (
      <Button
        variant="default"
        size="compact-xs"
        aria-label={`Add the rule: ${row.rule.name}`}
        onClick={() => onTake([row.rule])}
      >
        Add rule
      </Button>
    ),
  },
  { key: 'kind', title: 'From', kind: 'text', value: (row) => KINDS[row.kind] },
  {
    key: 'name',
    title: 'Rule',
    kind: 'text',
    value: (row) => row.rule.name,
    render: (row) => (
      <div style={{ whiteSpace: 'normal', minWidth: 180, overflowWrap: 'anywhere' }}>{row.rule.name}</div>
    ),
  },
  { key: 'amount', title: 'Would claim', kind: 'money', currency, value: (row) => row.amount },
  { key: 'share', title: 'Share of cost', unit: '%', kind: 'percent', value: (row) => row.share },
  { key: 'entries', title: 'Entries', kind: 'count', value: (row) => String(row.entries) },
  { key: 'count', title: 'Tenants', kind: 'count', value: (row) => String(row.tenantCount) },
  {
    key: 'tenants',
    title: 'Largest of them',
    kind: 'text',
    value: largestOf,
    render: (row) => <div style={{ whiteSpace: 'normal', minWidth: 140 }}>{largestOf(row)}</div>,
  },
]

const AccountList = (props: {
  rules: readonly AttributionRule[]
  onTake: (rules: readonly AttributionRule[]) => void
}) => {
  const [text, setText] = useState('')
  const { lines, faults } = parseAccountList(text)
  return (
    <Stack gap="xs" align="flex-start">
      <Textarea
        label="Accounts and their tenants"
        description="One a line: the account’s number or name, a comma, the tenant. Two columns copied from a spreadsheet work, too."
        placeholder={'123456789012, acme\n210987654321, globex'}
        autosize
        minRows={3}
        maxRows={12}
        w="100%"
        maw={560}
        maxLength={100_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {faults.length > 0 && (
        <Alert color="red" title="Lines that can’t be read">
          {faults.map((fault) => (
            <Text key={fault} size="sm">
              {fault}
            </Text>
          ))}
        </Alert>
      )}
      <Button
        variant="default"
        disabled={lines.length === 0 || faults.length > 0}
        onClick={() => props.onTake(accountRules(lines, props.rules))}
      >
        {lines.length === 1 ? 'Add 1 rule' : `Add ${lines.length} rules`}
      </Button>
    </Stack>
  )
}

/** Rules that the cost itself suggests, with what each would claim, and rules from a list of accounts. */
export const Proposals = (props: {
  rules: readonly AttributionRule[]
  month: Month | null
  onTake: (rules: readonly AttributionRule[]) => void
}) => {
  const { rules, month, onTake } = props
  const query = useQuery({
    ...api.rules.propose.queryOptions({
      input: { rules: [...rules], ...(month === null ? {} : { month }) },
    }),
    placeholderData: keepPreviousData,
  })
  return (
    <Stack gap="lg">
      <Section title="From tags, namespaces and accounts of what no rule claims">
        <Query of={query} what="proposals">
          {(data) => (
            <DataTable
              title="Proposed rules"
              columns={columnsFor(data.currency, onTake)}
              rows={data.proposals}
              rowKey={(row) => row.rule.id}
              maxHeight={420}
              empty="Nothing unattributed carries a tag or an account that a rule could name a tenant by."
            />
          )}
        </Query>
        <Text size="sm">
          Each is counted as if it alone were added, after the rules there are. Nothing is saved until you
          save the rules.
        </Text>
      </Section>
      <Section title="From a list of accounts">
        <AccountList rules={rules} onTake={onTake} />
      </Section>
    </Stack>
  )
}
