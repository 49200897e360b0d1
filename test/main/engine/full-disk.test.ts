/** A disk that fills up under an import, a document, the cube, a backup and an opening: a sentence, and the book whole. */
import { copyFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { Month } from '../../../src/domain/period.ts'
import { canMount, smallDisk } from '../../support/small-disk.ts'
import { events, type House, openHouse, verify } from './house.ts'

const NOW = '2026-11-10T12:00:00Z'

const outside = mkdtempSync(join(tmpdir(), 'countinghouse-files-'))
const fileOf = (name: string, first: number, count: number): string => {
  const path = join(outside, name)
  const rows = Array.from({ length: count }, (_, i) => first + i)
  writeFileSync(
    path,
    events(rows.map((n) => [`e${n}`, 'calls', `t${n % 9}`, `2026-10-0${1 + (n % 9)}T00:00:00Z`, '1'])),
  )
  return path
}
afterAll(() => rmSync(outside, { recursive: true, force: true }))

const SMALL = fileOf('small.jsonl', 0, 100)
const LARGE = fileOf('large.jsonl', 1_000, 30_000)
/** More than the cube gathers in memory, so that it fails while it appends and not only at the end. */
const HUGE = fileOf('huge.jsonl', 1_000, 300_000)
const SECOND = fileOf('second.jsonl', 100_000, 6_000)

const houseOn = async (megabytes: number) => {
  const disk = smallDisk(megabytes)
  if (disk === null) throw new Error('no disk could be mounted')
  const house = await openHouse({ now: NOW }, disk.directory)
  const held = { house }
  onTestFinished(async () => {
    await held.house.engine.close().catch(() => undefined)
    disk.remove()
  })
  await house.import(SMALL)
  return { disk, held }
}

const job = async (house: House, path: string) => {
  const { fileId } = await house.client.files.openPath({ path })
  return house.job(house.client.imports.start({ fileId, options: {} }))
}
const callsOf = async (house: House) =>
  (
    await house.client.usage.query({
      metric: 'calls',
      from: '2026-10' as Month,
      to: '2026-10' as Month,
      grain: 'month',
      groupBy: [],
      filters: [],
      compare: 'none',
    })
  ).total

/** Moves the cube of the book, which is closed, onto a disk of its own: that can be full while the ledger's is not. */
const moveCubeApart = (book: string) => {
  const disk = smallDisk(40)
  if (disk === null) throw new Error('no disk could be mounted')
  const [cube, moved] = [join(book, 'cube.duckdb'), join(disk.directory, 'cube.duckdb')]
  copyFileSync(cube, moved)
  rmSync(cube)
  symlinkSync(moved, cube)
  return disk
}
const expectWhole = async (house: House, calls: string) => {
  expect(await verify(house)).toMatchObject({ ok: true, cubeAgrees: true, fault: null })
  expect(await callsOf(house)).toBe(calls)
}

test.runIf(canMount)('an import keeps nothing of itself, and succeeds once there is room', async () => {
  const { disk, held } = await houseOn(40)
  const { house } = held
  disk.fill(100_000)
  expect((await job(house, LARGE)).error).toEqual({
    code: 'disk_is_full',
    message: `The disk of ${house.directory}/ledger.sqlite is full. Nothing of this batch was kept; free some space and repeat it.`,
  })
  await expectWhole(house, '100')
  disk.empty()
  expect((await job(house, LARGE)).result).toMatchObject({ import: { added: 30_000, duplicate: 0 } })
  await expectWhole(house, '30100')
})

test.runIf(canMount)('a document keeps nothing of itself, and is saved once there is room', async () => {
  const { disk, held } = await houseOn(40)
  const { house } = held
  disk.fill()
  const search = 'x'.repeat(4_000_000)
  const save = () => house.client.usage.saveView({ name: 'large', screen: 'usage', search })
  await expect(save()).rejects.toMatchObject({
    code: 'REFUSED',
    data: { code: 'disk_is_full' },
    message: `The disk of ${house.directory}/ledger.sqlite is full. Nothing of this batch was kept; free some space and repeat it.`,
  })
  await expectWhole(house, '100')
  disk.empty()
  await save()
  await expectWhole(house, '100')
})

test.runIf(canMount)('figures that cannot follow say so, and follow once there is room', async () => {
  const { disk, held } = await houseOn(160)
  await held.house.engine.close()
  const ofCube = moveCubeApart(held.house.directory)
  onTestFinished(ofCube.remove)
  const house = await openHouse({ now: NOW }, disk.directory)
  held.house = house
  ofCube.fill()
  const done = await job(house, HUGE)
  const trouble = `The figures do not follow the ledger, because the disk of ${house.directory} is full. What was saved is in the ledger and safe; free some space, and they follow with the next change or when the book is opened again.`
  expect(done.result).toMatchObject({
    import: { added: 300_000, sentence: `huge.jsonl: 300,000 rows read, 300,000 rows added. ${trouble}` },
  })
  expect(await house.client.book.status()).toMatchObject({ trouble, readOnly: null })
  disk.fill()
  // Figures are those of before, and the ledger itself is whole.
  expect(await callsOf(house)).toBe('100')
  const behind = await verify(house)
  expect(behind).toMatchObject({ ok: false, cubeAgrees: false, fault: null })
  expect(behind.sentence).toContain(trouble)
  disk.empty()
  ofCube.empty()
  await expectWhole(house, '300100')
  expect((await house.client.book.status()).trouble).toBeNull()
})

test.runIf(canMount)(
  'a book on a full disk opens for reading only, and for writing once there is room',
  async () => {
    const { disk, held } = await houseOn(40)
    await held.house.engine.close()
    disk.fill()
    held.house = await openHouse({ now: NOW }, disk.directory)
    const { client, directory } = held.house
    const next = 'Free some space and open it again.'
    expect(await client.book.status()).toMatchObject({
      readOnly: `The disk of ${directory} is full. ${next}`,
    })
    await expectWhole(held.house, '100')
    await expect(client.book.saveAuthor({ author: 'Bea' })).rejects.toMatchObject({
      code: 'READ_ONLY',
      message: `The book in ${directory} is open for reading only, because the disk of ${directory} is full. Nothing was changed. ${next}`,
    })
    disk.empty()
    held.house = await held.house.reopen()
    expect(await held.house.client.book.status()).toMatchObject({ readOnly: null })
    await held.house.import(SECOND)
    await expectWhole(held.house, '6100')
  },
)

test.runIf(canMount)(
  'a disk without room for a cube, and with room for the rest: the book opens to be read',
  async () => {
    const { disk, held } = await houseOn(40)
    await held.house.engine.close()
    rmSync(join(held.house.directory, 'cube.duckdb'))
    disk.fill(40_000)
    held.house = await openHouse({ now: NOW }, disk.directory)
    expect(await held.house.client.book.status()).toMatchObject({
      readOnly: `The disk of ${held.house.directory} is full. Free some space and open it again.`,
    })
    await expectWhole(held.house, '100')
    disk.empty()
    held.house = await held.house.reopen()
    expect(await held.house.client.book.status()).toMatchObject({ readOnly: null })
    await expectWhole(held.house, '100')
  },
)

test.runIf(canMount)('a backup onto a full disk leaves nothing half, nor does a restore', async () => {
  const { held } = await houseOn(40)
  const { house } = held
  const other = smallDisk(1)
  if (other === null) throw new Error('no disk could be mounted')
  onTestFinished(other.remove)
  await house.import(LARGE)
  const target = join(other.directory, 'new', 'backup')
  const failed = await house.job(house.client.book.backup({ to: target }))
  expect(failed.error).toEqual({
    code: 'disk_is_full',
    message: `The backup was not made: the disk of ${target} is full. Nothing of it was kept, and the book is as it was. Free some space or name a folder on another disk.`,
  })
  expect(readdirSync(other.directory)).toEqual([])
  const made = await house.job(house.client.book.backup())
  if (made.result?.kind !== 'backup') throw new Error(made.error?.message)
  const restored = await house.job(house.client.book.restore({ from: made.result.directory, to: target }))
  expect(restored.error).toEqual({
    code: 'disk_is_full',
    message: `The disk of ${target} is full. Nothing was restored, and the backup is as it was; free some space or name a folder on another disk.`,
  })
  expect(readdirSync(other.directory)).toEqual([])
  await expectWhole(house, '30100')
})
