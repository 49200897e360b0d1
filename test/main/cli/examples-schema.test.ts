/** Every worked example of docs/pricing fits the published schemas, and is what the program reads. */
import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { charge as chargeSchema } from '../../../src/contract/rate-cards.ts'
import { checkDocument } from '../../../src/main/cli/documents.ts'
import { contractFile } from '../../../src/main/cli/formats.ts'
import { parseJson } from '../../../src/main/cli/json-text.ts'
import { plainCharge, plainContract } from '../../../src/main/cli/plain-parts.ts'

const docs = new URL('../../../docs/', import.meta.url)
const ajv = new Ajv2020({ formats: { date: true } })
const schemaOf = (name: string) =>
  ajv.compile(JSON.parse(readFileSync(new URL(`formats/${name}.schema.json`, docs), 'utf8')) as object)
const [isCharge, isContract] = [schemaOf('charge'), schemaOf('contract')]

const files = [
  'settings.md',
  ...readdirSync(new URL('pricing/examples', docs))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `examples/${name}`),
]

interface Block {
  readonly charge?: object
  readonly charges?: readonly object[]
  readonly versions?: readonly { readonly charges?: readonly object[] }[]
  readonly contract?: object
  readonly earlier?: readonly object[]
}

const blocks = files.flatMap((file) =>
  [...readFileSync(new URL(`pricing/${file}`, docs), 'utf8').matchAll(/```json\n([\s\S]*?)```/g)].map(
    ([, text = ''], at) => ({ name: `${file}, block ${at + 1}`, block: parseJson(text) as Block }),
  ),
)

test('there are hundreds of them', () => expect(blocks.length).toBeGreaterThan(150))

test.each(blocks)('$name', ({ block }) => {
  const { charge, charges = [], versions = [], contract, earlier = [] } = block
  for (const each of [...(charge ? [charge] : []), ...charges, ...versions.flatMap((v) => v.charges ?? [])]) {
    expect([isCharge(each), isCharge.errors]).toEqual([true, null])
    expect(checkDocument(chargeSchema, plainCharge(each, 'charge')).issues).toEqual([])
  }
  for (const each of [...(contract ? [contract] : []), ...earlier]) {
    const whole = plainContract({ startDay: '2026-01-01', ...each })
    expect([isContract(whole), isContract.errors]).toEqual([true, null])
    expect(checkDocument(contractFile, whole).issues).toEqual([])
  }
})
