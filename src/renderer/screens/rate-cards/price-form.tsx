import { Group, Stack, Text } from '@mantine/core'
import type { Issue } from '../../../domain/issue.ts'
import { Choice, Field, problemAt } from './field.tsx'
import { PRICES } from './kinds.ts'
import type { PriceDraft } from './price-draft.ts'
import { TiersForm } from './tiers-form.tsx'

export interface PriceFormProps {
  readonly price: PriceDraft
  readonly onChange: (price: PriceDraft) => void
  /** `charge 2`, `cell 1 of charge 2`. */
  readonly name: string
  /** Of the price in the charge, with its dot: `cells[0].price.`; empty for the charge itself. */
  readonly path: string
  readonly issues: readonly Issue[]
  readonly currency: string
  /** Whether the kind is chosen here; the row of the charge chooses it otherwise. */
  readonly choosesKind: boolean
}

const Tiers = (props: PriceFormProps) => {
  const { price, path, name, issues, currency } = props
  const isSteps = price.kind === 'stair_step'
  return (
    <TiersForm
      tiers={price.tiers}
      onChange={(tiers) => props.onChange({ ...price, tiers })}
      name={name}
      word={isSteps ? 'step' : 'tier'}
      path={`${path}${isSteps ? 'steps' : 'tiers'}`}
      issues={issues}
      columns={
        isSteps
          ? [{ member: 'flatAmount', title: `Amount (${currency})`, path: 'amount' }]
          : [
              {
                member: 'unitAmount',
                title: `Unit amount (${currency} per ${price.per})`,
                path: 'unitAmount',
              },
              { member: 'flatAmount', title: `Flat amount (${currency})`, path: 'flatAmount' },
            ]
      }
    />
  )
}

/** How a quantity becomes an amount. */
export const PriceForm = (props: PriceFormProps) => {
  const { price, onChange, name, path, issues, currency } = props
  const per = (
    <Field
      label="Per (units)"
      of={name}
      value={price.per}
      placeholder="1000"
      problem={problemAt(issues, `${path}per`)}
      onChange={(text) => onChange({ ...price, per: text })}
    />
  )
  return (
    <Stack gap={6}>
      <Group gap="sm" align="flex-start">
        {props.choosesKind && (
          <Choice
            label="Price by"
            of={name}
            value={price.kind}
            data={PRICES}
            onChange={(kind) => onChange({ ...price, kind })}
          />
        )}
        {(price.kind === 'per_unit' || price.kind === 'package') && (
          <Field
            label={price.kind === 'package' ? `Per block (${currency})` : `Price (${currency})`}
            of={name}
            placeholder="0.40"
            value={price.amount}
            problem={problemAt(issues, `${path}${price.kind === 'package' ? 'amount' : 'unitAmount'}`)}
            onChange={(amount) => onChange({ ...price, amount })}
          />
        )}
        {price.kind === 'package' ? (
          <>
            <Field
              label="Units in a block"
              of={name}
              placeholder="1000"
              value={price.size}
              problem={problemAt(issues, `${path}size`)}
              onChange={(size) => onChange({ ...price, size })}
            />
            <Choice
              label="Last block"
              of={name}
              w={180}
              value={price.lastBlock}
              data={[
                { value: 'whole', label: 'Charged whole' },
                { value: 'prorated', label: 'By its share' },
              ]}
              onChange={(lastBlock) => onChange({ ...price, lastBlock })}
            />
          </>
        ) : (
          price.kind !== 'stair_step' && per
        )}
      </Group>
      {(price.kind === 'graduated' || price.kind === 'volume' || price.kind === 'stair_step') && (
        <Tiers {...props} />
      )}
      {problemAt(issues, `${path}tiers`) !== undefined && (
        <Text size="xs">{problemAt(issues, `${path}tiers`)}</Text>
      )}
    </Stack>
  )
}
