/** The end-to-end tests: builds, finds a browser, runs Playwright. Arguments go to Playwright. */
import './ensure-node.mjs'
import { findBrowser } from './browser.mjs'
import { findElectron } from './electron.mjs'
import { ensureBuilt } from './ensure-built.mjs'
import { childEnvironment, packageScript, root, run } from './process.mjs'
import { clearResult, fromPlaywright, recordResult, resultFile } from './results.mjs'

clearResult('e2e')
await ensureBuilt()
let browser
try {
  browser = await findBrowser()
} catch (error) {
  console.error(error.message)
  recordResult('e2e', { passed: 0, failed: 1, skipped: 0 })
  process.exit(1)
}
const { executable } = await findElectron()
const projects = ['--project=browser', ...(executable ? ['--project=desktop'] : [])]
const report = resultFile('e2e-report')
const code = await run(
  process.execPath,
  [packageScript('@playwright/test/cli.js'), 'test', ...projects, ...process.argv.slice(2)],
  {
    cwd: root,
    env: childEnvironment({
      COUNTINGHOUSE_BROWSER: browser,
      COUNTINGHOUSE_ELECTRON: executable ?? '',
      PLAYWRIGHT_JSON_OUTPUT_FILE: report,
      PLAYWRIGHT_HTML_OPEN: 'never',
      NODE_OPTIONS: '',
    }),
  },
)
recordResult('e2e', fromPlaywright(report, code))
if (!executable) console.log('desktop: skipped, no Electron binary here')
process.exit(code)
