import { Group, Text } from '@mantine/core'
import { Decimal } from '../../../domain/decimal.ts'
import { Amount } from '../../ui/amount.tsx'
import { formatPercent } from '../../ui/format.ts'
import { Figure } from '../../ui/page.tsx'
import type { Claims } from './rule-card.tsx'

/** Claimed + unattributed = total: the equation that must hold. */
export const Equation = (props: { claims: Claims; stale: boolean }) => {
  const { claims } = props
  const { currency } = claims
  const holds = new Decimal(claims.attributed).plus(claims.unattributed).equals(claims.total)
  return (
    <Group
      gap="xs"
      align="stretch"
      aria-label="What the rules claim"
      aria-busy={props.stale}
      style={{ opacity: props.stale ? 0.6 : 1 }}
    >
      <Figure label={`Claimed by rules (${currency})`}>
        <Amount value={claims.attributed} currency={currency} />
      </Figure>
      <Text style={{ alignSelf: 'center' }}>+</Text>
      <Figure
        label={`Unattributed (${currency})`}
        note={`${formatPercent(claims.unattributedShare)} of the cost`}
      >
        <Amount value={claims.unattributed} currency={currency} />
      </Figure>
      <Text style={{ alignSelf: 'center' }}>=</Text>
      <Figure
        label={`Total ${claims.basis} cost (${currency})`}
        note={holds ? 'adds up ✓' : 'does not add up'}
      >
        <Amount value={claims.total} currency={currency} />
      </Figure>
    </Group>
  )
}
