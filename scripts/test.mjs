/** Every test that needs nothing but this checkout and a browser: checks, unit tests, build, end-to-end tests. */
import './ensure-node.mjs'
import { childEnvironment, packageScript, root, run } from './process.mjs'
import { clearResult, fromVitest, printSum, recordResult, resultFile } from './results.mjs'

const options = { cwd: root, env: childEnvironment() }
const runScript = (name) => run(process.execPath, [`${root}/scripts/${name}`], options)

const runUnit = async () => {
  clearResult('unit')
  const report = resultFile('unit-report')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await run(process.execPath, [packageScript('vitest/vitest.mjs'), 'run', ...reporters], options)
  recordResult('unit', fromVitest(report, code))
  return code
}

/** Later stages run although an earlier one failed: one run tells everything there is to mend. */
const STAGES = [
  { title: 'Checks', action: () => runScript('check.mjs') },
  { title: 'Unit tests', action: runUnit },
  { title: 'End-to-end tests', action: () => runScript('e2e.mjs') },
]

for (const stage of ['check', 'unit', 'e2e', 'peers', 'bench']) clearResult(stage)
let failures = 0
for (const { title, action } of STAGES) {
  console.log(`\n── ${title}`)
  if ((await action()) !== 0) failures++
}
console.log('')
process.exit(printSum() && failures === 0 ? 0 : 1)
