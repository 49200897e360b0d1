import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import { IconCircle, IconCircleCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { Page, Section } from '../../ui/page.tsx'

const Step = (props: {
  done: boolean
  title: string
  children: string
  to: string
  action: string
  first?: boolean
}) => (
  <Paper withBorder p="sm" component="li">
    <Group justify="space-between" wrap="nowrap">
      <Group wrap="nowrap" gap="sm">
        {props.done ? <IconCircleCheck size={22} aria-hidden /> : <IconCircle size={22} aria-hidden />}
        <div>
          <Text fw={600}>
            {props.title}
            {props.done && (
              <Text span size="xs" fw={400}>
                {' '}
                (done)
              </Text>
            )}
          </Text>
          <Text size="sm" c="dimmed">
            {props.children}
          </Text>
        </div>
      </Group>
      <Button
        component={Link}
        to={props.to}
        variant={props.first ? 'filled' : 'default'}
        style={{ flexShrink: 0 }}
      >
        {props.action}
      </Button>
    </Group>
  </Paper>
)

/** The overview of a book without data: what to do first. */
export const FirstSteps = () => {
  const book = useBook()
  const customers = useQuery(api.customers.list.queryOptions({ input: {} }))
  const cards = useQuery(api.rateCards.list.queryOptions())
  return (
    <Page title="Overview" question="How did the month go, and what needs me?">
      <Section title={`${book.settings.name} is empty. Three steps to the first margin`}>
        <Stack gap="xs" maw={760} component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
          <Step done={false} first title="1. Drop a file" to="/sources" action="Drop a file">
            Usage (CloudEvents, CSV, access logs) or cost (FOCUS). The first figures follow at once.
          </Step>
          <Step
            done={(customers.data?.rows.length ?? 0) > 0}
            title="2. Name your customers"
            to="/customers"
            action="Customers"
          >
            Say which tenants belong to whom; each tenant found in the data can become a customer.
          </Step>
          <Step
            done={(cards.data?.length ?? 0) > 0}
            title="3. Say what you charge"
            to="/rate-cards"
            action="Rate cards"
          >
            A rate card turns usage into revenue, and revenue less cost into margin.
          </Step>
        </Stack>
      </Section>
    </Page>
  )
}
