/**
 * `start.mjs [start|demo|serve] [--book DIR] [--port N] [--no-open]`: opens the desktop window, or serves in the
 * browser where no window can be had. `serve` always serves.
 */
import './ensure-node.mjs'
import { findElectron } from './electron.mjs'
import { ensureBuilt } from './ensure-built.mjs'
import { engineEnvironment, nodeArguments, root, run } from './process.mjs'

const MODES = ['start', 'demo', 'serve']
const given = process.argv.slice(2)
const mode = MODES.includes(given[0]) ? given[0] : 'start'
const args = given[0] === mode ? given.slice(1) : given
const options = { cwd: process.env.INIT_CWD ?? process.cwd(), env: engineEnvironment() }

const serve = () => {
  const open = args.includes('--no-open') ? [] : ['--open']
  const passed = args.filter((argument) => argument !== '--no-open' && argument !== '--open')
  const command = mode === 'demo' ? 'demo' : 'serve'
  return run(
    process.execPath,
    [...nodeArguments, `${root}/out/main/cli.js`, command, ...open, ...passed],
    options,
  )
}

await ensureBuilt()
if (mode === 'serve') process.exit(await serve())
const { executable, reason } = await findElectron()
if (executable) {
  const commands = mode === 'demo' ? ['--demo'] : []
  process.exit(await run(executable, [root, ...commands, ...args], options))
}
console.error(`No desktop window here: ${reason}. Serving in the browser instead.`)
process.exit(await serve())
