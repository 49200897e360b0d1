import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readDocument } from '../../../src/main/cli/documents.ts'
import { FORMATS, rulesFile } from '../../../src/main/cli/formats.ts'
import { jsonSchemaOf } from '../../../src/main/cli/json-schema.ts'
import { temporaryFolder, writeDocument } from './support.ts'

const read = (name: string) => readFileSync(new URL(`../../../docs/formats/${name}`, import.meta.url), 'utf8')
const schemaOf = (name: string) => JSON.parse(read(`${name}.schema.json`)) as object
/** A validator that is none of ours, strict about what a schema may say. */
const ajv = new Ajv2020({
  strict: true,
  strictTypes: false,
  formats: { date: true, 'date-time': true, email: true },
})
const validatorOf = (name: string) => ajv.compile(schemaOf(name))
const exampleOf = (name: string) =>
  JSON.parse(/```json\n([\s\S]*?)```/.exec(read(`${name}.md`))?.[1] ?? 'null') as unknown

test.each(Object.entries(FORMATS))(
  'docs/formats/%s.schema.json is what scripts/schemas.mjs writes',
  (name, format) => {
    expect(schemaOf(name)).toEqual(jsonSchemaOf(format))
  },
)

test.each(['ratecard', 'contract', 'deal', 'customers', 'rules', 'allocation'])(
  'the example in docs/formats/%s.md is read, and fits the schema',
  (name) => {
    const example = exampleOf(name)
    const folder = temporaryFolder()
    writeDocument(folder, 'example.json', example)
    const schema = name === 'rules' ? rulesFile : FORMATS[name]?.schema
    expect(() => readDocument(schema ?? z.never(), 'example.json', folder)).not.toThrow()
    expect(validatorOf(name)(example)).toBe(true)
  },
)

const card = exampleOf('ratecard') as { charges: readonly object[] }
const rules = exampleOf('rules') as { rules: readonly object[] }

/** Documents that the program and the published schema must judge alike. */
test.each([
  ['ratecard', card, true],
  ['ratecard', { ...card, note: undefined, charges: [card.charges[0]] }, true],
  ['ratecard', { ...card, colour: 'red' }, false],
  ['ratecard', { ...card, charges: [] }, false],
  ['ratecard', { ...card, charges: [{ ...card.charges[0], amount: 250 }] }, true],
  ['ratecard', { ...card, charges: [{ ...card.charges[0], amount: true }] }, false],
  ['ratecard', { ...card, id: 'a b' }, false],
  ['ratecard', { ...card, id: 'über-1' }, true],
  ['ratecard', { ...card, charges: [{ ...card.charges[0], kind: 'volume' }] }, false],
  ['ratecard', { ...card, effectiveFrom: '1 January 2026' }, false],
  ['contract', { ...(exampleOf('contract') as object), chargeDiscounts: { traffic: '5', calls: '0' } }, true],
  ['contract', { ...(exampleOf('contract') as object), chargeDiscounts: { traffic: 'all' } }, false],
  ['customers', [{ id: 'acme', name: 'Acme' }], true],
  ['customers', [{ id: 'acme', name: 'Acme', tenant: 'acme' }], false],
  ['deal', { ...(exampleOf('deal') as object), scenarios: [] }, false],
  ['rules', rules, true],
  ['rules', { rules: [] }, true],
  ['rules', { rules: [{ ...rules.rules[0], conditions: [] }] }, false],
  ['rules', { rules: [{ ...rules.rules[0], target: { kind: 'tenant' } }] }, false],
  ['rules', { rules: [{ ...rules.rules[0], colour: 'red' }] }, false],
])('%s %j: taken is %s, by program and schema', (name, document, taken) => {
  const folder = temporaryFolder()
  writeDocument(folder, 'given.json', document)
  const schema = name === 'rules' ? rulesFile : (FORMATS[name]?.schema ?? z.never())
  const byProgram = () => readDocument(schema, 'given.json', folder)
  if (taken) expect(byProgram).not.toThrow()
  else expect(byProgram).toThrow('Nothing was changed.')
  const plain = JSON.parse(JSON.stringify(document)) as unknown
  expect(validatorOf(name)(plain)).toBe(taken)
})

describe('a schema is for any validator', () => {
  const names = [...Object.keys(FORMATS), 'rules', 'usage-event']

  test.each(names)('%s: its patterns are what ECMA-262, Python and RE2 have in common', (name) => {
    const text = read(`${name}.schema.json`)
    const patterns = [...text.matchAll(/"pattern": ("(?:[^"\\]|\\.)*")/g)].map(
      ([, pattern]) => JSON.parse(pattern ?? '""') as string,
    )
    for (const pattern of patterns) {
      expect(() => new RegExp(pattern)).not.toThrow()
      expect(() => new RegExp(pattern, 'u')).not.toThrow()
      // Classes that are not of one meaning everywhere, and what RE2 lacks.
      expect(pattern).not.toMatch(/\\[pPdDwWbB]|\(\?[=!<]/)
    }
  })

  test.each(names)('%s: every part that is named is used, and every part that is used is named', (name) => {
    const text = read(`${name}.schema.json`)
    const used = new Set([...text.matchAll(/"#\/\$defs\/([^"]+)"/g)].map(([, part]) => part))
    expect(new Set(Object.keys((schemaOf(name) as { $defs?: object }).$defs ?? {}))).toEqual(used)
  })
})
