import { ActionIcon, Button, Group, Popover, Stack, Text, TextInput } from '@mantine/core'
import { IconBookmark, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import {
  defaultParseSearch,
  defaultStringifySearch,
  useNavigate,
  useRouterState,
} from '@tanstack/react-router'
import { useState } from 'react'
import { api, client } from '../../api.ts'
import { carriedSearch } from '../../as-of.ts'
import { act } from '../action.ts'

/** Saves what the screen shows under a name, and opens or deletes what was saved. The month picked is not part of it. */
export const SavedViews = (props: { screen: 'usage' | 'cost' }) => {
  const [opened, setOpened] = useState(false)
  const [name, setName] = useState('')
  const navigate = useNavigate()
  const searchText = useRouterState({ select: (state) => state.location.searchStr })
  const views = useQuery(api.usage.views.queryOptions())
  const own = (views.data ?? []).filter(({ screen }) => screen === props.screen)
  const elsewhere = (views.data ?? []).some(
    (view) => view.screen !== props.screen && view.name === name.trim(),
  )

  const save = async () => {
    const { month: _, ...search } = defaultParseSearch(searchText) as Record<string, unknown>
    const view = { name: name.trim(), screen: props.screen, search: defaultStringifySearch(search) }
    const saved = await act(
      'Save view',
      async () => {
        await client.usage.saveView(view)
        return view.name
      },
      (kept) => `“${kept}” is saved.`,
    )
    if (saved !== null) setName('')
  }
  const open = (search: string) => {
    void navigate({
      to: '.',
      search: (previous: Record<string, unknown>) => ({
        ...(defaultParseSearch(search) as object),
        ...carriedSearch(previous),
      }),
    } as never)
    setOpened(false)
  }
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={320} trapFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconBookmark size={14} />} onClick={() => setOpened(!opened)}>
          Views
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          {own.length === 0 && (
            <Text size="sm" c="dimmed">
              No saved views yet. A view keeps grouping, filters and period.
            </Text>
          )}
          {own.map((view) => (
            <Group key={view.name} justify="space-between" wrap="nowrap" gap={4}>
              <Button variant="subtle" justify="flex-start" fullWidth onClick={() => open(view.search)}>
                {view.name}
              </Button>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Delete the view ${view.name}`}
                onClick={() =>
                  void act(
                    'Delete view',
                    () => client.usage.deleteView({ name: view.name }),
                    () => `“${view.name}” is deleted.`,
                  )
                }
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Group>
          ))}
          <form
            onSubmit={(event) => {
              event.preventDefault()
              void save()
            }}
          >
            <Group align="flex-end" gap="xs" wrap="nowrap">
              <TextInput
                label="Save this view as"
                maxLength={80}
                value={name}
                error={elsewhere ? 'Another screen has a view of this name.' : undefined}
                onChange={(event) => setName(event.currentTarget.value)}
                style={{ flex: 1 }}
              />
              <Button type="submit" disabled={name.trim() === '' || elsewhere}>
                Save view
              </Button>
            </Group>
          </form>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
