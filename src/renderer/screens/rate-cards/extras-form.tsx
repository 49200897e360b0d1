import { ActionIcon, Button, Group, Stack, TagsInput, Text } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import type { ChargeDraft, FilterDraft } from './charge-draft.ts'
import { Choice, Field, problemAt } from './field.tsx'
import type { FormProps } from './form-props.ts'
import { hasMetric, isPriceKind } from './kinds.ts'

type Extra = 'included' | 'filters' | 'convert' | 'increment' | 'window' | 'multiplier' | 'bounds'

/** What may be added to the kind, and the word for it. */
const extrasOf = (draft: ChargeDraft): readonly { extra: Extra; word: string }[] => {
  const { kind } = draft
  const counts = hasMetric(kind)
  return [
    ...(kind === 'formula' || (counts && kind !== 'percentage')
      ? [{ extra: 'included' as const, word: 'Included units' }]
      : []),
    ...(counts ? [{ extra: 'filters' as const, word: 'Only some usage' }] : []),
    ...(counts ? [{ extra: 'convert' as const, word: 'Conversion' }] : []),
    ...(counts && kind !== 'percentage' ? [{ extra: 'increment' as const, word: 'Increment' }] : []),
    ...(isPriceKind(kind) ? [{ extra: 'window' as const, word: 'Hour, day or year' }] : []),
    { extra: 'multiplier' as const, word: 'Multiplier' },
    { extra: 'bounds' as const, word: 'Minimum and maximum' },
  ]
}

const isUsed = (draft: ChargeDraft, extra: Extra): boolean => {
  switch (extra) {
    case 'included':
      return draft.included !== ''
    case 'filters':
      return draft.filters.length > 0
    case 'convert':
      return draft.convertSize !== '' || draft.convertUnit !== ''
    case 'increment':
      return draft.incrementSize !== '' || draft.incrementMinimum !== ''
    case 'window':
      return draft.window !== ''
    case 'multiplier':
      return draft.multiplier !== ''
    case 'bounds':
      return draft.minimum !== '' || draft.maximum !== ''
  }
}

const CLEARED: Record<Extra, Partial<ChargeDraft>> = {
  included: { included: '', rollOverMonths: '', rollOverMaximum: '', pool: '' },
  filters: { filters: [] },
  convert: { convertUnit: '', convertSize: '' },
  increment: { incrementSize: '', incrementMinimum: '' },
  window: { window: '' },
  multiplier: { multiplier: '' },
  bounds: { minimum: '', maximum: '' },
}

const Included = ({ draft, onChange, issues }: FormProps) => (
  <>
    <Field
      label="Included units"
      placeholder="1000000"
      value={draft.included}
      problem={problemAt(issues, 'included.quantity')}
      onChange={(included) => onChange({ included })}
    />
    <Choice
      label="Given"
      value={draft.includedPer}
      data={[
        { value: 'month', label: 'Each month' },
        { value: 'term', label: 'Once for the term' },
      ]}
      onChange={(includedPer) => onChange({ includedPer })}
    />
    {draft.includedPer === 'month' && (
      <>
        <Field
          label="Rest rolls over (months)"
          w={160}
          placeholder="not at all"
          value={draft.rollOverMonths}
          problem={problemAt(issues, 'included.rollOver.months')}
          onChange={(rollOverMonths) => onChange({ rollOverMonths })}
        />
        {draft.rollOverMonths !== '' && (
          <Field
            label="At most carried (units)"
            w={150}
            placeholder="all"
            value={draft.rollOverMaximum}
            problem={problemAt(issues, 'included.rollOver.maximum')}
            onChange={(rollOverMaximum) => onChange({ rollOverMaximum })}
          />
        )}
      </>
    )}
    <Field
      isText
      label="Pool shared with others"
      w={160}
      placeholder="its own"
      value={draft.pool}
      problem={problemAt(issues, 'included.pool')}
      onChange={(pool) => onChange({ pool })}
    />
  </>
)

const Filters = ({ draft, onChange, issues }: FormProps) => {
  const { filters } = draft
  const change = (index: number, changes: Partial<FilterDraft>) =>
    onChange({ filters: filters.map((each, at) => (at === index ? { ...each, ...changes } : each)) })
  return (
    <Stack gap={6}>
      {filters.map((filter, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a filter is known by its place
        <Group key={index} gap="xs" align="flex-end">
          <Field
            isText
            label={`Dimension of filter ${index + 1}`}
            w={170}
            value={filter.dimension}
            problem={problemAt(issues, `filters[${index}].dimension`)}
            onChange={(dimension) => change(index, { dimension })}
          />
          <TagsInput
            label={`Values of filter ${index + 1}`}
            w={260}
            placeholder="Value, Enter"
            value={[...filter.values]}
            error={problemAt(issues, `filters[${index}].values`)}
            onChange={(values) => change(index, { values })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove filter ${index + 1}`}
            onClick={() => onChange({ filters: filters.filter((_, at) => at !== index) })}
          >
            <IconTrash size={14} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        size="compact-xs"
        variant="default"
        style={{ alignSelf: 'flex-start' }}
        onClick={() => onChange({ filters: [...filters, { dimension: '', values: [] }] })}
      >
        Add filter
      </Button>
    </Stack>
  )
}

const WINDOWS = [
  { value: '', label: 'The month’s quantity' },
  { value: 'hour', label: 'Each hour on its own' },
  { value: 'day', label: 'Each day on its own' },
  { value: 'quarter', label: 'The quarter’s, as it grows' },
  { value: 'year', label: 'The year’s, as it grows' },
  { value: 'term', label: 'The term’s, as it grows' },
] as const

const Body = (props: FormProps & { extra: Extra }) => {
  const { draft, onChange, issues, currency, metrics } = props
  const unit = metrics.find(({ metric }) => metric === draft.metric)?.unit ?? 'unit'
  switch (props.extra) {
    case 'included':
      return <Included {...props} />
    case 'filters':
      return <Filters {...props} />
    case 'convert':
      return (
        <>
          <Field
            isText
            label="Billed unit"
            placeholder="GB"
            value={draft.convertUnit}
            problem={problemAt(issues, 'convert.unit')}
            onChange={(convertUnit) => onChange({ convertUnit })}
          />
          <Field
            label={`Is so many of "${unit}"`}
            w={160}
            placeholder="1000000000"
            value={draft.convertSize}
            problem={problemAt(issues, 'convert.size')}
            onChange={(convertSize) => onChange({ convertSize })}
          />
        </>
      )
    case 'increment':
      return (
        <>
          <Field
            label="Rounded up to a multiple of"
            w={180}
            value={draft.incrementSize}
            problem={problemAt(issues, 'increment.size')}
            onChange={(incrementSize) => onChange({ incrementSize })}
          />
          <Field
            label="Counted as at least"
            w={140}
            value={draft.incrementMinimum}
            problem={problemAt(issues, 'increment.minimum')}
            onChange={(incrementMinimum) => onChange({ incrementMinimum })}
          />
          <Choice
            label="Of"
            value={draft.incrementOf}
            data={[
              { value: 'period', label: 'The period' },
              { value: 'event', label: 'Each event' },
            ]}
            onChange={(incrementOf) => onChange({ incrementOf })}
          />
        </>
      )
    case 'window':
      return (
        <Choice
          label="Priced by"
          w={200}
          value={draft.window}
          data={WINDOWS}
          onChange={(window) => onChange({ window })}
        />
      )
    case 'multiplier':
      return (
        <Field
          label="Times"
          placeholder="1"
          value={draft.multiplier}
          problem={problemAt(issues, 'multiplier')}
          onChange={(multiplier) => onChange({ multiplier })}
        />
      )
    case 'bounds':
      return (
        <>
          <Field
            label={`Minimum a month (${currency})`}
            w={170}
            value={draft.minimum}
            problem={problemAt(issues, 'minimum')}
            onChange={(minimum) => onChange({ minimum })}
          />
          <Field
            label={`Maximum a month (${currency})`}
            w={170}
            value={draft.maximum}
            problem={problemAt(issues, 'maximum')}
            onChange={(maximum) => onChange({ maximum })}
          />
        </>
      )
  }
}

const Part = (props: { title: string; onRemove: () => void; children: ReactNode }) => (
  <Group gap="sm" align="flex-end" role="group" aria-label={props.title}>
    {props.children}
    <Button
      size="compact-xs"
      variant="subtle"
      color="gray"
      aria-label={`Remove: ${props.title.toLowerCase()}`}
      onClick={props.onRemove}
    >
      Remove
    </Button>
  </Group>
)

/** What a charge may have beside its price: shown where it has it, added by a button where it has not. */
export const ExtrasForm = (props: FormProps) => {
  const { draft, onChange } = props
  const [opened, setOpened] = useState<readonly Extra[]>([])
  const possible = extrasOf(draft)
  const shown = possible.filter(({ extra }) => isUsed(draft, extra) || opened.includes(extra))
  const rest = possible.filter((each) => !shown.includes(each))
  return (
    <Stack gap="xs">
      {shown.map(({ extra, word }) => (
        <Part
          key={extra}
          title={word}
          onRemove={() => {
            setOpened(opened.filter((each) => each !== extra))
            onChange(CLEARED[extra])
          }}
        >
          <Body {...props} extra={extra} />
        </Part>
      ))}
      {rest.length > 0 && (
        <Group gap={6}>
          <Text size="xs" c="dimmed">
            Add
          </Text>
          {rest.map(({ extra, word }) => (
            <Button
              key={extra}
              size="compact-xs"
              variant="default"
              onClick={() => {
                setOpened([...opened, extra])
                if (extra === 'filters') onChange({ filters: [{ dimension: '', values: [] }] })
              }}
            >
              {word}
            </Button>
          ))}
        </Group>
      )}
    </Stack>
  )
}
