/** An import's result in one sentence. */
import type { ImportResult } from '../../contract/book.ts'

const counted = (count: number, one: string, many = `${one}s`) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** @param returned entries that had been reversed and came again */
export const sentenceOf = (
  file: string,
  result: Omit<ImportResult, 'sentence'>,
  returned: number,
): string => {
  const parts = [
    `${counted(result.added, 'row')} added${result.replaced > 0 ? ` (${result.replaced.toLocaleString('en')} in the place of an older value)` : ''}`,
    ...(result.duplicate > 0 ? [`${result.duplicate.toLocaleString('en')} already there`] : []),
    ...(result.conflict > 0 ? [`${counted(result.conflict, 'conflict')} kept aside`] : []),
    ...(result.quarantined > 0 ? [`${result.quarantined.toLocaleString('en')} quarantined`] : []),
  ]
  const { restated } = result
  const newer =
    restated === null
      ? ''
      : ` A newer delivery of bills the ledger had: ${counted(restated.stayed, 'entry', 'entries')} stayed, ${restated.vanished.toLocaleString('en')} vanished and reversed, ${restated.added.toLocaleString('en')} new.`
  const late =
    result.late > 0
      ? ` ${counted(result.late, 'entry', 'entries')} of closed months counted as adjustments in the next open one.`
      : ''
  const again =
    returned > 0
      ? ` ${counted(returned, 'entry', 'entries')} had been reversed and ${returned === 1 ? 'counts' : 'count'} again; reverse ${returned === 1 ? 'it' : 'them'} once more where that is wrong, and mend the source.`
      : ''
  return `${file}: ${counted(result.rows, 'row')} read, ${parts.join(', ')}.${newer}${late}${again}`
}
