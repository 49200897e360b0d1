/** The settings of a rate card's version in one cell: "rounding: half up; quantity at an edge: next tier". */
import type { RatingSettings } from '../../domain/pricing/ratecard.ts'
import { splitAt } from './charge-columns.ts'

interface Setting {
  readonly word: string
  readonly member: keyof RatingSettings
  /** The default first. */
  readonly values: readonly (readonly [word: string, value: string | boolean])[]
}

const SETTINGS: readonly Setting[] = [
  {
    word: 'rounding',
    member: 'rounding',
    values: [
      ['half to even', 'half_even'],
      ['half up', 'half_up'],
    ],
  },
  {
    word: 'quantity at an edge',
    member: 'edgeUnit',
    values: [
      ['lower tier', 'lower'],
      ['next tier', 'upper'],
    ],
  },
  {
    word: 'first flat amount at zero',
    member: 'tierFeeAtZero',
    values: [
      ['due', true],
      ['not due', false],
    ],
  },
  {
    word: 'minimum at zero',
    member: 'minimumAtZero',
    values: [
      ['due', true],
      ['not due', false],
    ],
  },
  {
    word: 'bounds',
    member: 'boundsApply',
    values: [
      ['after discounts', 'after_discounts'],
      ['before discounts', 'before_discounts'],
    ],
  },
  {
    word: 'credits',
    member: 'creditsApply',
    values: [
      ['with tax', 'after_tax'],
      ['before tax', 'before_tax'],
    ],
  },
]

const DEFAULT = 'default'

/** `default` where nothing is set. */
export const settingsText = (settings: RatingSettings | undefined): string =>
  SETTINGS.flatMap(({ word, member, values }) => {
    const found = values.find(([, value]) => value === settings?.[member])
    return found === undefined ? [] : [`${word}: ${found[0]}`]
  }).join('; ') || DEFAULT

/** What the cell says, and a sentence for each part that cannot be read. An empty cell says nothing. */
export const readSettings = (
  text: string,
): { readonly settings: RatingSettings | null; readonly problems: readonly string[] } => {
  if (text === '') return { settings: null, problems: [] }
  const problems: string[] = []
  const settings: Record<string, string | boolean> = {}
  for (const part of text.toLowerCase() === DEFAULT ? [] : splitAt(text, ';').filter((each) => each !== '')) {
    const [word = '', value = ''] = splitAt(part.toLowerCase(), ':')
    const setting = SETTINGS.find((each) => each.word === word)
    const found = setting?.values.find(([each]) => each === value)
    if (setting === undefined || found === undefined)
      problems.push(
        `"${part}" is no setting; write ${DEFAULT}, or by semicolons: ${SETTING_WORDS.join('; ')}.`,
      )
    else settings[setting.member] = found[1]
  }
  return { settings: settings as RatingSettings, problems }
}

/** Every setting as the help of the template lists it, the default first. */
export const SETTING_WORDS: readonly string[] = SETTINGS.map(
  ({ word, values }) => `${word}: ${values.map(([each]) => each).join(' or ')}`,
)
