import { Alert, Button, Group, Progress, Select, Stack, Text } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { Job } from '../../../contract/book.ts'
import { client, sentenceOf } from '../../api.ts'
import { Section } from '../../ui/page.tsx'
import type { CardTerms } from './card-draft.ts'
import { type Simulated, SimulatedResult } from './simulate-result.tsx'

const MONTHS = [
  { value: '1', label: 'the last complete month' },
  { value: '3', label: 'the last 3 complete months' },
  { value: '12', label: 'the last 12 complete months' },
  { value: '24', label: 'the last 24 complete months' },
]
const CUSTOMERS = [
  { value: 'card', label: 'customers of this card' },
  { value: 'all', label: 'all customers, as if all had it' },
] as const
type Customers = (typeof CUSTOMERS)[number]['value']

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly progress: Job['progress'] | null }
  | { readonly kind: 'failed'; readonly sentence: string }
  | { readonly kind: 'done'; readonly found: Simulated; readonly asked: string }

/** Runs one simulation at a time; a newer one, or leaving the page, cancels the one before. */
const useSimulation = () => {
  const [state, setState] = useState<State>({ kind: 'idle' })
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])
  const stop = () => {
    running.current?.abort()
    setState({ kind: 'idle' })
  }
  const run = async (
    draft: CardTerms & { id: string },
    months: number,
    customers: Customers,
    asked: string,
  ) => {
    running.current?.abort()
    const controller = new AbortController()
    const { signal } = controller
    running.current = controller
    setState({ kind: 'running', progress: null })
    const { charges, otherCurrencies, privateTo, note: _, ...rest } = draft
    try {
      const { jobId } = await client.rateCards.startSimulation({
        ...rest,
        charges: [...charges],
        otherCurrencies: otherCurrencies as never,
        ...(privateTo == null || privateTo.length === 0 ? {} : { privateTo: [...privateTo] }),
        customers,
        months,
      })
      // It may have been stopped while it was being started.
      const cancel = () => void client.jobs.cancel({ jobId }).catch(() => {})
      if (signal.aborted) return cancel()
      signal.addEventListener('abort', cancel)
      for await (const job of await client.jobs.watch({ jobId })) {
        if (signal.aborted) return
        const { result, error, progress } = job
        if (job.state === 'running') setState({ kind: 'running', progress })
        else if (result?.kind === 'simulation') setState({ kind: 'done', found: result.simulation, asked })
        else if (error !== null) setState({ kind: 'failed', sentence: error.message })
        else setState({ kind: 'idle' })
      }
    } catch (error) {
      if (!signal.aborted) setState({ kind: 'failed', sentence: sentenceOf(error) })
    }
  }
  return { state, run, stop }
}

const Running = (props: { progress: Job['progress'] | null }) => {
  const { progress } = props
  const total = progress?.total ?? null
  return (
    <Stack gap={4} role="status" maw={510}>
      <Progress
        aria-label="Simulation"
        value={progress === null || total === null ? 100 : (100 * progress.done) / total}
        animated={total === null}
      />
      <Text size="xs" c="dimmed">
        {progress === null || total === null
          ? 'Starting …'
          : `Rating ${progress.text}, ${progress.done + 1} of ${total}`}
        {progress?.secondsLeft != null && ` · ${Math.ceil(progress.secondsLeft)} s left`}
      </Text>
    </Stack>
  )
}

/** The draft over past usage: who would pay more or less, before anybody publishes it. */
export const Simulate = (props: {
  /** Null while it has faults. */
  draft: (CardTerms & { id: string }) | null
  /** Whether it is a card that nobody can have yet. */
  isNew: boolean
}) => {
  const { draft } = props
  const [months, setMonths] = useState('12')
  const [customers, setCustomers] = useState<Customers>(props.isNew ? 'all' : 'card')
  const { state, run, stop } = useSimulation()
  const asking = JSON.stringify([draft, months, customers])
  return (
    <Section title="Simulate">
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          Rates past usage twice: at the prices in force today, and at those above. Contracts keep their own
          terms. Compared is what invoices come to before tax and credits. Nothing is saved.
        </Text>
        <Group align="flex-end" gap="xs">
          <Select
            label="Usage of"
            w={250}
            data={MONTHS}
            value={months}
            allowDeselect={false}
            onChange={(value) => setMonths(value ?? '12')}
          />
          <Select
            label="For"
            w={250}
            data={[...CUSTOMERS]}
            value={customers}
            allowDeselect={false}
            onChange={(value) => setCustomers(value === 'all' ? 'all' : 'card')}
          />
          {state.kind === 'running' ? (
            <Button variant="default" onClick={stop}>
              Stop
            </Button>
          ) : (
            <Button
              variant="default"
              disabled={draft === null}
              onClick={() => draft !== null && void run(draft, Number(months), customers, asking)}
            >
              Simulate
            </Button>
          )}
        </Group>
        {draft === null && (
          <Text size="sm">Mend what is marked in red, and name every charge, to simulate the draft.</Text>
        )}
        {state.kind === 'running' && <Running progress={state.progress} />}
        {state.kind === 'failed' && (
          <Alert color="red" title="Not simulated">
            {state.sentence}
          </Alert>
        )}
        {state.kind === 'done' && (
          <>
            {state.asked !== asking && (
              <Text size="sm" fw={600}>
                The draft or the range has changed since: simulate again to see what it comes to now.
              </Text>
            )}
            <SimulatedResult found={state.found} />
          </>
        )}
      </Stack>
    </Section>
  )
}
