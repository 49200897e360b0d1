/**
 * An agent that the kill test kills: it moves the counters of a made-up tree on by one step a sample, and a clock of its
 * own with them, so that what must come of it is known exactly. It sends into a log that keeps what is sent twice.
 */
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentConfig } from '../../../src/main/agent/config.ts'
import { startMeasuring } from '../../../src/main/agent/measuring.ts'
import type { Output } from '../../../src/main/agent/outputs/output.ts'
import { startSender } from '../../../src/main/agent/sending.ts'
import { openStore } from '../../../src/main/agent/store.ts'
import { writeCgroup } from './tree.ts'

const [folder = '', steps = '0'] = process.argv.slice(2)
const config = JSON.parse(readFileSync(join(folder, 'read.json'), 'utf8')) as AgentConfig
const root = join(folder, 'cgroup')
const START_MS = Date.parse('2026-11-02T12:00:00Z')
const STEP_MS = 7_000

const stepFile = join(root, 'a/cpu.stat')
const stepNow = () =>
  existsSync(stepFile) ? Number(/usage_usec (\d+)/.exec(readFileSync(stepFile, 'utf8'))?.[1]) : -1

const log: Output = {
  place: 'log',
  // A line's end first: what a kill cut off is no part of the next line.
  send: async ({ lines }) => {
    appendFileSync(join(folder, 'sent.log'), `\n${lines.join('\n')}\n`)
    return []
  },
  close: () => undefined,
}
const store = openStore(config.stateFolder, () => 'instance')
const measuring = startMeasuring(config, store, {
  nowMs: () => START_MS + stepNow() * STEP_MS,
  boot: 'boot',
  environment: {},
  onEvents: () => undefined,
})
const sender = startSender(store, log, 'node', {
  random: () => 0,
  complain: (sentence) => process.stderr.write(`${sentence}\n`),
  recover: () => undefined,
})
const signal = new AbortController().signal

const last = Number(steps)
const first = stepNow() + 1
for (let step = first; step <= last; step++) {
  writeCgroup(root, 'b', { cpuMicros: step * 3, io: `8:0 rbytes=${step * 5} wbytes=0 rios=0 wios=0\n` })
  writeCgroup(root, 'a', { cpuMicros: step })
  // One that lives for a few steps, and is gone.
  if (step % 10 < 5) writeCgroup(root, `short-${Math.floor(step / 10)}`, { cpuMicros: 1000 })
  else rmSync(join(root, `short-${Math.floor(step / 10)}`), { recursive: true, force: true })
  measuring.sampleCgroups(null, false)
  if (step === first) process.stdout.write('begun\n')
  await sender.sendAll(signal)
}
measuring.sampleCgroups(null, true)
await sender.sendAll(signal)
