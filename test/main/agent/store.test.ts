import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { takeFolder } from '../../../src/main/agent/lock.ts'
import { openStore } from '../../../src/main/agent/store.ts'
import { temporaryFolder } from './support.ts'

const open = (folder: string, instance = 'first') => openStore(folder, () => instance)

test('what was committed is there after a restart, state and events alike', () => {
  const folder = temporaryFolder()
  const store = open(folder)
  store.commit({ endpoints: { app: { atMs: 1 } } }, ['a', 'b'])
  store.commit({ endpoints: { app: { atMs: 2 } } }, [])
  const again = open(folder, 'second')
  expect(again.state()).toEqual({
    instance: 'first',
    nextFile: 2,
    cgroups: null,
    endpoints: { app: { atMs: 2 } },
  })
  expect(again.waiting()).toEqual([{ number: 1, bytes: 4 }])
  expect(again.read(1)).toBe('a\nb\n')
})

test('a file that was written before the kill and not committed is removed, and its number used again', () => {
  const folder = temporaryFolder()
  open(folder).commit({}, ['committed'])
  writeFileSync(join(folder, 'spool/000000000002.jsonl'), 'not committed\n')
  writeFileSync(join(folder, 'spool/.000000000003.jsonl.pending'), 'half of a l')
  writeFileSync(join(folder, '.state.json.pending'), '{"format":1,"inst')
  const store = open(folder)
  expect(readdirSync(join(folder, 'spool'))).toEqual(['000000000001.jsonl'])
  store.commit({}, ['next'])
  expect(readFileSync(join(folder, 'spool/000000000002.jsonl'), 'utf8')).toBe('next\n')
})

test('events are cut into files of a megabyte, whole lines each, and come out in their order', () => {
  const store = open(temporaryFolder())
  const lines = Array.from({ length: 5000 }, (_, index) => `${index} ${'x'.repeat(500)}`)
  store.commit({}, lines)
  expect(store.waiting().map(({ number }) => number)).toEqual([1, 2, 3])
  for (const { bytes } of store.waiting()) expect(bytes).toBeLessThanOrEqual(1024 * 1024)
  const read = store.waiting().flatMap(({ number }) => store.read(number).split('\n').filter(Boolean))
  expect(read).toEqual(lines)
  store.commit({}, ['y'.repeat(2_000_000)])
  expect(
    store
      .waiting()
      .map(({ bytes }) => bytes)
      .at(-1),
  ).toBe(2_000_001)
})

test('a damaged state is a sentence and is left as it is; without it the spool is sent all the same', () => {
  const folder = temporaryFolder()
  open(folder).commit({}, ['waits'])
  writeFileSync(join(folder, 'state.json'), '{"format":2}')
  expect(() => open(folder)).toThrow(
    /state\.json is damaged or of a newer agent\. Move it away to begin anew/,
  )
  writeFileSync(join(folder, 'state.json'), '')
  expect(() => open(folder)).toThrow(/is damaged/)

  const other = temporaryFolder()
  mkdirSync(join(other, 'spool'), { recursive: true })
  writeFileSync(join(other, 'spool/000000000007.jsonl'), 'waits\n')
  const store = open(other, 'second')
  store.commit({}, ['new'])
  expect(store.waiting().map(({ number }) => number)).toEqual([7, 8])
  expect(open(other).state()).toMatchObject({ instance: 'second', nextFile: 9 })
})

test('a state folder has one agent, and one that was killed does not keep the next out', async () => {
  const folder = temporaryFolder()
  const first = await takeFolder(folder)
  expect(await takeFolder(folder)).toBe(false)
  if (first !== false) first.release()
  writeFileSync(join(folder, 'agent.sock'), '')
  const next = await takeFolder(folder)
  expect(next).not.toBe(false)
  if (next !== false) next.release()
})
