/** What a version of a rate card says of settings whose default has changed, so that older versions keep their meaning. */
import type { RateCardVersion, RatingSettings } from './ratecard.ts'

/**
 * The settings of a card's next version, with what must never depend on the program's default written out.
 * `tierFeeAtZero` is due in a card's first version and, in every later one, as the version before has it: a version that
 * says nothing is of the time when it was not due (docs/decisions/0015-first-tier-at-zero.md).
 */
export const settingsOfVersion = (
  given: RatingSettings | undefined,
  previous: Pick<RateCardVersion, 'settings'> | null,
): RatingSettings => ({
  ...given,
  tierFeeAtZero: given?.tierFeeAtZero ?? (previous === null || previous.settings?.tierFeeAtZero === true),
})
