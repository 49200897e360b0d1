import { ActionIcon, Button, Chip, Group, Stack, Text } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import type { BandDraft } from './charge-draft.ts'
import { Choice, Field, problemAt } from './field.tsx'
import type { FormProps } from './form-props.ts'
import { NEW_PRICE } from './price-draft.ts'
import { PriceForm } from './price-form.tsx'

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const hours = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => ({
    value: String(first + index),
    label: `${String(first + index).padStart(2, '0')}:00`,
  }))

const Band = (props: FormProps & { band: BandDraft; index: number }) => {
  const { band, index, draft, onChange } = props
  const name = `band ${index + 1}`
  const change = (changes: Partial<BandDraft>) =>
    onChange({
      bands: draft.bands.map((each, place) => (place === index ? { ...each, ...changes } : each)),
    })
  return (
    <Stack gap={6} component="fieldset" style={{ border: 0, padding: 0, margin: 0 }}>
      <Text component="legend" size="xs" fw={600}>
        Band {index + 1} of charge {props.number}
      </Text>
      <Group gap="sm" align="flex-end">
        <Field
          isText
          label="Name"
          of={name}
          value={band.name}
          problem={problemAt(props.issues, `bands[${index}].name`)}
          onChange={(text) => change({ name: text })}
        />
        <Choice
          label="From"
          of={name}
          w={90}
          value={String(band.from)}
          data={hours(0, 23)}
          onChange={(from) => change({ from: Number(from) })}
        />
        <Choice
          label="Until"
          of={name}
          w={90}
          value={String(band.to)}
          data={hours(1, 24)}
          onChange={(to) => change({ to: Number(to) })}
        />
        <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
          <Text component="legend" size="xs">
            Days (every day without any)
          </Text>
          <Chip.Group
            multiple
            value={band.weekdays.map(String)}
            onChange={(days) => change({ weekdays: days.map(Number).sort((a, b) => a - b) })}
          >
            <Group gap={4}>
              {DAYS.map((day, place) => (
                <Chip key={day} size="xs" value={String(place + 1)}>
                  {day}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
        </fieldset>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Remove ${name}`}
          disabled={draft.bands.length === 1}
          onClick={() => onChange({ bands: draft.bands.filter((_, place) => place !== index) })}
        >
          <IconTrash size={14} />
        </ActionIcon>
      </Group>
      <PriceForm
        price={band.price}
        onChange={(price) => change({ price })}
        name={name}
        path={`bands[${index}].price.`}
        issues={props.issues}
        currency={props.currency}
        choosesKind
      />
    </Stack>
  )
}

/** Prices by the hour: the first band that holds takes the usage, and what none takes has the last price. */
export const BandsForm = (props: FormProps) => {
  const { draft, onChange } = props
  return (
    <Stack gap="sm">
      {draft.bands.map((band, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a band is known by its place
        <Band key={index} {...props} band={band} index={index} />
      ))}
      <Group>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() =>
            onChange({
              bands: [...draft.bands, { name: '', from: 0, to: 24, weekdays: [6, 7], price: NEW_PRICE }],
            })
          }
        >
          Add band
        </Button>
      </Group>
      <Text size="xs" fw={600} mb={-6}>
        All other hours
      </Text>
      <PriceForm
        price={draft.price}
        onChange={(price) => onChange({ price })}
        name="all other hours"
        path="otherwise."
        issues={props.issues}
        currency={props.currency}
        choosesKind
      />
    </Stack>
  )
}
