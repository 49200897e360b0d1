import { Stack, Text } from '@mantine/core'
import { Amount } from '../../ui/amount.tsx'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { formatMoney } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { Steps } from '../../ui/steps.tsx'
import { Total } from './parts.tsx'

const WHAT = {
  tax: 'Tax is added to the net. It is no revenue.',
  credit: 'Credit pays what is due. It lowers no revenue.',
  top_up: 'A top-up buys credit for later months. It is no revenue.',
} as const

/** One step from an invoice's net to what is due. */
export const SettlementView = (props: { target: ExplainTarget & { kind: 'settlement' } }) => {
  const { title, currency, line } = props.target
  return (
    <Stack>
      <Total unit={currency} note={`${title}. ${WHAT[line.kind]}`}>
        <Amount value={line.amount} currency={currency} />
      </Total>
      <Section title="How it is made">
        <Steps steps={line.steps} amount={line.amount} currency={currency} total={line.description} />
      </Section>
      {line.costBasis !== undefined && (
        <Text size="sm">
          The part drawn was bought for {formatMoney(line.costBasis, currency)} {currency}.
        </Text>
      )}
    </Stack>
  )
}
