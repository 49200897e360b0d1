import { Sparkline } from '@mantine/charts'
import { Badge, Group, Paper, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { z } from 'zod'
import type { sourceCard } from '../../../contract/sources.ts'
import { useBook } from '../../ui/book.tsx'
import { formatCount, formatInstant } from '../../ui/format.ts'
import classes from './sources.module.css'
import { kindInWords, plural, spanInWords } from './words.ts'

type Card = z.output<typeof sourceCard>

const ofSearch = (search: Record<string, string>) => ({ search }) as object

const SourceCard = (props: { card: Card }) => {
  const { card } = props
  const { timeZone } = useBook().settings
  const busiest = card.arrivals.reduce((most, each) => (each.records > most ? each.records : most), 0)
  return (
    <Paper
      component={Link}
      to="/ledger"
      {...ofSearch({ tab: 'batches' })}
      withBorder
      p="sm"
      className={classes.card}
      title="Its batches in the ledger"
    >
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Text fw={600}>{card.source}</Text>
          <Text size="xs" c="dimmed">
            {kindInWords(card.kind)}
          </Text>
        </div>
        <Badge
          variant="outline"
          color={card.health === 'fresh' ? 'teal.9' : 'orange.9'}
          className={classes[card.health]}
          style={{ flexShrink: 0 }}
        >
          {card.health === 'fresh' ? 'up to date' : 'late'}
        </Badge>
      </Group>
      {card.arrivals.length > 1 && (
        <div
          role="img"
          aria-label={`Records by day from ${card.arrivals[0]?.day} to ${card.arrivals.at(-1)?.day}; ${formatCount(busiest)} on the busiest`}
        >
          <Sparkline
            h={44}
            my={6}
            data={card.arrivals.map((each) => each.records)}
            color="teal"
            curveType="linear"
            strokeWidth={1.5}
          />
        </div>
      )}
      <dl className={classes.facts}>
        <dt>Data to</dt>
        <dd>
          {formatInstant(card.lastServiceMs, timeZone)}, {spanInWords(card.lagMs)} ago
        </dd>
        <dt>Last batch</dt>
        <dd>
          {formatInstant(card.lastBatch.recordedMs, timeZone)}, {card.lastBatch.title},{' '}
          {plural(card.lastBatch.added, 'record')} added
        </dd>
        <dt>Records</dt>
        <dd>{formatCount(card.records)}</dd>
        <dt>Quarantined</dt>
        <dd>{card.quarantined === 0 ? 'none' : plural(card.quarantined, 'record')}</dd>
      </dl>
    </Paper>
  )
}

export const SourceCards = (props: { cards: readonly Card[] }) => (
  <div className={classes.cards}>
    {props.cards.map((card) => (
      <SourceCard key={`${card.source} ${card.kind}`} card={card} />
    ))}
  </div>
)
