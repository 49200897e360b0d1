import { ActionIcon, Button, Group, NativeSelect, Radio, Stack, Table, Text, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { Fragment } from 'react'
import type { Issue } from '../../../domain/issue.ts'
import type { Metric } from '../../../domain/metric.ts'
import type { Charge } from '../../../domain/pricing/ratecard.ts'
import { chargeInWords } from '../../../domain/pricing/words.ts'
import { Problems } from '../../ui/problem.tsx'
import { type ChargeDraft, issuesOfCharge, newCharge, pasteCharges, toCharge } from './charge-draft.ts'
import { TierEditor } from './tier-editor.tsx'

const KINDS: readonly { readonly value: Charge['kind']; readonly label: string }[] = [
  { value: 'flat_fee', label: 'Flat fee' },
  { value: 'per_unit', label: 'Per unit' },
  { value: 'graduated', label: 'Graduated' },
]

interface RowProps {
  readonly draft: ChargeDraft
  readonly index: number
  readonly metrics: readonly Metric[]
  readonly currency: string
  readonly onChange: (change: Partial<ChargeDraft>) => void
}

const MetricCell = (props: RowProps) => {
  const known = props.metrics.some((each) => each.metric === props.draft.metric)
  return (
    <NativeSelect
      size="xs"
      aria-label={`Metric of charge ${props.index + 1}`}
      value={props.draft.metric}
      data={[
        ...(known ? [] : [{ value: props.draft.metric, label: props.draft.metric || 'Choose a metric' }]),
        ...props.metrics.map((each) => ({ value: each.metric, label: each.name })),
      ]}
      onChange={(event) => props.onChange({ metric: event.currentTarget.value })}
    />
  )
}

const Cells = (props: RowProps) => {
  const { draft, index, onChange } = props
  const number = index + 1
  return (
    <>
      <Table.Td w={128}>
        <NativeSelect
          size="xs"
          aria-label={`Kind of charge ${number}`}
          value={draft.kind}
          data={[...KINDS]}
          onChange={(event) => onChange({ kind: event.currentTarget.value as Charge['kind'] })}
        />
      </Table.Td>
      <Table.Td miw={160}>
        <TextInput
          aria-label={`Name of charge ${number}`}
          placeholder="Name"
          maxLength={120}
          value={draft.name}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
      </Table.Td>
      <Table.Td w={150}>{draft.kind === 'flat_fee' ? '–' : <MetricCell {...props} />}</Table.Td>
      <Table.Td w={110}>
        {draft.kind === 'graduated' ? (
          <Text size="sm" c="dimmed">
            by tier
          </Text>
        ) : (
          <TextInput
            aria-label={`Price of charge ${number}`}
            placeholder="0.40"
            inputMode="decimal"
            value={draft.amount}
            onChange={(event) => onChange({ amount: event.currentTarget.value })}
          />
        )}
      </Table.Td>
      <Table.Td w={130}>
        {draft.kind === 'flat_fee' ? (
          'month'
        ) : (
          <TextInput
            aria-label={`Per of charge ${number}`}
            placeholder="1000"
            inputMode="decimal"
            value={draft.per}
            onChange={(event) => onChange({ per: event.currentTarget.value })}
          />
        )}
      </Table.Td>
    </>
  )
}

const Words = (props: RowProps & { issues: readonly Issue[] }) =>
  props.issues.length > 0 ? (
    <Problems issues={props.issues} />
  ) : (
    <Text size="xs">
      {props.draft.name.trim() === '' ? 'Give this charge a name. ' : ''}
      {chargeInWords(toCharge(props.draft), props)}
    </Text>
  )

/** Charges as a sheet: typed, or pasted from one; words and what is wrong beside each. */
export const ChargeGrid = (props: {
  charges: readonly ChargeDraft[]
  onChange: (charges: readonly ChargeDraft[]) => void
  issues: readonly Issue[]
  metrics: readonly Metric[]
  currency: string
  selected: number
  onSelect: (index: number) => void
}) => {
  const { charges, metrics, currency, onChange } = props
  const paste = (event: React.ClipboardEvent) => {
    const pasted = pasteCharges(event.clipboardData.getData('text/plain'), charges, metrics)
    if (pasted === null) return
    event.preventDefault()
    // An untouched line makes room for what is pasted.
    onChange([...charges.filter((charge) => charge.name !== '' || charge.amount !== ''), ...pasted])
  }
  return (
    <Stack gap="xs" onPaste={paste}>
      <Table.ScrollContainer minWidth={940} type="native">
        <Table withTableBorder verticalSpacing={4} aria-label="Charges">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={50}>Curve</Table.Th>
              <Table.Th>Kind</Table.Th>
              <Table.Th>Name</Table.Th>
              <Table.Th>Metric</Table.Th>
              <Table.Th>Price ({currency})</Table.Th>
              <Table.Th>Per (units)</Table.Th>
              <Table.Th>In words</Table.Th>
              <Table.Th aria-label="Remove" w={40} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {charges.map((draft, index) => {
              const change = (changes: Partial<ChargeDraft>) =>
                onChange(charges.map((each, place) => (place === index ? { ...each, ...changes } : each)))
              const row = { draft, index, metrics, currency, onChange: change }
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: ids follow the names while they are typed, so only the place stays
                <Fragment key={index}>
                  <Table.Tr>
                    <Table.Td>
                      <Radio
                        size="xs"
                        name="curve"
                        aria-label={`Show the price curve of charge ${index + 1}`}
                        checked={props.selected === index}
                        onChange={() => props.onSelect(index)}
                      />
                    </Table.Td>
                    <Cells {...row} />
                    <Table.Td miw={220}>
                      <Words {...row} issues={issuesOfCharge(props.issues, index)} />
                    </Table.Td>
                    <Table.Td>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={`Remove charge ${index + 1}`}
                        onClick={() => onChange(charges.filter((_, place) => place !== index))}
                      >
                        <IconTrash size={16} />
                      </ActionIcon>
                    </Table.Td>
                  </Table.Tr>
                  {draft.kind === 'graduated' && (
                    <Table.Tr>
                      <Table.Td />
                      <Table.Td colSpan={7}>
                        <TierEditor draft={draft} number={index + 1} currency={currency} onChange={change} />
                      </Table.Td>
                    </Table.Tr>
                  )}
                </Fragment>
              )
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Group>
        <Button variant="default" onClick={() => onChange([...charges, newCharge(charges, metrics)])}>
          Add charge
        </Button>
        <Text size="xs" c="dimmed">
          Or paste rows from a spreadsheet into any cell: name, metric, price, per. A row without metric is a
          flat fee.
        </Text>
      </Group>
    </Stack>
  )
}
