/**
 * Usage to rate from a file or standard input: a JSON document, JSON lines or CSV, told apart by what stands there.
 * Lines are read as they come, so that a long file is never in memory as text.
 */
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { CsvError, parse as csvParser } from 'csv-parse'
import type { RatingUsage } from '../../contract/rating-usage.ts'
import type { Issue } from '../../domain/issue.ts'
import { isTimeZone } from '../../domain/period.ts'
import { cannotBeRead, checkDocument, fileName, parseDocument, refuseFaults } from './documents.ts'
import { Refusal } from './failure.ts'
import { nearestName } from './field-names.ts'
import { ratingUsageFile } from './formats.ts'
import { ExactNumber, parseJson } from './json-text.ts'
import {
  EVENT_FIELDS,
  type GivenEvent,
  isSameEvent,
  type ReadEvent,
  readEvent,
  readRow,
} from './rating-events.ts'

export const NOTHING_RATED = 'Nothing was rated.'

/** What a file says beside its events; options of the command line go before it. */
export type UsageHead = Omit<RatingUsage, 'events'>

export interface UsageFile {
  readonly head: UsageHead
  readonly events: readonly GivenEvent[]
}

/** More belongs into a book: events are kept in memory here. */
const EVENTS_MAX = 2_000_000
const FAULTS_SHOWN = 20

/** Takes events one by one: what is wrong is gathered, an id that comes again is one event. */
class EventTaker {
  readonly events: GivenEvent[] = []
  readonly #byId = new Map<string, GivenEvent>()
  readonly #faults: Issue[] = []
  #faultCount = 0
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  take(read: ReadEvent, place: string, row?: number): void {
    if ('fault' in read) {
      const { field, words } = read.fault
      this.#wrong(row === undefined && field !== '' ? `${place}.${field}` : place, words, row, field)
      return
    }
    const { event } = read
    const known = event.id === undefined ? undefined : this.#byId.get(event.id)
    if (known !== undefined && event.id !== undefined) {
      if (!isSameEvent(known, event))
        this.#wrong(
          place,
          `the id ${event.id} came before with other content: give each event its own`,
          row,
          'id',
        )
      return
    }
    if (event.id !== undefined) this.#byId.set(event.id, event)
    if (this.events.length >= EVENTS_MAX)
      throw new Refusal(
        'usage_is_too_long',
        `${fileName(this.#file)} has more than ${EVENTS_MAX.toLocaleString('en')} events. Import them into a book, and run its invoices. ${NOTHING_RATED}`,
      )
    this.events.push(event)
  }

  #wrong(place: string, words: string, row: number | undefined, field: string): void {
    this.#faultCount += 1
    if (this.#faults.length >= FAULTS_SHOWN) return
    const column = row === undefined ? place : field
    this.#faults.push({
      severity: 'error',
      code: 'event_is_wrong',
      message: `${row === undefined || field === '' ? place : `${place}, ${field}`}: ${words.replace(/([^.?])$/, '$1.')}`,
      ...(row === undefined ? {} : { row }),
      ...(column === '' ? {} : { column }),
    })
  }

  /** @throws Refusal where an event was wrong. */
  done(): readonly GivenEvent[] {
    if (this.#faultCount > this.#faults.length)
      throw new Refusal(
        'document_is_wrong',
        `${fileName(this.#file)} has ${this.#faultCount} faults, of which these are the first ${FAULTS_SHOWN}. ${NOTHING_RATED}`,
        this.#faults,
      )
    refuseFaults(this.#file, this.#faults, NOTHING_RATED)
    return this.events
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)

/** Members by which an object is one event and not a document of usage. */
const isEvent = (given: unknown): boolean =>
  isObject(given) &&
  ['time', 'timestamp', 'specversion', 'recordValue'].some((key) => Object.hasOwn(given, key))

/** @throws Refusal */
export const checkZone = (timeZone: string | undefined): string => {
  const zone = timeZone ?? 'UTC'
  if (!isTimeZone(zone))
    throw new Refusal(
      'time_zone_is_unknown',
      `timeZone: ${zone} is no IANA time zone, like Europe/Berlin or UTC. ${NOTHING_RATED}`,
    )
  return zone
}

const fromDocument = (text: string, file: string, timeZone: string | undefined): UsageFile => {
  const given = parseDocument(text, file, NOTHING_RATED)
  const isBare = ['number', 'string'].includes(typeof given) || given instanceof ExactNumber
  const document: unknown = Array.isArray(given)
    ? { events: given }
    : isEvent(given)
      ? { events: [given] }
      : isBare
        ? { quantity: given }
        : given
  const list = isObject(document) && Array.isArray(document.events) ? document.events : []
  const { data, issues } = checkDocument(
    ratingUsageFile,
    list.length === 0 ? document : { ...(document as object), events: [] },
  )
  refuseFaults(file, issues, NOTHING_RATED)
  const { events: _events, ...head } = data ?? {}
  if (head.quantity !== undefined && list.length > 0)
    throw new Refusal(
      'document_is_wrong',
      `${fileName(file)}: quantity stands in place of events: give one of the two. ${NOTHING_RATED}`,
    )
  const zone = checkZone(timeZone ?? head.timeZone)
  const taker = new EventTaker(file)
  for (const [at, each] of list.entries())
    taker.take(readEvent(each, zone), Array.isArray(given) ? `[${at}]` : `events[${at}]`)
  return { head, events: taker.done() }
}

/** Bytes of a file, unpacked where they are gzip. */
const openBytes = async (file: string, workingDirectory: string): Promise<AsyncIterable<Buffer>> => {
  const source: Readable = file === '-' ? process.stdin : createReadStream(resolve(workingDirectory, file))
  const bytes = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const first = await bytes.next()
  const whole = async function* (): AsyncGenerator<Buffer> {
    if (first.done !== true) yield Buffer.from(first.value)
    for (let next = await bytes.next(); next.done !== true; next = await bytes.next())
      yield Buffer.from(next.value)
  }
  const isGzip = first.done !== true && first.value[0] === 0x1f && first.value[1] === 0x8b
  if (!isGzip) return whole()
  const packed = Readable.from(whole())
  const plain = createGunzip()
  packed.on('error', (error) => plain.destroy(error))
  return packed.pipe(plain) as AsyncIterable<Buffer>
}

async function* decoded(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null
  for await (const chunk of bytes) {
    decoder ??= new TextDecoder(chunk[0] === 0xff && chunk[1] === 0xfe ? 'utf-16le' : 'utf-8')
    yield decoder.decode(chunk, { stream: true })
  }
  yield decoder?.decode() ?? ''
}

async function* linesOf(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const text of texts) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/** The text that decides what a file is: its first line with text, and whether more follows it. */
const PEEK_MAX = 1_000_000

const isWhole = (line: string): boolean => {
  try {
    return isObject(parseJson(line))
  } catch {
    return false
  }
}

const fromLines = async (
  texts: AsyncIterable<string>,
  file: string,
  timeZone: string | undefined,
): Promise<UsageFile> => {
  const zone = checkZone(timeZone)
  const taker = new EventTaker(file)
  let row = 0
  for await (const line of linesOf(texts)) {
    row += 1
    if (line.trim() === '') continue
    const given = parseLine(line, file, row)
    taker.take(readEvent(given, zone), `line ${row}`, row)
  }
  return { head: {}, events: taker.done() }
}

const parseLine = (line: string, file: string, row: number): unknown => {
  try {
    return parseJson(line)
  } catch (error) {
    const words = (error as Error).message.replace(/^line \d+, /, '')
    throw new Refusal(
      'document_is_not_json',
      `${fileName(file)}, line ${row} is not JSON: ${words}. ${NOTHING_RATED}`,
      [{ severity: 'error', code: 'document_is_not_json', message: `line ${row}: ${words}.`, row }],
    )
  }
}

const DELIMITERS = [',', ';', '\t', '|'] as const

const titlesOf = (cells: readonly string[], file: string): readonly string[] => {
  const titles = cells.map((cell) => {
    const title = cell.trim()
    return (EVENT_FIELDS as readonly string[]).includes(title.toLowerCase()) ? title.toLowerCase() : title
  })
  for (const needed of ['time', 'quantity']) {
    if (titles.includes(needed)) continue
    const near = titles.find((title) => nearestName(title, [needed]) === needed)
    const remedy = near === undefined ? 'Add it' : `Call the column “${near}” so`
    throw new Refusal(
      'document_is_wrong',
      `${fileName(file)}, row 1: a column “${needed}” is missing among ${titles.join(', ')}. ${remedy}. ${NOTHING_RATED}`,
    )
  }
  const twice = titles.find((title, at) => titles.indexOf(title) !== at)
  if (twice !== undefined)
    throw new Refusal(
      'document_is_wrong',
      `${fileName(file)}, row 1: there are two columns “${twice}”. ${NOTHING_RATED}`,
    )
  return titles
}

const fromCsv = async (
  texts: AsyncIterable<string>,
  first: string,
  file: string,
  timeZone: string | undefined,
): Promise<UsageFile> => {
  const zone = checkZone(timeZone)
  const taker = new EventTaker(file)
  const delimiter = DELIMITERS.reduce((a, b) => (first.split(b).length > first.split(a).length ? b : a))
  const rows = Readable.from(texts).pipe(
    csvParser({ delimiter, skip_empty_lines: true, max_record_size: PEEK_MAX, info: true }),
  )
  let titles: readonly string[] | null = null
  try {
    for await (const { record, info } of rows as AsyncIterable<{
      record: string[]
      info: { lines: number }
    }>) {
      if (titles === null) titles = titlesOf(record, file)
      else taker.take(readRow(titles, record, zone), `row ${info.lines}`, info.lines)
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new Refusal(
      'document_is_wrong',
      `${fileName(file)} cannot be read as CSV: ${error.message}. ${NOTHING_RATED}`,
    )
  }
  return { head: {}, events: taker.done() }
}

/** Whether a line with text and the beginning of another one are there. */
const hasTwoLines = (text: string): boolean => {
  const begin = text.length - text.trimStart().length
  const end = text.indexOf('\n', begin)
  return end >= 0 && text.slice(end).trim() !== ''
}

const isCsv = (line: string): boolean =>
  DELIMITERS.some((delimiter) => line.includes(delimiter)) || nearestName(line, ['time', 'quantity']) !== null

/**
 * @param timeZone of the command line, which goes before the document's
 * @throws Refusal with every fault by its place
 */
export const readUsage = async (
  file: string,
  workingDirectory: string,
  timeZone?: string,
): Promise<UsageFile> => {
  try {
    const texts = decoded(await openBytes(file, workingDirectory))
    let start = ''
    let ended = false
    while (start.length < PEEK_MAX && !hasTwoLines(start)) {
      const next = await texts.next()
      ended = next.done === true
      if (ended) break
      start += next.value
    }
    const whole = async function* (): AsyncGenerator<string> {
      yield start.replace(/^\uFEFF/, '')
      if (!ended) yield* texts
    }
    const [first = '', more = ''] = start.trim().split(/\n(.*)/s)
    const isJson = /^[[{"\d-]/.test(first)
    if (first.startsWith('{') && more.trim() !== '' && isWhole(first))
      return await fromLines(whole(), file, timeZone)
    if ((!isJson || first.startsWith('"')) && isCsv(first))
      return await fromCsv(whole(), first, file, timeZone)
    let text = ''
    for await (const part of whole()) text += part
    return fromDocument(text, file, timeZone)
  } catch (error) {
    if (error instanceof Refusal || (error as NodeJS.ErrnoException).code === undefined) throw error
    throw cannotBeRead(file, error, NOTHING_RATED)
  }
}
