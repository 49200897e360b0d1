import { Button, Group, Stack, Tabs, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Decimal } from '../../../domain/decimal.ts'
import type { Issue } from '../../../domain/issue.ts'
import type { Metric } from '../../../domain/metric.ts'
import { AddCurrency } from './add-currency.tsx'
import { type CardDraft, issuesOfCurrency, withCharges } from './card-draft.ts'
import { ChargeGrid } from './charge-grid.tsx'
import { timesCharge } from './times.ts'

/** The charges as a sheet, one tab for each currency in which they have prices. */
export const ChargesByCurrency = (props: {
  prices: CardDraft['prices']
  onChange: (prices: CardDraft['prices']) => void
  issues: readonly Issue[]
  metrics: readonly Metric[]
  /** The currency shown: its place in `prices`. */
  shown: number
  onShow: (place: number) => void
  selected: number
  onSelect: (index: number) => void
  /** What is shown below the form of the open charge. */
  below?: ReactNode
}) => {
  const { prices, onChange, shown, onShow } = props
  const [own, ...others] = prices
  const tab = prices[shown] ?? own
  const grid = (
    <ChargeGrid
      charges={tab.charges}
      onChange={(charges) => onChange(withCharges(prices, shown, charges))}
      issues={issuesOfCurrency(props.issues, shown === 0 ? null : tab.currency)}
      metrics={props.metrics}
      currency={tab.currency}
      selected={props.selected}
      onSelect={props.onSelect}
      hasFixedRows={shown > 0}
      below={props.below}
    />
  )
  const add = (currency: string, factor: Decimal) => {
    const charges = own.charges.map((charge) => timesCharge(charge, factor))
    onChange([own, ...others, { currency, charges }])
    onShow(prices.length)
  }
  return (
    <Stack gap="xs">
      {others.length === 0 ? (
        grid
      ) : (
        <Tabs value={String(shown)} onChange={(value) => onShow(Number(value))} keepMounted={false}>
          <Tabs.List aria-label="Currencies">
            {prices.map(({ currency }, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a currency is known by its place while it is typed
              <Tabs.Tab key={place} value={String(place)}>
                {currency}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value={String(shown)} pt="xs">
            {shown > 0 && (
              <Group gap="sm" mb="xs">
                <Text size="xs" c="dimmed">
                  The same charges with prices in {tab.currency}; charges come and go in {own.currency}.
                </Text>
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => {
                    onChange([own, ...others.filter((_, place) => place + 1 !== shown)])
                    onShow(0)
                  }}
                >
                  Remove prices in {tab.currency}
                </Button>
              </Group>
            )}
            {grid}
          </Tabs.Panel>
        </Tabs>
      )}
      <Group>
        <AddCurrency
          own={own.currency}
          taken={prices.map(({ currency }) => currency)}
          day={new Date().toISOString().slice(0, 10)}
          onAdd={add}
        />
      </Group>
    </Stack>
  )
}
