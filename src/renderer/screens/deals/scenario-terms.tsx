import { Button, NativeSelect, Slider, Stack, Text, TextInput } from '@mantine/core'
import { memo, useMemo, useState } from 'react'
import { Decimal, parseDecimal } from '../../../domain/decimal.ts'
import { versionInForce } from '../../../domain/pricing/segments.ts'
import { chargeInWords } from '../../../domain/pricing/words.ts'
import { formatExact, formatMoney, formatPercent } from '../../ui/format.ts'
import type { Baseline } from './models.ts'
import {
  commitmentRange,
  fromHundredths,
  TERM_MONTHS_MAX,
  type TermFaults,
  type TermsDraft,
  toHundredths,
  toWhole,
} from './terms.ts'

interface TermsProps {
  readonly terms: TermsDraft
  readonly faults: TermFaults
  readonly baseline: Baseline
  readonly isReadOnly: boolean
  readonly onChange: (change: Partial<TermsDraft>) => void
}

/** People speak of commitments by the year; contracts keep them by the month. */
const aYear = (commitment: string, currency: string): string | undefined => {
  const amount = parseDecimal(commitment)
  return amount === null
    ? undefined
    : `${formatMoney(new Decimal(amount).times(12).toFixed(), currency)} a year`
}

type Field = 'discount' | 'commitment' | 'growth' | 'termMonths'

interface Range {
  readonly min: number
  readonly max: number
  readonly step: number
}

/** How a slider's whole-numbered position is written as text and in words, and where a text stands on it. */
interface Scale {
  readonly position: (text: string, range: Range) => number
  readonly text: (position: number) => string
  readonly words: (position: number) => string
}

const PERCENT: Scale = {
  position: toHundredths,
  text: fromHundredths,
  words: (position) => formatPercent(fromHundredths(position)),
}
const WHOLE: Scale = { position: toWhole, text: String, words: (position) => formatExact(String(position)) }
const WHOLE_OR_NONE: Scale = {
  ...WHOLE,
  text: (position) => (position === 0 ? '' : String(position)),
  words: (position) => (position === 0 ? 'none' : formatExact(String(position))),
}

/** Label left, field right: a term takes one line and its slider. */
const IN_ONE_LINE = {
  root: { display: 'grid', gridTemplateColumns: '1fr 8.5rem', alignItems: 'center', columnGap: 8 },
  error: { gridColumn: '1 / -1' },
} as const

const DISCOUNT_RANGE: Range = { min: 0, max: 10_000, step: 50 }
const GROWTH_RANGE: Range = { min: -1_000, max: 2_000, step: 10 }
const MONTHS_RANGE: Range = { min: 1, max: TERM_MONTHS_MAX, step: 1 }

/** One term: exact text, and a slider that follows it and leads it. Drawn only where it changed itself. */
const Term = memo(
  (props: {
    field: Field
    label: string
    text: string
    fault: string | undefined
    placeholder?: string
    note?: string | undefined
    isReadOnly: boolean
    range: Range
    scale: Scale
    onChange: (change: Partial<TermsDraft>) => void
  }) => {
    const { field, range, scale, onChange } = props
    return (
      <div>
        <TextInput
          styles={IN_ONE_LINE}
          label={props.label}
          inputMode="decimal"
          value={props.text}
          placeholder={props.placeholder}
          error={props.fault}
          readOnly={props.isReadOnly}
          onChange={(event) => onChange({ [field]: event.currentTarget.value })}
        />
        <Slider
          mt={6}
          mb={4}
          size="sm"
          thumbLabel={`Slide ${props.label}`}
          thumbValueText={scale.words}
          label={scale.words}
          min={range.min}
          max={range.max}
          step={range.step}
          value={scale.position(props.text, range)}
          disabled={props.isReadOnly}
          onChange={(position) => onChange({ [field]: scale.text(position) })}
        />
        {props.note !== undefined && (
          <Text size="xs" c="dimmed" ta="right">
            {props.note}
          </Text>
        )}
      </div>
    )
  },
)

const ChargeDiscounts = (props: TermsProps) => {
  const { terms, faults, baseline, isReadOnly, onChange } = props
  const [isOpen, setOpen] = useState(Object.keys(terms.chargeDiscounts).length > 0)
  const card = baseline.rateCards.find((each) => each.id === terms.rateCardId)
  const version = card && (versionInForce(card, `${terms.startMonth}-01`) ?? card.versions.at(-1))
  if (card === undefined || version === undefined) return null
  return (
    <>
      <Button variant="default" size="compact-xs" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? 'Hide discounts by charge' : 'Discounts by charge'}
      </Button>
      {isOpen && (
        <Stack gap="xs">
          {version.charges.map((charge) => (
            <TextInput
              key={charge.id}
              label={`Discount on ${charge.name} (%)`}
              description={chargeInWords(charge, { metrics: baseline.metrics, currency: card.currency })}
              inputMode="decimal"
              placeholder={terms.discount}
              value={terms.chargeDiscounts[charge.id] ?? ''}
              error={faults[`charge:${charge.id}`]}
              readOnly={isReadOnly}
              onChange={(event) =>
                onChange({
                  chargeDiscounts: { ...terms.chargeDiscounts, [charge.id]: event.currentTarget.value },
                })
              }
            />
          ))}
        </Stack>
      )}
    </>
  )
}

/** What is proposed: by slider and exactly. */
export const ScenarioTerms = (props: TermsProps) => {
  const { terms, faults, baseline, isReadOnly, onChange } = props
  const commitments = useMemo(() => ({ min: 0, ...commitmentRange(baseline.months) }), [baseline.months])
  const common = { isReadOnly, onChange }
  return (
    <Stack gap="xs">
      <Term
        field="discount"
        label="Discount (%)"
        text={terms.discount}
        fault={faults.discount}
        range={DISCOUNT_RANGE}
        scale={PERCENT}
        {...common}
      />
      <Term
        field="commitment"
        label={`Monthly commitment (${baseline.currency})`}
        placeholder="none"
        note={aYear(terms.commitment, baseline.currency)}
        text={terms.commitment}
        fault={faults.commitment}
        range={commitments}
        scale={WHOLE_OR_NONE}
        {...common}
      />
      <Term
        field="growth"
        label="Growth a month (%)"
        text={terms.growth}
        fault={faults.growth}
        range={GROWTH_RANGE}
        scale={PERCENT}
        {...common}
      />
      <Term
        field="termMonths"
        label="Term (months)"
        text={terms.termMonths}
        fault={faults.termMonths}
        range={MONTHS_RANGE}
        scale={WHOLE}
        {...common}
      />
      <TextInput
        styles={IN_ONE_LINE}
        label="First month"
        type="month"
        value={terms.startMonth}
        error={faults.startMonth}
        readOnly={isReadOnly}
        onChange={(event) => onChange({ startMonth: event.currentTarget.value })}
      />
      <NativeSelect
        size="xs"
        styles={{ ...IN_ONE_LINE, root: { ...IN_ONE_LINE.root, gridTemplateColumns: '1fr 12rem' } }}
        label="Rate card"
        value={terms.rateCardId}
        error={faults.rateCardId}
        disabled={isReadOnly}
        data={[
          ...(terms.rateCardId === '' ? [{ value: '', label: 'Choose a rate card' }] : []),
          ...baseline.rateCards.map((card) => ({ value: card.id, label: `${card.name} (${card.currency})` })),
        ]}
        onChange={(event) => onChange({ rateCardId: event.currentTarget.value })}
      />
      <ChargeDiscounts {...props} />
    </Stack>
  )
}
