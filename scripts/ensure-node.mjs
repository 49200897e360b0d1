/**
 * Import this first in a script. npm puts node_modules/.bin, and with it the `node` package's Node 24, first on
 * the PATH; a script started by hand on the system's older Node is started again on Node 24 here, and the old
 * process only waits for it.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { run } from './process.mjs'

const NODE_MAJOR_MIN = 22
const bundled = fileURLToPath(
  new URL(`../node_modules/node/bin/${process.platform === 'win32' ? 'node.exe' : 'node'}`, import.meta.url),
)

if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
  if (!existsSync(bundled)) {
    console.error(
      `Node ${process.versions.node} is too old, and node_modules is not installed: run "npm ci" first.`,
    )
    process.exit(1)
  }
  process.exit(await run(bundled, [...process.execArgv, ...process.argv.slice(1)]))
}
