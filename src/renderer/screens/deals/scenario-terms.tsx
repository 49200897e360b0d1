import { Button, Collapse, NativeSelect, Slider, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { versionInForce } from '../../../domain/pricing/segments.ts'
import { chargeInWords } from '../../../domain/pricing/words.ts'
import { formatExact, formatPercent } from '../../ui/format.ts'
import type { Baseline } from './models.ts'
import {
  commitmentRange,
  fromHundredths,
  TERM_MONTHS_MAX,
  type TermFaults,
  type TermsDraft,
  toHundredths,
} from './terms.ts'

const DISCOUNT_RANGE = { min: 0, max: 10_000 }
const GROWTH_RANGE = { min: -1_000, max: 2_000 }

interface TermsProps {
  readonly terms: TermsDraft
  readonly faults: TermFaults
  readonly baseline: Baseline
  readonly isReadOnly: boolean
  readonly onChange: (change: Partial<TermsDraft>) => void
}

/** One term: exact text, and a slider that follows it and leads it. */
const Term = (props: {
  label: string
  text: string
  fault: string | undefined
  isReadOnly: boolean
  placeholder?: string
  position: number
  range: { readonly min: number; readonly max: number; readonly step: number }
  words: (position: number) => string
  onText: (text: string) => void
  onPosition: (position: number) => void
}) => (
  <div>
    <TextInput
      label={props.label}
      inputMode="decimal"
      value={props.text}
      placeholder={props.placeholder}
      error={props.fault}
      disabled={props.isReadOnly}
      onChange={(event) => props.onText(event.currentTarget.value)}
    />
    <Slider
      mt={8}
      size="sm"
      thumbLabel={`Slide ${props.label}`}
      thumbValueText={props.words}
      label={props.words}
      min={props.range.min}
      max={props.range.max}
      step={props.range.step}
      value={props.position}
      disabled={props.isReadOnly}
      onChange={props.onPosition}
    />
  </div>
)

const percentWords = (hundredths: number) => formatPercent(fromHundredths(hundredths))

const ChargeDiscounts = (props: TermsProps) => {
  const { terms, faults, baseline, isReadOnly, onChange } = props
  const [isOpen, setOpen] = useState(Object.keys(terms.chargeDiscounts).length > 0)
  const card = baseline.rateCards.find((each) => each.id === terms.rateCardId)
  const version = card && (versionInForce(card, `${terms.startMonth}-01`) ?? card.versions.at(-1))
  if (card === undefined || version === undefined) return null
  return (
    <>
      <Button variant="subtle" size="compact-xs" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? 'Hide discounts by charge' : 'Discounts by charge'}
      </Button>
      <Collapse expanded={isOpen}>
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
              disabled={isReadOnly}
              onChange={(event) =>
                onChange({
                  chargeDiscounts: { ...terms.chargeDiscounts, [charge.id]: event.currentTarget.value },
                })
              }
            />
          ))}
        </Stack>
      </Collapse>
    </>
  )
}

/** What is proposed: by slider and exactly. */
export const ScenarioTerms = (props: TermsProps) => {
  const { terms, faults, baseline, isReadOnly, onChange } = props
  const commitment = commitmentRange(baseline.months)
  return (
    <Stack gap="xs">
      <Term
        label="Discount (%)"
        text={terms.discount}
        fault={faults.discount}
        isReadOnly={isReadOnly}
        position={toHundredths(terms.discount, DISCOUNT_RANGE)}
        range={{ ...DISCOUNT_RANGE, step: 50 }}
        words={percentWords}
        onText={(discount) => onChange({ discount })}
        onPosition={(position) => onChange({ discount: fromHundredths(position) })}
      />
      <Term
        label={`Monthly commitment (${baseline.currency})`}
        text={terms.commitment}
        placeholder="none"
        fault={faults.commitment}
        isReadOnly={isReadOnly}
        // The text is an amount; the slider counts whole units of it.
        position={toHundredths(terms.commitment, { min: 0, max: commitment.max * 100 }) / 100}
        range={{ min: 0, ...commitment }}
        words={(position) => (position === 0 ? 'none' : formatExact(String(position)))}
        onText={(text) => onChange({ commitment: text })}
        onPosition={(position) => onChange({ commitment: position === 0 ? '' : String(position) })}
      />
      <Term
        label="Growth a month (%)"
        text={terms.growth}
        fault={faults.growth}
        isReadOnly={isReadOnly}
        position={toHundredths(terms.growth, GROWTH_RANGE)}
        range={{ ...GROWTH_RANGE, step: 10 }}
        words={percentWords}
        onText={(growth) => onChange({ growth })}
        onPosition={(position) => onChange({ growth: fromHundredths(position) })}
      />
      <Term
        label="Term (months)"
        text={terms.termMonths}
        fault={faults.termMonths}
        isReadOnly={isReadOnly}
        position={Math.round(toHundredths(terms.termMonths, { min: 100, max: TERM_MONTHS_MAX * 100 }) / 100)}
        range={{ min: 1, max: TERM_MONTHS_MAX, step: 1 }}
        words={String}
        onText={(termMonths) => onChange({ termMonths })}
        onPosition={(position) => onChange({ termMonths: String(position) })}
      />
      <TextInput
        label="First month"
        type="month"
        value={terms.startMonth}
        error={faults.startMonth}
        disabled={isReadOnly}
        onChange={(event) => onChange({ startMonth: event.currentTarget.value })}
      />
      <NativeSelect
        size="xs"
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
