import { Anchor, Group, Paper, Stack, Text } from '@mantine/core'
import { IconCircleCheck, IconCircleDashed, IconExclamationCircle } from '@tabler/icons-react'
import { SCREENS } from '../../shell/screens.ts'
import { splitAddress } from '../../ui/app-link.tsx'
import { ScreenLink } from '../../ui/screen-link.tsx'
import { BILLS_ANCHOR } from './bills.tsx'
import { ARRIVALS_ANCHOR } from './calendar.tsx'
import classes from './reconcile.module.css'
import { CHECK_WORDS, type CloseCheck } from './words.ts'

const ICONS = {
  passed: { icon: IconCircleCheck, color: 'var(--mantine-color-teal-6)' },
  open: { icon: IconExclamationCircle, color: 'var(--mantine-color-orange-6)' },
  not_applicable: { icon: IconCircleDashed, color: 'var(--mantine-color-dimmed)' },
}

const Check = ({ check, isClosed }: { check: CloseCheck; isClosed: boolean }) => {
  const { icon: Icon, color } = ICONS[check.state]
  const { to, search } = splitAddress(check.link)
  return (
    <Paper component="li" withBorder p="xs" data-check={check.id} data-state={check.state}>
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <Icon size={20} color={color} aria-hidden style={{ flexShrink: 0 }} />
        <div style={{ flex: 1 }}>
          <Group gap="xs" justify="space-between">
            <Text fw={600}>
              {check.title}: {CHECK_WORDS[check.state].toLowerCase()}
              {check.state === 'open' && check.blocking && !isClosed && (
                <Text span size="xs" fw={400}>
                  {' '}
                  · keeps the month from closing without a reason
                </Text>
              )}
            </Text>
            {to === '/reconcile' ? (
              <Anchor href={`#${BILLS_ANCHOR}`} fz="sm" underline="always">
                Bills below
              </Anchor>
            ) : check.id === 'sources_complete' ? (
              <Anchor href={`#${ARRIVALS_ANCHOR}`} fz="sm" underline="always">
                Arrivals below
              </Anchor>
            ) : (
              <Text span size="sm">
                <ScreenLink to={to} search={search as Record<string, string>}>
                  {SCREENS.find((screen) => screen.path === to)?.title ?? 'Evidence'}
                </ScreenLink>
              </Text>
            )}
          </Group>
          <Text size="sm">{check.sentence}</Text>
        </div>
      </Group>
    </Paper>
  )
}

/** The seven checks, in their order. */
export const Checklist = (props: { checks: readonly CloseCheck[]; isClosed: boolean }) => (
  <Stack component="ol" gap={6} className={classes.checklist} aria-label="Checks">
    {props.checks.map((check) => (
      <Check key={check.id} check={check} isClosed={props.isClosed} />
    ))}
  </Stack>
)
