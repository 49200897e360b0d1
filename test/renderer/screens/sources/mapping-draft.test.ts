import { describe, expect, test } from 'vitest'
import type { CsvMapping } from '../../../../src/contract/sources.ts'
import {
  draftOf,
  fitsHeader,
  mappingOf,
  missingOf,
} from '../../../../src/renderer/screens/sources/mapping-draft.ts'

const MAPPING: CsvMapping = {
  tenant: { column: 'who' },
  metric: { fixed: 'api.calls' },
  quantity: { column: 'count' },
  time: { column: 'at', format: 'iso', timeZone: 'UTC' },
  id: 'row_id',
  dimensions: ['region'],
}

describe('a column mapping while it is chosen', () => {
  test('is the same mapping again when nothing is changed', () => {
    expect(mappingOf(draftOf(MAPPING, 'Europe/Berlin'))).toEqual(MAPPING)
  })

  test('is none as long as a part is missing, and says which', () => {
    const draft = draftOf(undefined, 'Europe/Berlin')
    expect(mappingOf(draft)).toBeNull()
    expect(missingOf(draft)).toEqual(['tenant', 'metric', 'quantity', 'time'])
    expect(draft.time.timeZone).toBe('Europe/Berlin')
  })

  test('leaves the id out where rows have none', () => {
    const { id: _, ...without } = MAPPING
    expect(mappingOf({ ...draftOf(MAPPING, 'UTC'), id: '' })).toEqual(without)
  })

  test.each([
    { header: ['who', 'count', 'at', 'row_id', 'region', 'other'], fits: true },
    { header: ['who', 'count', 'at', 'row_id'], fits: false },
    { header: ['who', 'count', 'when', 'row_id', 'region'], fits: false },
  ])('fits $header: $fits', ({ header, fits }) => {
    expect(fitsHeader(MAPPING, header)).toBe(fits)
  })
})
