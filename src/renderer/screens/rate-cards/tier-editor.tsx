import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { addTier, type ChargeDraft, type TierDraft } from './charge-draft.ts'

/** Tiers of a graduated charge; the last has no edge. */
export const TierEditor = (props: {
  draft: ChargeDraft
  /** Place in the grid, counted from 1. */
  number: number
  currency: string
  onChange: (change: Partial<ChargeDraft>) => void
}) => {
  const { tiers } = props.draft
  const change = (index: number, changes: Partial<TierDraft>) =>
    props.onChange({ tiers: tiers.map((tier, place) => (place === index ? { ...tier, ...changes } : tier)) })
  return (
    <Stack gap={4} component="fieldset" style={{ border: 0, padding: 0, margin: 0 }}>
      <Text component="legend" size="xs" fw={600}>
        Tiers of charge {props.number}
      </Text>
      {tiers.map((tier, index) => {
        const isLast = index === tiers.length - 1
        const name = `tier ${index + 1} of charge ${props.number}`
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a tier is known by its place
          <Group key={index} gap="xs">
            <Text size="xs" w={52}>
              {isLast ? (index === 0 ? 'all units' : 'beyond') : 'up to'}
            </Text>
            {isLast ? (
              <Text size="xs" w={150} c="dimmed">
                open
              </Text>
            ) : (
              <TextInput
                w={150}
                aria-label={`Up to, ${name}`}
                placeholder="1000000"
                inputMode="decimal"
                value={tier.upTo}
                onChange={(event) => change(index, { upTo: event.currentTarget.value })}
              />
            )}
            <TextInput
              w={130}
              aria-label={`Unit amount, ${name}`}
              placeholder="0.40"
              inputMode="decimal"
              value={tier.unitAmount}
              onChange={(event) => change(index, { unitAmount: event.currentTarget.value })}
            />
            <Text size="xs">
              {props.currency} per {props.draft.per}
            </Text>
            {!isLast && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Remove ${name}`}
                onClick={() => props.onChange({ tiers: tiers.filter((_, place) => place !== index) })}
              >
                <IconTrash size={14} />
              </ActionIcon>
            )}
          </Group>
        )
      })}
      <Button
        size="compact-xs"
        variant="default"
        style={{ alignSelf: 'flex-start' }}
        onClick={() => props.onChange({ tiers: addTier(tiers) })}
      >
        Add tier
      </Button>
    </Stack>
  )
}
