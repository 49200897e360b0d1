import { expect, test } from 'vitest'
import { id } from '../../../src/contract/common.ts'
import { proposeId } from '../../../src/renderer/ui/propose-id.ts'

test.each([
  ['Umbra Labs', [], 'umbra-labs'],
  ['Umbra Labs', ['umbra-labs'], 'umbra-labs-2'],
  ['Umbra Labs', ['umbra-labs', 'umbra-labs-2'], 'umbra-labs-3'],
  ['  Müller & Söhne (EU) ', [], 'müller-söhne-eu'],
  ['a'.repeat(300), [], 'a'.repeat(48)],
  [
    'a name that is much too long to be read as an identifier',
    [],
    'a-name-that-is-much-too-long-to-be-read-as-an-id',
  ],
])('%j beside %j is proposed as %j', (name, taken, expected) => {
  const proposed = proposeId(name, taken)
  expect(proposed).toBe(expected)
  expect(id.safeParse(proposed).success).toBe(true)
})

test('a name without letters or digits proposes nothing', () => {
  expect(proposeId('&&& !', [])).toBe('')
})
