/** What a simulation came to, so that a run shows it was no small matter. */
const WHAT = [
  'imports',
  'refused',
  'added',
  'duplicate',
  'conflict',
  'quarantined',
  'late',
  'vanished',
  'replayed',
  'replaysRefused',
  'dismissed',
  'reversed',
  'returned',
  'closed',
  'killedBefore',
  'killedAfter',
  'killedRebuilds',
  'killedCloses',
] as const

export type Tally = Record<(typeof WHAT)[number], number>

export const noTally = (): Tally => Object.fromEntries(WHAT.map((name) => [name, 0])) as Tally
