import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import type { ErrorComponentProps } from '@tanstack/react-router'
import { sentenceOf } from '../api.ts'
import { Page } from '../ui/page.tsx'
import { LinkButton } from '../ui/screen-link.tsx'
import { Empty } from '../ui/states.tsx'

/** A screen that broke while it was drawn: the rest of the program and the book are as they were. */
export const ScreenFailed = (props: ErrorComponentProps) => (
  <Page title="This screen failed">
    <Alert color="red" title="A fault in the program, not in the book">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          Nothing was saved or lost in the ledger. Open the screen again; where it fails again, report this
          sentence: {sentenceOf(props.error)}
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={props.reset}>
            Open it again
          </Button>
          <LinkButton variant="default" to="/">
            Overview
          </LinkButton>
        </Group>
      </Stack>
    </Alert>
  </Page>
)

export const ScreenNotFound = () => (
  <Page title="No such screen">
    <Empty title="This address leads nowhere" action={<LinkButton to="/">Overview</LinkButton>}>
      The rail on the left and Search at the top lead to every screen and record.
    </Empty>
  </Page>
)
