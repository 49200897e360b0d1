import { Group, Stack, Text } from '@mantine/core'
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconClock,
  IconFileInvoice,
  IconListCheck,
  IconLock,
  IconTags,
} from '@tabler/icons-react'
import { AppLink } from '../../ui/app-link.tsx'
import { Section } from '../../ui/page.tsx'
import type { Overview } from './types.ts'

const ICONS = {
  close: IconLock,
  invoices: IconFileInvoice,
  below_floor: IconAlertTriangle,
  unattributed: IconTags,
  quarantine: IconAlertTriangle,
  conflict: IconAlertTriangle,
  late_source: IconClock,
  setup: IconListCheck,
  price: IconListCheck,
} satisfies Record<Overview['needs'][number]['kind'], unknown>

/** What waits for somebody, each a link to where it is answered. */
export const Needs = (props: { needs: Overview['needs'] }) => (
  <Section title="Needs you">
    {props.needs.length === 0 ? (
      <Group gap="xs">
        <IconCircleCheck size={18} aria-hidden />
        <Text size="sm">Nothing waits for you in this month.</Text>
      </Group>
    ) : (
      <Stack gap={6} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {props.needs.map((need) => {
          const Icon = ICONS[need.kind]
          return (
            <Group
              key={`${need.kind} ${need.sentence}`}
              component="li"
              gap="xs"
              wrap="nowrap"
              align="flex-start"
            >
              <Icon size={18} aria-hidden style={{ flexShrink: 0 }} />
              <AppLink to={need.link} size="sm">
                {need.sentence}
              </AppLink>
            </Group>
          )
        })}
      </Stack>
    )}
  </Section>
)
