/**
 * `npm run bench [-- --smoke | --events N | --only NAME …]`: looks for PostgreSQL, which the benchmarks compare with, and
 * runs them (test/bench). A whole run installs it where this process may; a smoke takes what there is.
 */
import './ensure-node.mjs'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installDebianPackages } from './browser.mjs'
import { engineEnvironment, nodeArguments, root, run } from './process.mjs'

/** Debian keeps the programs of each version in a folder of its own; elsewhere they are on the PATH. */
const findPostgres = () => {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : []
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a))
  return [
    ...newestFirst.map((version) => `/usr/lib/postgresql/${version}/bin`),
    ...(process.env.PATH ?? '').split(delimiter).filter(Boolean),
  ].find((folder) => ['initdb', 'postgres', 'psql'].every((name) => existsSync(join(folder, name))))
}

const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version')
const given = process.argv.slice(2)
const isWhole = !given.some((argument) => ['--smoke', '--ours'].includes(argument))
if (!findPostgres() && isWhole && mayInstall) {
  console.error('PostgreSQL: installing …')
  await installDebianPackages(['postgresql']).catch((error) => console.error(error.message))
}
const folder = findPostgres()
process.exit(
  await run(process.execPath, [join(root, 'test', 'bench', 'bench.ts'), ...given], {
    cwd: root,
    env: engineEnvironment({
      ...(folder ? { PEER_POSTGRES: folder } : {}),
      // The engine is measured with what the command gives Node.
      ENGINE_NODE_ARGUMENTS: nodeArguments.join(' '),
    }),
  }),
)
