/** Rating files from the command line, whose answers all have the published shape. */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { runHere, temporaryFolder, writeDocument } from './support.ts'

const schema = readFileSync(new URL('../../../docs/formats/rating.schema.json', import.meta.url), 'utf8')
const isRating = new Ajv2020({ formats: { date: true } }).compile(JSON.parse(schema) as object)

export const PER_UNIT = {
  kind: 'per_unit',
  id: 'calls',
  name: 'Calls',
  metric: 'api.calls',
  unitAmount: '0.1',
  per: '1',
}

export const rate = async (
  documents: {
    charge?: unknown
    contract?: unknown
    contracts?: unknown[]
    card?: unknown
    cards?: unknown[]
    usage: unknown
  },
  ...more: string[]
) => {
  const folder = temporaryFolder()
  const { contracts = [], cards = [], ...single } = documents
  const all: [string, unknown][] = [
    ...contracts.map((each): [string, unknown] => ['contract', each]),
    ...cards.map((each): [string, unknown] => ['card', each]),
    ...Object.entries(single),
  ]
  const options = all.flatMap(([name, content], at) => [
    `--${name}`,
    writeDocument(
      folder,
      `${name}${all.findIndex(([other]) => other === name) === at ? '' : `-${at}`}.json`,
      content,
    ),
  ])
  return runHere(folder, ...more, 'rate', ...options)
}
export const json = async (documents: Parameters<typeof rate>[0]) => {
  const run = await rate(documents, '--json')
  const data = JSON.parse(run.out)
  // Whatever it says, of a refusal too, has the published shape.
  expect([isRating(data), isRating.errors]).toEqual([true, null])
  return { ...run, data }
}
