import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { AttributionRule } from '../../../src/domain/attribution/rule.ts'
import { validateRules } from '../../../src/domain/attribution/validate.ts'

const read = (name: string) => readFileSync(new URL(`../../../docs/formats/${name}`, import.meta.url), 'utf8')
const schema = z.fromJSONSchema(JSON.parse(read('rules.schema.json')))
const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(read('rules.md'))?.[1] ?? 'null') as {
  rules: AttributionRule[]
}

test('the documented example fits the schema and has no issues', () => {
  expect(schema.parse(example)).toEqual(example)
  expect(validateRules(example.rules)).toEqual([])
})

test.each([
  [{ ...example.rules[0], conditions: [] }],
  [{ ...example.rules[0], target: { kind: 'tenant' } }],
  [{ ...example.rules[0], conditions: [{ field: 'account', operator: 'present', value: '' }] }],
  [{ ...example.rules[0], conditions: [{ field: 'tag:', operator: 'present', value: '' }] }],
  [{ ...example.rules[0], colour: 'red' }],
])('the schema refuses %j', (rule) => {
  expect(schema.safeParse({ rules: [rule] }).success).toBe(false)
})
