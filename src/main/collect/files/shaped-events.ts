/** Reads the lines of a file of events by the shapes of those before, straight into a chunk's columns. */
import { type NumberedRanges, numberedRanges } from '../numbered-ranges.ts'
import type { UsageGatherer } from '../usage-chunk.ts'
import { type EventShape, newMatch, SLOTS, shapeOf } from './event-shape.ts'
import { createInstantReader } from './time.ts'

/** Shapes of lines remembered at once, and learnt at most: a file whose lines are all different has none. */
const SHAPES_MAX = 6
const SHAPES_LEARNT_MAX = 48

export interface ShapedEvents {
  /** Whether the line was taken. One that was not has to be read in full, which says what is wrong with it if anything is. */
  take(text: string, from: number, to: number, row: number): boolean
  /** Learns the shape of a line that was read in full and is whole. */
  learn(line: string): void
}

const place = (name: (typeof SLOTS)[number]): number => SLOTS.indexOf(name) * 2
const [ID, SOURCE, TYPE, SUBJECT, TIME, FROM, TO] = SLOTS.map(place) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
]
const DIMENSIONS = SLOTS.length * 2

interface KnownShape {
  readonly shape: EventShape
  readonly sets: NumberedRanges
  /** Lines taken by it: the shape of most lines is tried first. */
  taken: number
}

export const shapedEvents = (gatherer: UsageGatherer, latestMs: number): ShapedEvents => {
  const match = newMatch()
  const { places, hashes } = match
  const instantOf = createInstantReader()
  const tenants = numberedRanges((name) => gatherer.tenants.numberOf(name, () => name))
  const metrics = numberedRanges((name) => gatherer.metrics.numberOf(name, () => name))
  let shapes: KnownShape[] = []
  let learnt = 0
  let beginnings = 0
  let source = ''
  let keyPrefix = ''
  let coded = ''
  let codes = new Uint16Array(0)

  /** The piece's codes: going through them is three times as fast as going through the text. */
  const encode = (text: string): void => {
    if (text === coded) return
    const bytes = Buffer.alloc(text.length * 2)
    bytes.write(text, 'utf16le')
    codes = new Uint16Array(bytes.buffer, bytes.byteOffset, text.length)
    coded = text
  }

  /** Canonical JSON of dimensions whose values, parted by NULs, hold nothing that JSON would escape. */
  const setNumber = (names: readonly string[]) => (values: string) => {
    const parts = values.split('\0')
    const content = names.map((name, i) => `${JSON.stringify(name)}:"${parts[i]}"`).join(',')
    return names.length === 0 ? -1 : gatherer.sets.numberOf(`{${content}}`, () => `{${content}}`)
  }
  const isText = (slot: number): boolean => {
    const start = places[slot] as number
    // A text that begins with a visible character is neither empty nor white space.
    return start < (places[slot + 1] as number) && (codes[start] as number) > 0x20
  }
  const instantAt = (slot: number): number => {
    const ms = instantOf(codes, places[slot] as number, places[slot + 1] as number)
    return ms <= latestMs ? ms : Number.NaN
  }
  /** The shape that the line has, that of most lines first. */
  const fitting = (from: number, to: number): KnownShape | null => {
    for (let i = 0; i < shapes.length; i++) {
      const found = shapes[i] as KnownShape
      if (!found.shape.match(codes, from, to, match)) continue
      found.taken++
      const before = shapes[i - 1]
      if (before !== undefined && before.taken < found.taken) {
        shapes[i - 1] = found
        shapes[i] = before
      }
      return found
    }
    return null
  }
  const keyText = (text: string): string => {
    const [start, end] = [places[SOURCE] as number, places[SOURCE + 1] as number]
    if (source.length !== end - start || !text.startsWith(source, start)) {
      source = text.slice(start, end)
      // As JSON.stringify([source, id]) gives it: neither holds anything that it would escape.
      keyPrefix = `["${source}","`
    }
    return `${keyPrefix}${text.slice(places[ID], places[ID + 1])}"]`
  }

  const forgetOldNumbers = (): void => {
    const now = gatherer.tenants.beginnings + gatherer.metrics.beginnings + gatherer.sets.beginnings
    if (now === beginnings) return
    beginnings = now
    tenants.forget()
    metrics.forget()
    for (const { sets } of shapes) sets.forget()
  }

  return {
    take: (text, from, to, row) => {
      encode(text)
      const found = fitting(from, to)
      if (found === null) return false
      if (!isText(ID) || !isText(SOURCE) || !isText(TYPE) || !isText(SUBJECT)) return false
      const timeMs = instantAt(TIME)
      const hasInterval = (places[FROM] as number) >= 0
      if (Number.isNaN(timeMs) || hasInterval !== (places[TO] as number) >= 0) return false
      const startMs = hasInterval ? instantAt(FROM) : timeMs
      const endMs = hasInterval ? instantAt(TO) : Number.NaN
      if (hasInterval && !(endMs >= startMs)) return false
      gatherer.makeRoom()
      forgetOldNumbers()
      gatherer.addColumns(
        text,
        from,
        to,
        row,
        keyText(text),
        tenants.numberOf(codes, places, hashes, SUBJECT, 1),
        metrics.numberOf(codes, places, hashes, TYPE, 1),
        found.sets.numberOf(codes, places, hashes, DIMENSIONS, found.shape.names.length),
        match.digits,
        match.decimals,
        startMs,
        endMs,
      )
      return true
    },
    learn: (line) => {
      if (learnt >= SHAPES_LEARNT_MAX) return
      learnt++
      const shape = shapeOf(line)
      // A line whose shape is known was read in full for its values alone; its shape must not push out others.
      if (shape !== null && shapes.every((known) => known.shape.outline !== shape.outline))
        shapes = [
          ...shapes.slice(0, SHAPES_MAX - 1),
          { shape, sets: numberedRanges(setNumber(shape.names)), taken: 0 },
        ]
    },
  }
}
