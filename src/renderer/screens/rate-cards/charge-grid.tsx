import { ActionIcon, Button, Group, NativeSelect, Stack, Table, Text, TextInput } from '@mantine/core'
import { IconChevronDown, IconChevronRight, IconTrash } from '@tabler/icons-react'
import { type ReactNode, useId } from 'react'
import type { Issue } from '../../../domain/issue.ts'
import type { Metric } from '../../../domain/metric.ts'
import { chargeInWords } from '../../../domain/pricing/words.ts'
import { Problems } from '../../ui/problem.tsx'
import { type ChargeDraft, issuesOfCharge, newCharge } from './charge-draft.ts'
import { ChargeForm } from './charge-form.tsx'
import { toCharge } from './draft-to-charge.ts'
import { problemAt } from './field.tsx'
import type { FormProps } from './form-props.ts'
import { hasMetric, isPriceKind, KINDS, type Kind } from './kinds.ts'
import { pasteCharges } from './paste-charges.ts'
import { useFocus } from './use-focus.ts'

const MetricCell = (props: FormProps) => {
  const known = props.metrics.some((each) => each.metric === props.draft.metric)
  return (
    <NativeSelect
      size="xs"
      aria-label={`Metric of charge ${props.number}`}
      value={props.draft.metric}
      data={[
        ...(known ? [] : [{ value: props.draft.metric, label: props.draft.metric || 'Choose a metric' }]),
        ...props.metrics.map((each) => ({ value: each.metric, label: each.name })),
      ]}
      onChange={(event) => props.onChange({ metric: event.currentTarget.value })}
    />
  )
}

interface Shown {
  readonly value: string
  readonly change: (text: string) => Partial<ChargeDraft>
  readonly path: string
  readonly placeholder: string
}

/** The price that the row itself has room for; null where the form below says it. */
const priceOf = (draft: ChargeDraft): Shown | null => {
  const { price } = draft
  const amount = (path: string): Shown => ({
    value: price.amount,
    change: (text) => ({ price: { ...price, amount: text } }),
    path,
    placeholder: '0.40',
  })
  switch (draft.kind) {
    case 'flat_fee':
      return amount('amount')
    case 'per_unit':
    case 'seat':
      return amount('unitAmount')
    case 'percentage':
    case 'revenue_share':
    case 'cost_plus':
      return {
        value: draft.percent,
        change: (percent) => ({ percent }),
        path: draft.kind === 'cost_plus' ? 'markupPercent' : 'percent',
        placeholder: '2.9',
      }
    default:
      return null
  }
}

const PER: Partial<Record<Kind, string>> = {
  flat_fee: 'period',
  seat: 'seat and month',
  percentage: '% of amounts',
  revenue_share: '% of revenue',
  cost_plus: '% on cost',
}

const Cells = (props: FormProps) => {
  const { draft, number, onChange, issues } = props
  const price = priceOf(draft)
  return (
    <>
      <Table.Td w={190}>
        <NativeSelect
          size="xs"
          aria-label={`Kind of charge ${number}`}
          value={draft.kind}
          data={KINDS.map(({ value, label }) => ({ value, label }))}
          onChange={(event) => {
            const kind = event.currentTarget.value as Kind
            onChange(isPriceKind(kind) ? { kind, price: { ...draft.price, kind } } : { kind })
          }}
        />
      </Table.Td>
      <Table.Td miw={150}>
        <TextInput
          aria-label={`Name of charge ${number}`}
          placeholder="Name"
          maxLength={120}
          value={draft.name}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
      </Table.Td>
      <Table.Td w={150}>{hasMetric(draft.kind) ? <MetricCell {...props} /> : '–'}</Table.Td>
      <Table.Td w={110}>
        {price === null ? (
          <Text size="sm" c="dimmed">
            below
          </Text>
        ) : (
          <TextInput
            aria-label={`Price of charge ${number}`}
            placeholder={price.placeholder}
            inputMode="decimal"
            value={price.value}
            error={problemAt(told(draft, issues), price.path) !== undefined}
            onChange={(event) => onChange(price.change(event.currentTarget.value))}
          />
        )}
      </Table.Td>
      <Table.Td w={120}>
        {draft.kind === 'per_unit' ? (
          <TextInput
            aria-label={`Per of charge ${number}`}
            placeholder="1000"
            inputMode="decimal"
            value={draft.price.per}
            error={problemAt(issues, 'per') !== undefined}
            onChange={(event) => onChange({ price: { ...draft.price, per: event.currentTarget.value } })}
          />
        ) : (
          <Text size="sm" c="dimmed">
            {PER[draft.kind] ?? 'below'}
          </Text>
        )}
      </Table.Td>
    </>
  )
}

const isUnnamed = (draft: ChargeDraft): boolean => draft.name.trim() === ''

/** A line that is only begun is not scolded for what is not typed yet. */
const told = (draft: ChargeDraft, issues: readonly Issue[]): readonly Issue[] =>
  isUnnamed(draft)
    ? issues.filter(({ code }) => code !== 'price_is_missing' && code !== 'value_is_missing')
    : issues

const Words = (props: FormProps) => {
  const { draft, issues } = props
  const isFaulty = issues.some(({ severity }) => severity === 'error')
  const hidden = isFaulty && !told(draft, issues).some(({ severity }) => severity === 'error')
  return (
    <>
      {hidden && <Text size="xs">Give this charge a name and a price.</Text>}
      {!isFaulty && (
        <Text size="xs">
          {isUnnamed(draft) ? 'Give this charge a name. ' : ''}
          {chargeInWords(toCharge(draft), props)}
        </Text>
      )}
      <Problems issues={told(draft, issues)} />
    </>
  )
}

interface RowProps extends FormProps {
  readonly isOpen: boolean
  readonly below: ReactNode
  readonly onOpen: () => void
  readonly onRemove: (() => void) | undefined
}

const Row = (props: RowProps) => {
  const { number, isOpen } = props
  const formId = useId()
  return (
    <>
      <Table.Tr>
        <Table.Td>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Details of charge ${number}`}
            aria-expanded={isOpen}
            aria-controls={isOpen ? formId : undefined}
            onClick={props.onOpen}
          >
            {isOpen ? <IconChevronDown size={16} /> : <IconChevronRight size={16} />}
          </ActionIcon>
        </Table.Td>
        <Cells {...props} />
        <Table.Td miw={220}>
          <Words {...props} />
        </Table.Td>
        <Table.Td>
          {props.onRemove !== undefined && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove charge ${number}`}
              onClick={props.onRemove}
            >
              <IconTrash size={16} />
            </ActionIcon>
          )}
        </Table.Td>
      </Table.Tr>
      {isOpen && (
        <Table.Tr id={formId}>
          <Table.Td />
          <Table.Td colSpan={7}>
            <ChargeForm {...props} issues={told(props.draft, props.issues)} />
            {props.below}
          </Table.Td>
        </Table.Tr>
      )}
    </>
  )
}

/** Charges as a sheet: typed, or pasted from one; words and what is wrong beside each, its form below. */
export const ChargeGrid = (props: {
  charges: readonly ChargeDraft[]
  onChange: (charges: readonly ChargeDraft[]) => void
  issues: readonly Issue[]
  metrics: readonly Metric[]
  currency: string
  /** The charge whose form is open; −1 for none. */
  selected: number
  onSelect: (index: number) => void
  /** Charges come and go elsewhere. */
  hasFixedRows?: boolean
  /** What is shown below the form of the open charge. */
  below?: ReactNode
}) => {
  const { charges, metrics, currency, onChange, selected, onSelect } = props
  const { within, focusOn } = useFocus()
  const paste = (event: React.ClipboardEvent) => {
    const pasted = pasteCharges(event.clipboardData.getData('text/plain'), charges, metrics)
    if (pasted === null) return
    event.preventDefault()
    // An untouched line makes room for what is pasted.
    onChange([...charges.filter((charge) => charge.name !== '' || charge.price.amount !== ''), ...pasted])
  }
  const add = () => {
    onChange([...charges, newCharge(charges, metrics)])
    onSelect(charges.length)
    focusOn(`Kind of charge ${charges.length + 1}`)
  }
  return (
    <Stack gap="xs" ref={within} {...(props.hasFixedRows ? {} : { onPaste: paste })}>
      <Table.ScrollContainer minWidth={980} type="native">
        <Table withTableBorder verticalSpacing={4} aria-label="Charges">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={40} aria-label="Details" />
              <Table.Th>Kind</Table.Th>
              <Table.Th>Name</Table.Th>
              <Table.Th>Metric</Table.Th>
              <Table.Th style={{ whiteSpace: 'nowrap' }}>Price, or %</Table.Th>
              <Table.Th>Per</Table.Th>
              <Table.Th>In words ({currency})</Table.Th>
              <Table.Th aria-label="Remove" w={40} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {charges.map((draft, index) => (
              <Row
                // biome-ignore lint/suspicious/noArrayIndexKey: ids follow the names while they are typed, so only the place stays
                key={index}
                draft={draft}
                number={index + 1}
                metrics={metrics}
                currency={currency}
                issues={issuesOfCharge(props.issues, index)}
                isOpen={selected === index}
                below={selected === index ? props.below : undefined}
                onOpen={() => onSelect(selected === index ? -1 : index)}
                onChange={(changes) => {
                  onChange(charges.map((each, place) => (place === index ? { ...each, ...changes } : each)))
                  if (changes.kind !== undefined) onSelect(index)
                }}
                onRemove={
                  props.hasFixedRows
                    ? undefined
                    : () => onChange(charges.filter((_, place) => place !== index))
                }
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {!props.hasFixedRows && (
        <Group>
          <Button variant="default" onClick={add}>
            Add charge
          </Button>
          <Text size="xs" c="dimmed">
            Or paste rows from a spreadsheet into any cell: name, metric, price, per. A row without metric is
            a flat fee.
          </Text>
        </Group>
      )}
    </Stack>
  )
}
