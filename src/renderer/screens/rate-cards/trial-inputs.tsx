import { TextInput } from '@mantine/core'
import { parseDecimal } from '../../../domain/decimal.ts'
import { EVENTS_MAX, type TrialInput } from './trial.ts'
import type { Trial } from './use-trial.ts'

/** A field for each quantity to be tried. */
export const TrialInputs = (props: {
  inputs: readonly TrialInput[]
  trial: Trial
  /** Said before each label, where the same quantity is asked for in two places. */
  prefix?: string
}) =>
  props.inputs.map(({ key, label }) => {
    const text = props.trial.texts[key] ?? ''
    const number = parseDecimal(text)
    const isTooMany = key.endsWith(' events') && number !== null && Number(number) > EVENTS_MAX
    return (
      <TextInput
        key={key}
        label={`${props.prefix ?? ''}${label}`}
        w={200}
        inputMode="decimal"
        placeholder={key.endsWith(' events') ? '1' : '0'}
        value={text}
        error={
          text !== '' && number === null
            ? 'Not a quantity.'
            : isTooMany
              ? `At most ${EVENTS_MAX} events can be tried.`
              : undefined
        }
        onChange={(event) => props.trial.type(key, event.currentTarget.value)}
      />
    )
  })
