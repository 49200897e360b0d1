import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { answer, run, runHere, temporaryFolder, writeDocument } from './support.ts'

const least = (folder: string) => ({
  name: 'node-7',
  stateFolder: join(folder, 'state'),
  cgroups: { root: folder, units: 'services', tenantFrom: 'group:service' },
  output: { kind: 'folder', folder: join(folder, 'out') },
})

test('every fault of a configuration is named by its field, and nothing is begun', async () => {
  const folder = temporaryFolder()
  const path = writeDocument(folder, 'agent.json', {
    ...least(folder),
    windowSeconds: 7,
    output: { kind: 'ftp' },
  })
  const ended = await run('agent', '--config', path)
  expect(ended).toEqual({
    code: 1,
    out: '',
    err: `The agent’s configuration ${path} is not understood; nothing was begun.
  error: windowSeconds: Too small: expected number to be >=10
  error: windowSeconds: a part of an hour without rest: 60, 300, 600, 3600
  error: output.kind: an output with a kind: folder, s3, kinesis or ingest
`,
  })
  expect(await answer(1, 'agent', '--config', `${path}.not`)).toMatchObject({
    error: { code: 'configuration_is_wrong', issues: [{ code: 'field_is_wrong' }] },
  })
  expect(await answer(2, 'agent')).toMatchObject({ error: { code: 'wrong_use' } })
})

test('it is a command like the others, too, where the whole program is loaded', async () => {
  const folder = temporaryFolder()
  const path = writeDocument(folder, 'agent.json', least(folder))
  expect(await runHere(folder, 'agent', '--check', '--config', path)).toEqual({
    code: 0,
    out: `${path} is in order; the agent is node-7.\n`,
    err: '',
  })
  expect(await answer(0, 'agent', '--check', '--config', path)).toEqual({ name: 'node-7' })
  const { code, err } = await runHere(folder, 'agent', '--once', '--config', path)
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(
      /is no cgroup v2 \(it has no cgroup\.controllers\)\. On a machine with both versions/,
    ),
  })
})

/** Says every module that was loaded, to the process' end. */
const LISTING = `import { registerHooks } from 'node:module'
const seen = []
registerHooks({ load: (url, context, next) => { seen.push(url); return next(url, context) } })
process.on('exit', () => process.stderr.write(seen.join('\\n')))`

test('beside a workload nothing is loaded of what opens a book, and no client of AWS', () => {
  const folder = temporaryFolder()
  const path = writeDocument(folder, 'agent.json', least(folder))
  const program = resolve(import.meta.dirname, '../../../src/main/cli/main.ts')
  const listing = `data:text/javascript,${encodeURIComponent(LISTING)}`
  const loaded = (...args: string[]) =>
    spawnSync(process.execPath, ['--import', listing, program, ...args], { encoding: 'utf8' }).stderr
  const heavy = /better-sqlite3|duckdb|kysely|@orpc\/server|@aws-sdk|exceljs|src\/main\/(cube|engine\/engine)/
  const own = loaded('agent', '--check', '--config', path)
  expect(own).toMatch(/src\/main\/agent\/measuring\.ts/)
  expect(own.split('\n').filter((url) => heavy.test(url))).toEqual([])
  expect(loaded('--help')).toMatch(heavy)
})
