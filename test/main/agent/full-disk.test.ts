import { readdirSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { canMount, smallDisk } from '../../support/small-disk.ts'
import { openBench, rowsOf, spooled } from './support.ts'
import { writeCgroup } from './tree.ts'

test.runIf(canMount)('a full disk keeps nothing by halves, and nothing is lost once there is room', () => {
  const disk = smallDisk(2)
  if (disk === null) throw new Error('the disk could be mounted a moment ago')
  onTestFinished(disk.remove)
  const bench = openBench({ match: '^(?<tenant>[a-z]+)$' }, {}, `${disk.directory}/state`)
  writeCgroup(bench.root, 'acme', { cpuMicros: 0 })
  bench.at('12:00:00')
  disk.fill()
  for (const [index, time] of ['12:02:00', '12:05:00', '12:10:00'].entries()) {
    writeCgroup(bench.root, 'acme', { cpuMicros: (index + 1) * 1_000_000 })
    expect(() => bench.at(time)).toThrow(/^The disk of the state folder is full\. Nothing is lost/)
  }
  expect(readdirSync(`${disk.directory}/state/spool`).filter((name) => name.endsWith('.pending'))).toEqual([])
  disk.empty()
  bench.restart()
  writeCgroup(bench.root, 'acme', { cpuMicros: 4_000_000 })
  bench.at('12:11:00')
  expect(rowsOf(spooled(bench.store()))).toEqual(['acme cgroup.cpu.seconds 4 12:00:00–12:11:00'])
})
