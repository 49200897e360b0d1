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

/** The value of a choice that leaves a setting to the card. */
const AS_CARD = ''

/** The contract's settings with one said as the option at a place, or left to the card. */
export const withOwnSetting = (
  settings: RatingSettings,
  member: keyof RatingSettings,
  place: string,
): RatingSettings => {
  const { [member]: _, ...rest } = settings
  const option = SETTINGS.find((each) => each.member === member)?.options[Number(place)]
  return place === AS_CARD || option === undefined ? rest : { ...rest, [member]: option.value }
}

const Choice = (props: {
  setting: Setting
  value: string
  data: readonly { readonly value: string; readonly label: string }[]
  onChange: (value: string) => void
}) => (
  <NativeSelect
    size="xs"
    label={props.setting.label}
    description={props.setting.sentence}
    inputWrapperOrder={['label', 'input', 'description', 'error']}
    value={props.value}
    data={[...props.data]}
    onChange={(event) => props.onChange(event.currentTarget.value)}
  />
)

/** What differs from the house's defaults: a setting at its default is left out. */
const withSetting = (settings: RatingSettings, setting: Setting, index: number): RatingSettings => {
  const { [setting.member]: _, ...rest } = settings
  return index === 0 && setting.isWrittenOut !== true
    ? rest
    : { ...rest, [setting.member]: setting.options[index]?.value }
}

/** The place among the options of what a card says; of one that does not say it, of the default, or of before it was. */
const placeIn = (setting: Setting, settings: RatingSettings): number => {
  const { member, options, isWrittenOut } = setting
  const said = options.findIndex(({ value }) => value === settings[member])
  return said === -1 ? (isWrittenOut === true ? 1 : 0) : said
}

/** Where products of this field disagree: what holds here, the default first. */
export const SettingsForm = (props: {
  settings: RatingSettings
  onChange: (settings: RatingSettings) => void
}) => (
  <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
    {SETTINGS.map((setting) => {
      const data = setting.options.map(({ label }, index) => ({
        value: String(index),
        label: index === 0 ? `${label} (default)` : label,
      }))
      return (
        <Choice
          key={setting.member}
          setting={setting}
          value={String(placeIn(setting, props.settings))}
          data={data}
          onChange={(value) => props.onChange(withSetting(props.settings, setting, Number(value)))}
        />
      )
    })}
  </SimpleGrid>
)

/** What a contract says in place of its card, which holds where it says nothing. */
export const OwnSettingsForm = (props: {
  settings: RatingSettings
  card: RatingSettings
  onChange: (settings: RatingSettings) => void
}) => (
  <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
    {SETTINGS.map((setting) => {
      const { member, options } = setting
      const own = options.findIndex(({ value }) => value === props.settings[member])
      const ofCard = options[placeIn(setting, props.card)]?.label.toLowerCase()
      return (
        <Choice
          key={member}
          setting={setting}
          value={own === -1 ? AS_CARD : String(own)}
          data={[
            { value: AS_CARD, label: `As the card: ${ofCard}` },
            ...options.map(({ label }, index) => ({ value: String(index), label })),
          ]}
          onChange={(value) => props.onChange(withOwnSetting(props.settings, member, value))}
        />
      )
    })}
  </SimpleGrid>
)

/** "Rounding of a line: Half up." for each setting that is not the default. */
export const settingsInWords = (settings: RatingSettings): readonly string[] =>
  SETTINGS.flatMap((setting) => {
    const chosen = placeIn(setting, settings)
    return chosen > 0 ? [`${setting.label}: ${setting.options[chosen]?.label.toLowerCase()}`] : []
  })
