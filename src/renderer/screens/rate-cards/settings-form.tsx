import { NativeSelect, SimpleGrid } from '@mantine/core'
import type { RatingSettings } from '../../../domain/pricing/ratecard.ts'

interface Setting {
  readonly member: keyof RatingSettings
  readonly label: string
  readonly sentence: string
  /** A card says it even where it is the default: one that does not is of before it was. */
  readonly isWrittenOut?: true
  /** The default first. */
  readonly options: readonly { readonly value: string | boolean; readonly label: string }[]
}

const SETTINGS: readonly Setting[] = [
  {
    member: 'rounding',
    label: 'Rounding of a line',
    sentence: 'To the currency’s minor unit, once.',
    options: [
      { value: 'half_even', label: 'Half to even' },
      { value: 'half_up', label: 'Half up' },
    ],
  },
  {
    member: 'edgeUnit',
    label: 'A quantity exactly at an edge',
    sentence: 'Whose tier or step it is, for volume and stair-step.',
    options: [
      { value: 'lower', label: 'The lower tier’s' },
      { value: 'upper', label: 'The next tier’s' },
    ],
  },
  {
    member: 'tierFeeAtZero',
    label: 'First tier’s flat amount at zero usage',
    sentence: 'Or the first step’s amount.',
    isWrittenOut: true,
    options: [
      { value: true, label: 'Due' },
      { value: false, label: 'Not due' },
    ],
  },
  {
    member: 'minimumAtZero',
    label: 'A line’s minimum at zero usage',
    sentence: 'Whether it is owed where nothing was used.',
    options: [
      { value: true, label: 'Due' },
      { value: false, label: 'Not due' },
    ],
  },
  {
    member: 'boundsApply',
    label: 'Minimum and maximum of a line',
    sentence: 'Which amount of the line they look at.',
    options: [
      { value: 'after_discounts', label: 'After discounts' },
      { value: 'before_discounts', label: 'Before discounts' },
    ],
  },
  {
    member: 'creditsApply',
    label: 'Prepaid credit pays',
    sentence: 'The amount with its tax, or before tax is added.',
    options: [
      { value: 'after_tax', label: 'With tax' },
      { value: 'before_tax', label: 'Before tax' },
    ],
  },
]

/** What differs from the house's defaults: a setting at its default is left out. */
const withSetting = (settings: RatingSettings, setting: Setting, index: number): RatingSettings => {
  const { [setting.member]: _, ...rest } = settings
  return index === 0 && setting.isWrittenOut !== true
    ? rest
    : { ...rest, [setting.member]: setting.options[index]?.value }
}

/** Where products of this field disagree: what holds here, the default first. */
export const SettingsForm = (props: {
  settings: RatingSettings
  onChange: (settings: RatingSettings) => void
}) => (
  <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
    {SETTINGS.map((setting) => {
      const chosen = setting.options.findIndex(({ value }) => value === props.settings[setting.member])
      return (
        <NativeSelect
          key={setting.member}
          size="xs"
          label={setting.label}
          description={setting.sentence}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={String(Math.max(0, chosen))}
          data={setting.options.map(({ label }, index) => ({
            value: String(index),
            label: index === 0 ? `${label} (default)` : label,
          }))}
          onChange={(event) =>
            props.onChange(withSetting(props.settings, setting, Number(event.currentTarget.value)))
          }
        />
      )
    })}
  </SimpleGrid>
)

/** "Rounding of a line: Half up." for each setting that is not the default. */
export const settingsInWords = (settings: RatingSettings): readonly string[] =>
  SETTINGS.flatMap(({ member, label, options }) => {
    const chosen = options.findIndex(({ value }) => value === settings[member])
    return chosen > 0 ? [`${label}: ${options[chosen]?.label.toLowerCase()}`] : []
  })
