import { expect, test } from 'vitest'
import { readEvents } from '../../../src/main/collect/files/cloudevents.ts'
import { textSource } from '../../../src/main/collect/files/open-file.ts'
import type { ParsedUsage } from '../../../src/main/collect/files/record.ts'
import { numbering, resolving } from '../../../src/main/collect/names.ts'
import { usageGatherer } from '../../../src/main/collect/usage-chunk.ts'

test('numbers begin anew at 65,536 names, and each is resolved once while it lasts', () => {
  const given = numbering<string>()
  let resolutions = 0
  const taken = resolving<string>((name) => {
    resolutions++
    return Number(name)
  })
  const numbers = new Map<string, number>()
  for (let i = 0; i < 65_536; i++)
    numbers.set(
      `${i}`,
      given.numberOf(`${i}`, () => `${i}`),
    )
  expect([given.isFull, given.beginnings]).toEqual([true, 0])
  // Names of the chunk that fills them still have their numbers.
  numbers.set(
    '65536',
    given.numberOf('65536', () => '65536'),
  )
  taken.learn(given.take())
  for (const [name, number] of numbers) expect(taken.of(number)).toBe(Number(name))
  expect([given.isFull, given.beginnings, resolutions]).toEqual([false, 1, 65_537])
  expect(given.numberOf('7', () => '7')).toBe(0)
  taken.learn(given.take())
  expect([taken.of(0), taken.nameOf(0)]).toEqual([7, '7'])
  expect(() => taken.nameOf(1)).toThrow('a name 1 that it never gave')
})

test.each(['subject', 'type', 'region'])(
  'a file of more names (%s) than are numbered at once',
  async (name) => {
    const lines: string[] = []
    const value = (i: number) => `n${i % 3 === 0 ? i % 300 : i}`
    for (let i = 0; i < 150_000; i++) {
      const of = (key: string) => (key === name ? value(i) : 'x')
      lines.push(
        `{"specversion":"1.0","id":"${i}","source":"s","type":"${of('type')}","subject":"${of('subject')}","time":"2026-03-01T12:00:00Z","data":{"region":"${of('region')}"}}`,
      )
    }
    const gatherer = usageGatherer()
    const sink = { usage: (usage: ParsedUsage) => gatherer.add(usage), cost: () => {}, rejected: () => {} }
    const reading = readEvents(
      textSource('x', lines.join('\n')),
      { nowMs: Date.UTC(2026, 5, 1) },
      sink,
      gatherer,
    )
    const [tenants, metrics, sets] = [0, 1, 2].map(() => resolving<string>(() => 0)) as [
      ReturnType<typeof resolving<string>>,
      ReturnType<typeof resolving<string>>,
      ReturnType<typeof resolving<string>>,
    ]
    let i = 0
    let wrong = 0
    for await (const _ of reading.chunks);
    gatherer.close()
    for (const chunk of gatherer.take()) {
      tenants.learn(chunk.tenants)
      metrics.learn(chunk.metrics)
      sets.learn(chunk.sets)
      for (let at = 0; at < chunk.count; at++, i++) {
        const read = {
          subject: tenants.nameOf(chunk.tenant[at] ?? -1),
          type: metrics.nameOf(chunk.metric[at] ?? -1),
          region: (JSON.parse(sets.nameOf(chunk.set[at] ?? -1)) as { region: string }).region,
        }
        for (const [key, found] of Object.entries(read))
          if (found !== (key === name ? value(i) : 'x')) wrong++
      }
    }
    expect([i, wrong]).toEqual([150_000, 0])
    expect(gatherer.tenants.beginnings + gatherer.metrics.beginnings + gatherer.sets.beginnings).toBe(1)
  },
)
