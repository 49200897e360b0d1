import { Group, Text, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Month } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { formatCount } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { LinkButton } from '../../ui/screen-link.tsx'
import { Empty, Query } from '../../ui/states.tsx'
import classes from './reconcile.module.css'
import { type Arrivals, DAYS, type DayState } from './words.ts'

const Sign = (props: { state: DayState }) => (
  <span className={classes.day} data-state={props.state} aria-hidden>
    {DAYS[props.state].sign}
  </span>
)

const Legend = () => (
  <Group gap="md">
    {(Object.keys(DAYS) as DayState[]).map((state) => (
      <Group key={state} gap={4}>
        <Sign state={state} />
        <Text size="xs">{DAYS[state].word}</Text>
      </Group>
    ))}
  </Group>
)

const Grid = ({ arrivals }: { arrivals: Arrivals }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard (WCAG 2.1.1)
  <section className={classes.calendar} tabIndex={0} aria-label="Arrivals by source and day">
    <table>
      <thead>
        <tr>
          <th scope="row">Source</th>
          {arrivals.days.map((day) => (
            <th key={day} scope="col">
              {Number(day.slice(8))}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {arrivals.sources.map((source) => {
          const byDay = new Map(source.days.map((day) => [day.day, day]))
          return (
            <tr key={source.source}>
              <th scope="row">
                {source.source}{' '}
                <Text span size="xs" c="dimmed">
                  {source.kind.replaceAll('_', ' ')}
                </Text>
              </th>
              {arrivals.days.map((day) => {
                const arrived = byDay.get(day)
                const state = arrived?.state ?? 'none'
                const words = `${DAYS[state].word}, ${formatCount(arrived?.records ?? 0)} records`
                return (
                  <td key={day} title={`${source.source}, ${day}: ${words}`}>
                    <Sign state={state} />
                    <VisuallyHidden>{words}</VisuallyHidden>
                  </td>
                )
              })}
            </tr>
          )
        })}
      </tbody>
    </table>
  </section>
)

/** Where the checklist points to for what arrived. */
export const ARRIVALS_ANCHOR = 'arrivals'

/** Source by day: what arrived, came late or never. */
export const Calendar = (props: { month: Month }) => {
  const arrivals = useQuery(api.sources.arrivals.queryOptions({ input: { month: props.month } }))
  return (
    <Section title="Arrivals" actions={<Legend />}>
      <Text size="xs" c="dimmed" id={ARRIVALS_ANCHOR}>
        By the day of service. Late: some of the day came, or was restated, after the month’s invoices were
        computed or the month was closed.
      </Text>
      <Query of={arrivals} what="The arrivals">
        {(data) =>
          data.sources.length === 0 ? (
            <Empty title="Nothing arrived" action={<LinkButton to="/sources">Import a file</LinkButton>}>
              No source delivered a record of this month.
            </Empty>
          ) : (
            <Grid arrivals={data} />
          )
        }
      </Query>
    </Section>
  )
}
