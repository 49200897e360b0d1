import { Button, Group, Stack, Text } from '@mantine/core'
import { Dropzone } from '@mantine/dropzone'
import { IconFileImport } from '@tabler/icons-react'
import { useRef } from 'react'

/** Where files are dropped or chosen; any kind, any number. */
export const DropZone = (props: { onFiles: (files: readonly File[]) => void }) => {
  const open = useRef<() => void>(null)
  return (
    <Dropzone
      onDrop={(files) => props.onFiles(files)}
      openRef={open}
      multiple
      activateOnClick={false}
      activateOnKeyboard={false}
      enablePointerEvents
      inputProps={{ 'aria-label': 'Choose files' }}
      p="lg"
    >
      <Group justify="center" gap="lg" wrap="nowrap">
        <IconFileImport size={36} stroke={1.4} aria-hidden />
        <Stack gap={2}>
          <Text fw={600}>Drop files here</Text>
          <Text size="sm" c="dimmed">
            Cost in FOCUS columns; usage as CloudEvents, CSV or access logs. Plain or .gz, several at once.
            You see what they would become before anything is kept.
          </Text>
        </Stack>
        <Button onClick={() => open.current?.()} style={{ flexShrink: 0 }}>
          Choose a file
        </Button>
      </Group>
    </Dropzone>
  )
}
