import { Alert, Badge, Button, Group, List, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { RuleTrialReport } from '../../../contract/rules.ts'
import type { AttributionRule } from '../../../domain/attribution/rule.ts'
import { client, sentenceOf } from '../../api.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Section } from '../../ui/page.tsx'

const OUTCOMES = {
  takes: 'takes it',
  comes_after: 'comes after',
  not_in_force: 'not in force',
  does_not_match: 'does not match',
  names_no_tenant: 'names no tenant',
} satisfies Record<RuleTrialReport['rules'][number]['outcome'], string>

const EXAMPLE = `ServiceName,SubAccountId,ChargePeriodStart,Tags
Amazon S3,123456789012,2026-10-05T00:00:00Z,"{""application"": ""acme""}"`

type Numbered = RuleTrialReport['rules'][number] & { readonly number: number }

const COLUMNS: readonly Column<Numbered>[] = [
  { key: 'number', title: 'No.', kind: 'count', value: (row) => String(row.number) },
  { key: 'name', title: 'Rule', kind: 'text', value: (row) => row.name },
  {
    key: 'outcome',
    title: 'Outcome',
    kind: 'text',
    value: (row) => OUTCOMES[row.outcome],
    render: (row) => (
      <Badge variant={row.outcome === 'takes' ? 'filled' : 'default'} tt="none">
        {OUTCOMES[row.outcome]}
      </Badge>
    ),
  },
  {
    key: 'words',
    title: 'Why',
    kind: 'text',
    value: (row) => row.words,
    render: (row) => <div style={{ whiteSpace: 'normal', minWidth: 320 }}>{row.words}</div>,
  },
]

const Answer = (props: { trial: RuleTrialReport }) => {
  const { trial } = props
  return (
    <>
      <Alert color={trial.ruleId === null ? 'orange' : 'teal'} title={trial.sentence} role="status">
        <Text size="sm">
          Read from the row:{' '}
          {Object.entries(trial.attributes)
            .filter(([, value]) => value !== '')
            .map(([key, value]) => `${key.replaceAll('_', ' ')} “${value}”`)
            .join(', ')}
          .
        </Text>
        {trial.notRead.length > 0 && (
          <Text size="sm">Columns that no rule can look at: {trial.notRead.join(', ')}.</Text>
        )}
      </Alert>
      <Section title="What each rule says">
        <DataTable
          title="What each rule says of the row"
          columns={COLUMNS}
          rows={trial.rules.map((each, index) => ({ ...each, number: index + 1 }))}
          rowKey={(row) => row.ruleId}
          maxHeight={420}
          empty="There is no rule yet."
        />
      </Section>
    </>
  )
}

/** Paste a row, see the rule that takes it, and why the others do not. The rules are those of the screen, saved or not. */
export const TestBench = (props: { rules: readonly AttributionRule[] }) => {
  const [row, setRow] = useState('')
  const [day, setDay] = useState('')
  const [trial, setTrial] = useState<RuleTrialReport | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const tryIt = async () => {
    setBusy(true)
    setFault(null)
    try {
      setTrial(await client.rules.try({ rules: [...props.rules], row, ...(day === '' ? {} : { day }) }))
    } catch (error) {
      setTrial(null)
      setFault(sentenceOf(error))
    }
    setBusy(false)
  }
  return (
    <Stack gap="sm">
      <Textarea
        label="A row of a bill"
        description="A CSV header line with one row below it, or a JSON object; by FOCUS columns or our names for them."
        placeholder={EXAMPLE}
        autosize
        minRows={4}
        maxRows={14}
        maxLength={200_000}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        value={row}
        onChange={(event) => setRow(event.currentTarget.value)}
      />
      <Group gap="sm" align="flex-end">
        <TextInput
          label="Day of service"
          description="That of the row where it is empty"
          type="date"
          w={220}
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
        />
        <Button disabled={row.trim() === ''} loading={isBusy} onClick={() => void tryIt()}>
          Try the row
        </Button>
      </Group>
      {fault !== null && (
        <Alert color="red" title="The row can’t be tried">
          {fault}
        </Alert>
      )}
      {trial !== null && <Answer trial={trial} />}
      {trial === null && fault === null && (
        <List size="sm">
          <List.Item>The rules tried are those on this screen, with what was not saved yet.</List.Item>
          <List.Item>Nothing of the row is kept.</List.Item>
        </List>
      )}
    </Stack>
  )
}
