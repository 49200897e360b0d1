import { Group, Stack } from '@mantine/core'
import { useDeferredValue, useMemo } from 'react'
import type { Charge } from '../../../domain/pricing/ratecard.ts'
import { Problems } from '../../ui/problem.tsx'
import { Steps } from '../../ui/steps.tsx'
import { averageBasis, curvesOf } from './curve.ts'
import { PriceChart } from './price-chart.tsx'
import { inputsOf, leftOfPool, linesOf } from './trial.ts'
import { TrialInputs } from './trial-inputs.tsx'
import { type Trial, typedOf } from './use-trial.ts'

/** The open charge on any quantity, below the fields that say its price: its curves, and its steps as Explain has them. */
export const TryCharge = ({ charge, trial }: { charge: Charge; trial: Trial }) => {
  const { charges, context, typed } = trial
  const { metrics, currency } = context
  // The curve may come a moment after the key; the steps never do.
  const drawn = useDeferredValue(trial.texts)
  const lines = useMemo(() => {
    const then = typedOf(drawn)
    return curvesOf(charge, then, context, leftOfPool(charges, charge, then, context))
  }, [charge, charges, drawn, context])
  const rated = trial.rated[charges.indexOf(charge)]
  const all = linesOf(charge, metrics)
  const inputs = inputsOf(charge, metrics)
  return (
    <Stack gap="xs" role="group" aria-label={`Try ${charge.name}`} maw={1400} py={8}>
      {inputs.length > 0 && (
        <Group align="flex-end" gap="xs">
          <TrialInputs inputs={inputs} trial={trial} prefix="Try: " />
        </Group>
      )}
      <PriceChart
        name={charge.name}
        lines={lines}
        averageOf={averageBasis(charge, context).words}
        count={all.length}
        tried={all.length === 1 ? (typed.get(all[0]?.key ?? '') ?? null) : null}
        currency={currency}
      />
      {rated !== undefined && (
        <>
          <Steps
            steps={rated.steps}
            amount={rated.amount}
            currency={currency}
            total={`${charge.name}, before discounts`}
          />
          <Problems issues={rated.issues} />
        </>
      )}
    </Stack>
  )
}
