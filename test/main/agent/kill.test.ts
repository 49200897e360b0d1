/** `kill -9` at any moment, again and again: nothing is lost, and what is sent twice is the same twice. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { integerToDecimal } from '../../../src/domain/decimal.ts'
import { randomFor } from '../../../src/main/demo/random.ts'
import { configOf, type Event, temporaryFolder, total } from './support.ts'
import { makeRoot } from './tree.ts'

const CHILD = join(import.meta.dirname, 'child.ts')
const ROUNDS = 8
/** More than a round can take: only the last run comes to an end. */
const NEVER = 1_000_000_000
const LAST_STEPS = 20

test('an agent that is killed at any moment counts every step once', async () => {
  const seed = process.env.COUNTINGHOUSE_CRASH_SEED ?? String(process.pid)
  const random = randomFor(seed)
  const folder = temporaryFolder()
  const config = configOf(folder, {
    name: 'node',
    stateFolder: join(folder, 'state'),
    windowSeconds: 60,
    cgroups: { root: makeRoot(folder), match: '^(?<tenant>[a-z]+)', tenantFrom: 'group:tenant' },
    output: { kind: 'folder', folder },
  })
  writeFileSync(join(folder, 'read.json'), JSON.stringify(config))
  const start = (steps: number) => {
    const child = spawn(process.execPath, [CHILD, folder, String(steps)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let complaint = ''
    child.stderr.on('data', (text) => {
      complaint += text
    })
    return { child, exited: once(child, 'exit'), complaint: () => complaint }
  }
  for (let round = 0; round < ROUNDS; round++) {
    const { child, exited, complaint } = start(NEVER)
    // It says a word once its first step is done.
    await once(child.stdout, 'data')
    const timer = setTimeout(() => child.kill('SIGKILL'), random.below(250))
    expect({ signal: (await exited)[1], said: complaint() }).toEqual({ signal: 'SIGKILL', said: '' })
    clearTimeout(timer)
  }
  const micros = /usage_usec (\d+)/.exec(readFileSync(join(folder, 'cgroup/a/cpu.stat'), 'utf8'))?.[1]
  const steps = Number(micros) + LAST_STEPS
  const end = start(steps)
  expect({ code: (await end.exited)[0], said: end.complaint() }).toEqual({ code: 0, said: '' })

  const events = new Map<string, string>()
  let repeated = 0
  for (const line of readFileSync(join(folder, 'sent.log'), 'utf8').split('\n').filter(Boolean)) {
    let event: Event
    try {
      event = JSON.parse(line) as Event
    } catch {
      continue
    }
    if (events.has(event.id)) repeated++
    expect(events.get(event.id) ?? line, `seed ${seed}`).toBe(line)
    events.set(event.id, line)
  }
  const all = [...events.values()].map((line) => JSON.parse(line) as Event)
  const of = (tenant: string) => all.filter(({ subject }) => subject === tenant)
  const sums = {
    a: total(of('a'), 'cgroup.cpu.seconds'),
    b: total(of('b'), 'cgroup.cpu.seconds'),
    read: total(of('b'), 'cgroup.io.read.bytes'),
  }
  expect(sums, `seed ${seed}; ${repeated} events sent again`).toEqual({
    a: integerToDecimal(BigInt(steps), 6),
    b: integerToDecimal(BigInt(steps * 3), 6),
    read: String(steps * 5),
  })
})
