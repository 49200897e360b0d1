/** The `countinghouse` command from a checkout: `npm run --silent cli -- <command>`. Stdout is the command's alone. */
import './ensure-node.mjs'
import { ensureBuilt } from './ensure-built.mjs'
import { engineEnvironment, nodeArguments, root, run } from './process.mjs'

await ensureBuilt()
const options = { cwd: process.env.INIT_CWD ?? process.cwd(), env: engineEnvironment() }
const args = [...nodeArguments, `${root}/out/main/cli.js`, ...process.argv.slice(2)]
process.exit(await run(process.execPath, args, options))
