import {
  ActionIcon,
  Badge,
  Button,
  Group,
  Popover,
  Select,
  Stack,
  Text,
  Tooltip,
  useMantineColorScheme,
} from '@mantine/core'
import { useOs } from '@mantine/hooks'
import { spotlight } from '@mantine/spotlight'
import { IconMoon, IconSearch, IconSun } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ConnectionState } from '../../contract/connections.ts'
import { monthName, toMonth } from '../../domain/period.ts'
import { api } from '../api.ts'
import { useBook, useMonth } from '../ui/book.tsx'
import { formatInstant } from '../ui/format.ts'
import { AsOfPicker } from './as-of-picker.tsx'

/** Sources that bring nothing until somebody looks at them. */
const useFailing = (): readonly ConnectionState[] => {
  const connections = useQuery({ ...api.connections.list.queryOptions(), refetchInterval: 60_000 })
  return (connections.data ?? []).filter(({ state }) => FAILING.has(state))
}
const FAILING: ReadonlySet<ConnectionState['state']> = new Set(['failing', 'broken', 'secret_missing'])
const TROUBLE = 'light-dark(#a33b00, var(--mantine-color-orange-4))'

const sources = (count: number) => `${count} ${count === 1 ? 'source' : 'sources'}`

const Freshness = () => {
  const book = useBook()
  const failing = useFailing()
  const late = book.freshness.filter((source) => source.late)
  const isTrouble = late.length + failing.length > 0
  const label =
    failing.length > 0
      ? `${sources(failing.length)} failing`
      : book.freshness.length === 0
        ? 'No data yet'
        : late.length === 0
          ? `${sources(book.freshness.length)} up to date`
          : `${late.length} of ${book.freshness.length} sources late`
  return (
    <Popover position="bottom-end" width={380}>
      <Popover.Target>
        <Button variant="subtle" color={isTrouble ? 'orange' : 'gray'} {...(isTrouble ? { c: TROUBLE } : {})}>
          {label} ▾
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={6}>
          {failing.map(({ connection, sentence }) => (
            <Text key={connection.id} size="sm" c={TROUBLE}>
              {connection.name}: {sentence}
            </Text>
          ))}
          {book.freshness.length === 0 && <Text size="sm">Drop a file on Sources to begin.</Text>}
          {book.freshness.map((source) => (
            <Group key={source.source} justify="space-between" wrap="nowrap">
              <Text size="sm" truncate>
                {source.source}
              </Text>
              <Text size="xs" c={source.late ? TROUBLE : 'dimmed'}>
                data to {formatInstant(source.lastServiceMs, book.settings.timeZone)}
              </Text>
            </Group>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

export const TopBar = () => {
  const book = useBook()
  const month = useMonth()
  const navigate = useNavigate()
  const os = useOs()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const dark =
    colorScheme === 'dark' || (colorScheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  return (
    <Group h="100%" px="md" justify="space-between" wrap="nowrap">
      <Group gap="sm" wrap="nowrap">
        <Text fw={700}>{book.settings.name}</Text>
        {book.demo && (
          <Badge variant="light" color="grape">
            demo
          </Badge>
        )}
        <Select
          aria-label="Month"
          w={190}
          data={book.months.map((each) => ({
            value: each.month,
            label: `${monthName(toMonth(each.month))}${each.closed ? ' (closed)' : ''}`,
          }))}
          value={month}
          placeholder="No months yet"
          allowDeselect={false}
          searchable
          onChange={(value) =>
            value !== null &&
            void navigate({
              to: '.',
              search: (previous: Record<string, unknown>) => ({ ...previous, month: value }),
            } as never)
          }
        />
      </Group>
      <Group gap="xs" wrap="nowrap">
        <Freshness />
        <AsOfPicker />
        <Button variant="default" leftSection={<IconSearch size={14} />} onClick={spotlight.open}>
          Search&nbsp;
          <Text span size="xs" c="dimmed">
            {os === 'macos' || os === 'ios' ? '⌘K' : 'Ctrl K'}
          </Text>
        </Button>
        <Tooltip label={dark ? 'Light' : 'Dark'}>
          <ActionIcon
            variant="subtle"
            aria-label={dark ? 'Use light colours' : 'Use dark colours'}
            onClick={() => setColorScheme(dark ? 'light' : 'dark')}
          >
            {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
          </ActionIcon>
        </Tooltip>
      </Group>
    </Group>
  )
}
