import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openBench, rowsOf, spooled, total } from './support.ts'
import { writeCgroup } from './tree.ts'

const BY_NAME = { match: '^tenants/(?<tenant>[^/]+)$' }
const HOUR = 3_600_000

test('a window is what the counters grew by, memory by the time it was held, the rest from zero', () => {
  const bench = openBench(BY_NAME)
  const io = (read: number, wrote: number) =>
    `8:0 rbytes=${read} wbytes=${wrote} rios=3 wios=4 dbytes=9 dios=9\n253:0 rbytes=1 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n`
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 5_000_000, memory: 1000, io: io(100, 0) })
  bench.at('12:00:00')
  // What was used before the agent began is nobody's here.
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 6_500_000, memory: 3600, io: io(400, 70) })
  bench.at('12:02:30')
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 6_500_001, memory: 0, io: io(400, 71) })
  bench.at('12:04:50')
  expect(spooled(bench.store())).toEqual([])
  bench.at('12:05:00')
  const rows = rowsOf(spooled(bench.store()))
  const window = '12:00:00–12:05:00'
  expect(rows).toEqual([
    `acme cgroup.cpu.seconds 1.500001 ${window}`,
    `acme cgroup.io.read.bytes 300 ${window}`,
    `acme cgroup.io.written.bytes 71 ${window}`,
    // 1000 bytes for 150 s and 3600 bytes for 140 s; the first is cut at twelve decimals.
    `acme cgroup.memory.byte_hours 181.666666666666 ${window}`,
  ])
  expect(spooled(bench.store())[0]).toMatchObject({
    source: 'agent:node-1',
    id: expect.stringMatching(/^cpu\.seconds\/boot1\.\d+\/1793620800000$/),
    data: { dimensions: { agent: 'node-1', tenant: 'acme' } },
  })
})

test('windows join without a gap, however late a sample is', () => {
  const bench = openBench(BY_NAME)
  const times = ['12:00:00', '12:00:10', '12:05:03', '12:05:04', '12:17:00', '12:19:59', '12:21:00']
  for (const [index, time] of times.entries()) {
    writeCgroup(bench.root, 'tenants/acme', { cpuMicros: index * 1_000_000 })
    bench.at(time)
  }
  expect(rowsOf(spooled(bench.store()))).toEqual([
    'acme cgroup.cpu.seconds 2 12:00:00–12:05:03',
    'acme cgroup.cpu.seconds 2 12:05:03–12:17:00',
    'acme cgroup.cpu.seconds 2 12:17:00–12:21:00',
  ])
})

test('a cgroup that is new counts from zero; one that is removed counts until its last sample', () => {
  const bench = openBench(BY_NAME)
  bench.at('12:00:00')
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 2_000_000, memory: 7200 })
  bench.at('12:01:00')
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 3_000_000, memory: 7200 })
  bench.at('12:02:00')
  rmSync(join(bench.root, 'tenants/acme'), { recursive: true })
  bench.at('12:03:00')
  bench.at('12:05:00')
  bench.at('12:10:00')
  expect(rowsOf(spooled(bench.store()))).toEqual([
    'acme cgroup.cpu.seconds 3 12:00:00–12:02:00',
    'acme cgroup.memory.byte_hours 120 12:00:00–12:02:00',
  ])
  expect(bench.store().state().cgroups?.units).toEqual({})
})

test('another cgroup at the same path is another one, and after a new boot every one is', () => {
  const bench = openBench(BY_NAME)
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 10_000_000 })
  bench.at('12:00:00')
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 11_000_000 })
  bench.at('12:01:00')
  // Its directory is replaced between two samples, and has used more than the one before.
  mkdirSync(join(bench.root, 'tenants/next'))
  rmSync(join(bench.root, 'tenants/acme'), { recursive: true })
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 12_000_000 })
  bench.at('12:02:00')
  bench.restart({ boot: 'boot2' })
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 500_000 })
  bench.at('12:06:00', true)
  // 1 of the first, all 12 of the second, and half a second since the boot.
  expect(total(spooled(bench.store()), 'cgroup.cpu.seconds')).toBe('13.5')
})

test('a restart loses nothing: the difference since the last sample counts once, memory for half an hour at most', () => {
  const bench = openBench(BY_NAME)
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 0, memory: 1000 })
  bench.at('12:00:00')
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 4_000_000, memory: 1000 })
  bench.at('12:01:00')
  bench.restart()
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 9_000_000, memory: 1000 })
  bench.at('14:00:00')
  expect(rowsOf(spooled(bench.store()))).toEqual([
    'acme cgroup.cpu.seconds 9 12:00:00–14:00:00',
    // A minute, and half an hour of the two that nobody looked.
    'acme cgroup.memory.byte_hours 516.666666666666 12:00:00–14:00:00',
  ])
})

test('a device that goes away takes its counts along, and none counts twice', () => {
  const bench = openBench(BY_NAME)
  const read = (time: string, io: string) => {
    writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 0, io })
    bench.at(time)
  }
  const line = (device: string, bytes: number) =>
    `${device} rbytes=${bytes} wbytes=0 rios=0 wios=0 dbytes=0 dios=0\n`
  read('12:00:00', line('8:0', 100) + line('8:16', 1000))
  read('12:01:00', line('8:0', 150))
  read('12:02:00', line('8:0', 150) + line('8:16', 30))
  read('12:03:00', `${line('8:0', 150)}253:7 \n${line('8:32', 5)}`)
  bench.at('12:04:00', true)
  expect(total(spooled(bench.store()), 'cgroup.io.read.bytes')).toBe('85')
})

test('devices that lie on others are left out', () => {
  const bench = openBench({ ...BY_NAME, skipDevices: ['253:0'] })
  const io = (bytes: number) =>
    `8:0 rbytes=${bytes} wbytes=0 rios=0 wios=0\n253:0 rbytes=${bytes} wbytes=0 rios=0 wios=0\n`
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 0, io: io(10) })
  bench.at('12:00:00')
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 0, io: io(25) })
  bench.at('12:01:00', true)
  expect(total(spooled(bench.store()), 'cgroup.io.read.bytes')).toBe('15')
})

test('nothing below a chosen cgroup is chosen again, since its numbers are in it already', () => {
  const bench = openBench({ match: '(?<tenant>[a-z]+)\\.service$' })
  writeCgroup(bench.root, 'system.slice/web.service', { cpuMicros: 0 })
  writeCgroup(bench.root, 'system.slice/web.service/inner/child.service', { cpuMicros: 0 })
  bench.at('12:00:00')
  writeCgroup(bench.root, 'system.slice/web.service', { cpuMicros: 5_000_000 })
  writeCgroup(bench.root, 'system.slice/web.service/inner/child.service', { cpuMicros: 4_000_000 })
  bench.at('12:01:00', true)
  expect(rowsOf(spooled(bench.store()))).toEqual(['web cgroup.cpu.seconds 5 12:00:00–12:01:00'])
})

test('what a wider choice adds is counted from then on, and what was chosen before goes on', () => {
  const bench = openBench({ match: '^(?<tenant>acme)$' })
  writeCgroup(bench.root, 'acme', { cpuMicros: 1_000_000 })
  writeCgroup(bench.root, 'zeta', { cpuMicros: 50_000_000 })
  bench.at('12:00:00')
  writeCgroup(bench.root, 'acme', { cpuMicros: 2_000_000 })
  bench.restart({ cgroups: { match: '^(?<tenant>[a-z]+)$' } })
  bench.at('12:01:00')
  writeCgroup(bench.root, 'zeta', { cpuMicros: 53_000_000 })
  bench.at('12:02:00', true)
  expect(rowsOf(spooled(bench.store()))).toEqual([
    'acme cgroup.cpu.seconds 1 12:00:00–12:02:00',
    'zeta cgroup.cpu.seconds 3 12:01:00–12:02:00',
  ])
})

test('a full spool ends no window, and nothing is lost', () => {
  const bench = openBench(BY_NAME, { spoolMegabytes: 1 })
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 0 })
  bench.at('12:00:00')
  bench.store().commit({}, ['x'.repeat(600_000), 'x'.repeat(600_000)])
  const [first, second] = bench.store().waiting()
  for (const [index, time] of ['12:05:00', '12:10:00', '12:15:00'].entries()) {
    writeCgroup(bench.root, 'tenants/acme', { cpuMicros: (index + 1) * 1_000_000 })
    expect(() => bench.at(time)).toThrow(/^The spool is full\. Counters are watched on and nothing is lost/)
  }
  expect(bench.store().waiting()).toEqual([first, second])
  // The cgroup is gone before there is room, and the program is killed.
  rmSync(join(bench.root, 'tenants/acme'), { recursive: true })
  expect(() => bench.at('12:16:00')).toThrow(/full/)
  bench.restart()
  bench.store().remove(first?.number ?? 0)
  bench.store().remove(second?.number ?? 0)
  bench.at('12:17:00')
  expect(rowsOf(spooled(bench.store()))).toEqual(['acme cgroup.cpu.seconds 3 12:00:00–12:15:00'])
})

test('a clock that is set back ends the windows as they are, and counts on from there', () => {
  const bench = openBench(BY_NAME)
  const steps: readonly (readonly [string, number, number])[] = [
    ['13:00:00', 0, 1000],
    ['13:01:00', 1_000_000, 1000],
    ['12:00:30', 2_000_000, 1000],
    ['12:01:30', 4_000_000, 1000],
  ]
  for (const [time, cpuMicros, memory] of steps) {
    writeCgroup(bench.root, 'tenants/acme', { cpuMicros, memory })
    bench.at(time)
  }
  bench.at('12:02:30', true)
  expect(rowsOf(spooled(bench.store()).filter(({ type }) => type.endsWith('seconds')))).toEqual([
    'acme cgroup.cpu.seconds 1 13:00:00–13:01:00',
    'acme cgroup.cpu.seconds 3 12:00:30–12:02:30',
  ])
  expect(Number(total(spooled(bench.store()), 'cgroup.memory.byte_hours')) * HOUR).toBeCloseTo(
    3 * 60_000_000,
    -3,
  )
})

test('a root that is no cgroup v2 is a sentence, and nothing that is missing is taken to be gone', () => {
  const bench = openBench(BY_NAME)
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 1_000_000 })
  bench.at('12:00:00')
  rmSync(join(bench.root, 'cgroup.controllers'))
  expect(() => bench.at('12:01:00')).toThrow(/is no cgroup v2 \(it has no cgroup\.controllers\)/)
  writeFileSync(join(bench.root, 'cgroup.controllers'), '')
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 3_000_000 })
  bench.at('12:06:00')
  expect(rowsOf(spooled(bench.store()))).toEqual(['acme cgroup.cpu.seconds 2 12:00:00–12:06:00'])
})

test('a cgroup that cannot be read is not taken to be gone: later it goes on from its last value', () => {
  const bench = openBench(BY_NAME)
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 1_000_000 })
  bench.at('12:00:00')
  const file = join(bench.root, 'tenants/acme/cpu.stat')
  rmSync(file)
  // Reading a directory fails as a machine's trouble does, and not as a missing file.
  mkdirSync(file)
  bench.at('12:05:00')
  rmSync(file, { recursive: true })
  writeCgroup(bench.root, 'tenants/acme', { cpuMicros: 2_500_000 })
  bench.at('12:10:00')
  expect(total(spooled(bench.store()), 'cgroup.cpu.seconds')).toBe('1.5')

  const fresh = openBench(BY_NAME)
  mkdirSync(join(fresh.root, 'tenants/acme/cpu.stat'), { recursive: true })
  expect(() => fresh.at('12:00:00')).toThrow(/tenants\/acme cannot be read/)
})
