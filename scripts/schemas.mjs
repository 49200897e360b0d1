/** Writes docs/formats/*.schema.json from the contract's schemas; a test tells when they are out of date. */
import './ensure-node.mjs'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FORMATS } from '../src/main/cli/formats.ts'
import { jsonSchemaOf } from '../src/main/cli/json-schema.ts'
import { root } from './process.mjs'

for (const [name, format] of Object.entries(FORMATS)) {
  writeFileSync(
    join(root, 'docs/formats', `${name}.schema.json`),
    `${JSON.stringify(jsonSchemaOf(format), null, 2)}\n`,
  )
}
