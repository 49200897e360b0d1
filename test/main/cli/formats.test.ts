import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { readDocument } from '../../../src/main/cli/documents.ts'
import { FORMATS, jsonSchemaOf, rulesFile } from '../../../src/main/cli/formats.ts'
import { temporaryFolder, writeDocument } from './support.ts'

const read = (name: string) => readFileSync(new URL(`../../../docs/formats/${name}`, import.meta.url), 'utf8')
const schemaOf = (name: string) => JSON.parse(read(`${name}.schema.json`)) as object
/** A validator of the published schema. zod compiles patterns without the flag for \p that JSON Schema asks for. */
const validatorOf = (name: string) =>
  z.fromJSONSchema(
    JSON.parse(read(`${name}.schema.json`).replaceAll('\\\\p{L}\\\\p{N}_', '\\\\w')) as Parameters<
      typeof z.fromJSONSchema
    >[0],
  )
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
    expect(validatorOf(name).safeParse(example).success).toBe(true)
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
  ['ratecard', { ...card, charges: [{ ...card.charges[0], amount: 250 }] }, false],
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
  expect(validatorOf(name).safeParse(plain).success).toBe(taken)
})
