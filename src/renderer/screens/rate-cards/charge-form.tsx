import { Group, Stack, Text } from '@mantine/core'
import { BandsForm } from './bands-form.tsx'
import { ExtrasForm } from './extras-form.tsx'
import { Choice, Field, problemAt } from './field.tsx'
import type { FormProps } from './form-props.ts'
import { isPriceKind, KINDS } from './kinds.ts'
import { MatrixForm } from './matrix-form.tsx'
import { PriceForm } from './price-form.tsx'
import { TiersForm } from './tiers-form.tsx'

const PRORATIONS = [
  { value: 'day', label: 'By days' },
  { value: 'second', label: 'To the second' },
  { value: 'none', label: 'Whole' },
] as const

const FeeForm = ({ draft, onChange }: FormProps) => (
  <Group gap="sm" align="flex-end">
    <Choice
      label="Charged every"
      value={draft.every || '1'}
      data={[
        { value: '1', label: 'Month' },
        { value: '3', label: 'Quarter' },
        { value: '6', label: 'Half-year' },
        { value: '12', label: 'Year' },
        { value: 'once', label: 'Once' },
      ]}
      onChange={(every) => onChange({ every })}
    />
    <Choice
      label="Billed"
      value={draft.timing || 'arrears'}
      w={220}
      data={[
        { value: 'arrears', label: 'In arrears: with its last month' },
        { value: 'advance', label: 'In advance: the month before' },
      ]}
      onChange={(timing) => onChange({ timing })}
    />
    <Choice
      label="A part of the period"
      value={draft.proration || 'day'}
      data={PRORATIONS}
      onChange={(proration) => onChange({ proration })}
    />
  </Group>
)

const EventsSay = ({ draft, onChange }: FormProps) => (
  <Choice
    label="Events say"
    w={190}
    value={draft.values}
    data={[
      { value: 'level', label: 'How many there are now' },
      { value: 'change', label: 'How many came or went' },
    ]}
    onChange={(values) => onChange({ values })}
  />
)

const PercentageForm = ({ draft, onChange, issues, currency }: FormProps) => {
  const amount = (
    member: 'fixedPerEvent' | 'freeAmount' | 'minimumPerEvent' | 'maximumPerEvent',
    label: string,
  ) => (
    <Field
      label={`${label} (${currency})`}
      w={180}
      value={draft[member]}
      problem={problemAt(issues, member)}
      onChange={(text) => onChange({ [member]: text })}
    />
  )
  return (
    <Group gap="sm" align="flex-start">
      {amount('fixedPerEvent', 'Fixed fee per event')}
      <Field
        label="Free events a month"
        w={180}
        value={draft.freeEvents}
        problem={problemAt(issues, 'freeEvents')}
        onChange={(freeEvents) => onChange({ freeEvents })}
      />
      {amount('freeAmount', 'Free amount a month')}
      {amount('minimumPerEvent', 'Minimum per event')}
      {amount('maximumPerEvent', 'Maximum per event')}
    </Group>
  )
}

const OwnPrice = (props: FormProps & { name?: string; path: string; choosesKind: boolean }) => (
  <PriceForm
    price={props.draft.price}
    onChange={(price) => props.onChange({ price })}
    name={props.name ?? `charge ${props.number}`}
    path={props.path}
    issues={props.issues}
    currency={props.currency}
    choosesKind={props.choosesKind}
  />
)

/** What the kind asks for and the row of the grid has no room for. */
const KindForm = (props: FormProps) => {
  const { draft, onChange, issues, currency } = props
  switch (draft.kind) {
    case 'flat_fee':
      return <FeeForm {...props} />
    case 'matrix':
      return <MatrixForm {...props} />
    case 'time_of_day':
      return <BandsForm {...props} />
    case 'percentage':
      return <PercentageForm {...props} />
    case 'graduated_percentage':
      return (
        <TiersForm
          tiers={draft.price.tiers}
          onChange={(tiers) => onChange({ price: { ...draft.price, tiers } })}
          name={`charge ${props.number}`}
          word="tier"
          path="tiers"
          issues={issues}
          columns={[
            { member: 'percent', title: 'Percent', path: 'percent' },
            { member: 'flatAmount', title: `Flat amount (${currency})`, path: 'flatAmount' },
          ]}
        />
      )
    case 'revenue_share':
      return (
        <Field
          label={`Platform fee a month (${currency})`}
          w={200}
          value={draft.platformFee}
          problem={problemAt(issues, 'platformFee')}
          onChange={(platformFee) => onChange({ platformFee })}
        />
      )
    case 'seat':
      return (
        <Group gap="sm" align="flex-end">
          <Choice
            label="Seats counted"
            w={230}
            value={draft.proration || 'none'}
            data={[
              { value: 'none', label: 'The most of the month' },
              { value: 'day', label: 'The most of each day, by days' },
              { value: 'second', label: 'As held, to the second' },
            ]}
            onChange={(proration) => onChange({ proration })}
          />
          <EventsSay {...props} />
        </Group>
      )
    case 'time_weighted':
      return (
        <Stack gap="xs">
          <Group gap="sm" align="flex-end">
            <Choice
              label="A billed unit is one held for"
              w={190}
              value={draft.heldFor}
              data={[
                { value: 'second', label: 'A second' },
                { value: 'hour', label: 'An hour' },
                { value: 'day', label: 'A day' },
                { value: 'month', label: 'The month' },
              ]}
              onChange={(heldFor) => onChange({ heldFor })}
            />
            <EventsSay {...props} />
          </Group>
          <OwnPrice {...props} path="price." choosesKind />
        </Stack>
      )
    case 'dynamic':
      return (
        <Group gap="sm" align="flex-end">
          <Field
            isText
            label="Dimension with the number"
            w={190}
            placeholder="price"
            value={draft.dimension}
            problem={problemAt(issues, 'dimension')}
            onChange={(dimension) => onChange({ dimension })}
          />
          <Choice
            label="It is"
            w={210}
            value={draft.carries}
            data={[
              { value: 'unit_price', label: 'The price of one unit' },
              { value: 'amount', label: 'The amount of the event' },
            ]}
            onChange={(carries) => onChange({ carries })}
          />
        </Group>
      )
    case 'formula':
      return (
        <Stack gap="xs">
          <Group gap="sm" align="flex-start">
            <Field
              isText
              label="Billed units"
              w={420}
              placeholder="max(api.calls / 1000, storage.gb)"
              description={`Numbers, metrics (${props.metrics.map(({ metric }) => metric).join(', ')}), + − * / ( ), comparisons with ? and :, min max abs ceil floor round.`}
              value={draft.formula}
              problem={problemAt(issues, 'formula')}
              onChange={(formula) => onChange({ formula })}
            />
            <Field
              isText
              label="Name of one unit"
              value={draft.unit}
              problem={problemAt(issues, 'unit')}
              onChange={(unit) => onChange({ unit })}
            />
          </Group>
          <OwnPrice {...props} path="price." choosesKind />
        </Stack>
      )
    case 'cost_plus':
      return (
        <Choice
          label="Cost"
          w={240}
          value={draft.costs}
          data={[
            { value: 'direct', label: 'Direct cost only' },
            { value: 'direct_and_allocated', label: 'Direct and allocated cost' },
          ]}
          onChange={(costs) => onChange({ costs })}
        />
      )
    case 'per_unit':
      return null
    default:
      return isPriceKind(draft.kind) ? <OwnPrice {...props} path="" choosesKind={false} /> : null
  }
}

/** Everything that one charge says beyond its row in the grid. */
export const ChargeForm = (props: FormProps) => {
  const { draft, number } = props
  return (
    <Stack gap="sm" component="fieldset" style={{ border: 0, padding: '0 0 8px', margin: 0, minWidth: 0 }}>
      <Text component="legend" size="xs" c="dimmed" pb={4}>
        Charge {number}. {KINDS.find(({ value }) => value === draft.kind)?.sentence}
      </Text>
      <KindForm {...props} />
      <ExtrasForm {...props} />
    </Stack>
  )
}
