/** Writes resources/aws from src/main/collect/kinds/aws/permissions.ts, which the program shows. */
import './ensure-node.mjs'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AWS_GRANTS, policyText, templateText } from '../src/main/collect/kinds/aws/permissions.ts'
import { root } from './process.mjs'

const folder = join(root, 'resources', 'aws')
mkdirSync(folder, { recursive: true })
for (const { file, title, statements } of AWS_GRANTS) {
  writeFileSync(join(folder, `${file}-policy.json`), policyText(statements))
  writeFileSync(join(folder, `${file}-role.yaml`), templateText(title, statements))
}
