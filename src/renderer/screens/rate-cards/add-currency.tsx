import { Button, Group, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Decimal, type DecimalText, parseDecimal } from '../../../domain/decimal.ts'
import { parseCurrency } from '../../../domain/money.ts'
import { api } from '../../api.ts'

const Form = (props: {
  own: string
  taken: readonly string[]
  /** The day whose rate is proposed. */
  day: string
  onAdd: (currency: string, factor: Decimal) => void
  onCancel: () => void
}) => {
  const { own, taken, day } = props
  const [typed, setTyped] = useState('')
  const [typedFactor, setTypedFactor] = useState<string | null>(null)
  const code = parseCurrency(typed)
  const isTaken = code !== null && taken.includes(code)
  const to = isTaken ? null : code
  const rate = useQuery({
    ...api.rates.on.queryOptions({ input: { from: own, to: to ?? own, day, amount: '1' as DecimalText } }),
    enabled: to !== null,
  })
  const proposed = to === null ? null : (rate.data?.amount ?? null)
  const text =
    typedFactor ?? (proposed === null ? '1' : new Decimal(proposed).toSignificantDigits(6).toFixed())
  const factor = parseDecimal(text)
  const isFactor = factor !== null && new Decimal(factor).gt(0)
  const mayAdd = to !== null && isFactor && !rate.isFetching
  const add = () => {
    if (to !== null && factor !== null && mayAdd) props.onAdd(to, new Decimal(factor))
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter') add()
    if (event.key === 'Escape') props.onCancel()
  }
  return (
    <div>
      <Group gap="xs" align="flex-end">
        <TextInput
          label="Currency to add"
          w={120}
          maxLength={3}
          placeholder="EUR"
          autoFocus
          value={typed}
          error={isTaken ? `There are prices in ${code} already.` : undefined}
          onChange={(event) => setTyped(event.currentTarget.value.toUpperCase())}
          onKeyDown={onKeyDown}
        />
        <TextInput
          label={`Prices in ${own} times`}
          w={140}
          inputMode="decimal"
          value={text}
          error={isFactor ? undefined : 'A number above zero.'}
          onChange={(event) => setTypedFactor(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <Button disabled={!mayAdd} onClick={add}>
          Add
        </Button>
        <Button variant="default" onClick={props.onCancel}>
          Cancel
        </Button>
      </Group>
      <Text size="xs" c="dimmed" role="status">
        {to === null || rate.data === undefined
          ? 'Amounts are multiplied to six digits, as a start to type over.'
          : rate.data.quote === null
            ? `No rate from ${own} to ${to} is known for ${day}: say by what amounts are multiplied. 1 takes the same numbers.`
            : `${rate.data.sentence} Amounts are multiplied to six digits, as a start to type over.`}
      </Text>
    </div>
  )
}

/** Prices in one more currency, begun from those of the card's own. */
export const AddCurrency = (props: {
  own: string
  taken: readonly string[]
  day: string
  onAdd: (currency: string, factor: Decimal) => void
}) => {
  const [isOpen, setOpen] = useState(false)
  if (!isOpen)
    return (
      <Button size="compact-xs" variant="default" onClick={() => setOpen(true)}>
        Prices in another currency
      </Button>
    )
  return (
    <Form
      {...props}
      onAdd={(currency, factor) => {
        props.onAdd(currency, factor)
        setOpen(false)
      }}
      onCancel={() => setOpen(false)}
    />
  )
}
