/** What needs no run to be found wrong: types, lint and format, the dependency rule, dead code. */
import './ensure-node.mjs'
import { capture, childEnvironment, packageScript, root } from './process.mjs'
import { clearResult, recordResult } from './results.mjs'

const CHECKS = [
  { name: 'types', tool: 'typescript/bin/tsc', args: ['--noEmit', '-p', '.'] },
  {
    name: 'lint and format',
    tool: '@biomejs/biome/bin/biome',
    args: ['check', '--error-on-warnings', '--diagnostic-level=warn', '--max-diagnostics=200'],
  },
  {
    name: 'dependency rule',
    tool: 'dependency-cruiser/bin/dependency-cruiser.mjs',
    args: ['--config', '.dependency-cruiser.cjs', '--output-type', 'err-long', 'src'],
  },
  { name: 'dead code', tool: 'knip/bin/knip.js', args: ['--no-progress'] },
]

clearResult('check')
const outcomes = await Promise.all(
  CHECKS.map(async ({ name, tool, args }) => {
    const started_ms = Date.now()
    const { code, text } = await capture(process.execPath, [packageScript(tool), ...args], {
      cwd: root,
      env: childEnvironment(),
    })
    return { name, code, text, seconds: ((Date.now() - started_ms) / 1000).toFixed(1) }
  }),
)
// dependency-cruiser says on every run that it found no TypeScript of its own; swc reads the sources instead.
const withoutNotice = (text) => text.replace(/‼ missing-tsc-transpiler:[\s\S]*$/, '')
for (const { name, code, text, seconds } of outcomes) {
  if (code !== 0) console.log(`\n${withoutNotice(text).trim()}\n`)
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
}
const failed = outcomes.filter(({ code }) => code !== 0).length
recordResult('check', { passed: outcomes.length - failed, failed, skipped: 0 })
process.exit(failed === 0 ? 0 : 1)
