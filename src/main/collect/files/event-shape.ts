/**
 * Lines of a file of events are mostly alike but for a few values. The shape of one line that was read in full is its
 * text with the values left open; a line that fits it is the same JSON with other values, and needs no parsing.
 * Whatever is unusual in a line (an escape, a character beyond ASCII, a number in another notation, another member)
 * does not fit, and the line is read in full.
 */

/** A value left open, by where it stands; `ignored` is text that means nothing to us. */
type Slot = (typeof SLOTS)[number] | 'ignored' | { readonly dimension: string }
/** The slots that a match has places for, in this order; dimensions come after them. */
export const SLOTS = ['id', 'source', 'type', 'subject', 'time', 'from', 'to', 'value'] as const

/** Where a line's values stand: of a text its first and its next-to-last character, of the value its digits. */
export interface ShapeMatch {
  /** By slot, then by dimension in order of their names: where it begins and ends; -1 where there is none. */
  readonly places: Int32Array
  /** Of each text its hash, by half of its place: it is gone through anyway. */
  readonly hashes: Int32Array
  /** The value without its point; 1 where there is none. */
  digits: number
  decimals: number
}

export interface EventShape {
  /** The text without its values: lines of the same have the same shape. */
  readonly outline: string
  /** Names of the dimensions, sorted. */
  readonly names: readonly string[]
  /** Whether the text, by its UTF-16 codes from `from` up to `to`, is of the shape; then `into` says where its values stand. */
  match(codes: Uint16Array, from: number, to: number, into: ShapeMatch): boolean
}

/** More dimensions than this have no shape. */
const DIMENSIONS_MAX = 24

export const newMatch = (): ShapeMatch => ({
  places: new Int32Array((SLOTS.length + DIMENSIONS_MAX) * 2).fill(-1),
  hashes: new Int32Array(SLOTS.length + DIMENSIONS_MAX),
  digits: 1,
  decimals: 0,
})

/** One member of an object as it stands in the line: where its value begins, and where it ends. */
interface Member {
  readonly key: string
  readonly start: number
  readonly end: number
}

/** Printable ASCII without quote and backslash: stands in JSON as it is, whoever writes it. */
const STRING = /"[ !#-[\]-~]*"/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?=[\s,}])/y
const SPACE = /[\t\n\r ]*/y

const after = (pattern: RegExp, line: string, at: number): number => {
  pattern.lastIndex = at
  return pattern.test(line) ? pattern.lastIndex : -1
}

/** The members of an object whose values are texts, numbers or, where it may nest, objects of such; null for others. */
const membersOf = (
  line: string,
  from: number,
  mayNest: boolean,
): { readonly members: readonly Member[]; readonly end: number } | null => {
  if (line[from] !== '{') return null
  const members: Member[] = []
  let at = after(SPACE, line, from + 1)
  for (;;) {
    const keyEnd = after(STRING, line, at)
    if (keyEnd < 0) return null
    const key = line.slice(at + 1, keyEnd - 1)
    at = after(SPACE, line, keyEnd)
    if (line[at] !== ':') return null
    const start = after(SPACE, line, at + 1)
    const nested = mayNest ? membersOf(line, start, true) : null
    const end = nested?.end ?? Math.max(after(STRING, line, start), after(NUMBER, line, start))
    if (end < 0 || members.some((member) => member.key === key)) return null
    members.push({ key, start, end })
    at = after(SPACE, line, end)
    if (line[at] === '}') return { members, end: at + 1 }
    if (line[at] !== ',') return null
    at = after(SPACE, line, at + 1)
  }
}

interface Open {
  readonly start: number
  readonly end: number
  readonly slot: Slot
}

const TOP = ['id', 'source', 'type', 'subject', 'time'] as const
const INTERVAL = ['from', 'to'] as const

/** Which values of the line are left open; null where that would not say everything of it. */
const openValues = (line: string): readonly Open[] | null => {
  const top = membersOf(line, 0, true)
  if (top === null || top.end !== line.length) return null
  const open: Open[] = []
  for (const { key, start, end } of top.members) {
    if (key === 'specversion') {
      if (line.slice(start, end) !== '"1.0"') return null
    } else if (key === 'data') {
      const data = openData(line, start)
      if (data === null) return null
      open.push(...data)
    } else if (key === 'data_base64' || line[start] !== '"') return null
    else open.push({ start: start + 1, end: end - 1, slot: TOP.find((name) => name === key) ?? 'ignored' })
  }
  const isThere = (key: string) => top.members.some((member) => member.key === key)
  return isThere('specversion') && TOP.every(isThere) ? open : null
}

const openData = (line: string, from: number): readonly Open[] | null => {
  const data = membersOf(line, from, true)
  if (data === null) return null
  const isNested = data.members.some(({ key }) => key === 'dimensions')
  const open: Open[] = []
  for (const { key, start, end } of data.members) {
    const isText = line[start] === '"'
    if (key === 'dimensions') {
      const named = membersOf(line, start, false)
      if (named === null) return null
      for (const member of named.members) {
        if (line[member.start] !== '"') return null
        open.push({ start: member.start + 1, end: member.end - 1, slot: { dimension: member.key } })
      }
    } else if (key === 'value')
      open.push({ start: isText ? start + 1 : start, end: isText ? end - 1 : end, slot: key })
    else if (!isText) return null
    else {
      const own = INTERVAL.find((name) => name === key)
      open.push({ start: start + 1, end: end - 1, slot: own ?? (isNested ? 'ignored' : { dimension: key }) })
    }
  }
  return open
}

const codesOf = (text: string): Uint16Array => Uint16Array.from(text, (character) => character.charCodeAt(0))

const QUOTE = 0x22
const BACKSLASH = 0x5c
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
/** As many digits as a double certainly holds. */
const DIGITS_MAX = 15

/** The shape of a CloudEvents line that was read in full; null where it is too unusual to have one. */
export const shapeOf = (line: string): EventShape | null => {
  const open = openValues(line)
  if (open === null) return null
  const names = open.flatMap(({ slot }) => (typeof slot === 'object' ? [slot.dimension] : [])).sort()
  if (names.length > DIMENSIONS_MAX) return null
  const placeOf = (slot: Slot): number =>
    typeof slot === 'object'
      ? SLOTS.length + names.indexOf(slot.dimension)
      : (SLOTS as readonly string[]).indexOf(slot)
  // All steps in two flat arrays: the loop over them is the hottest of an import.
  const literals = codesOf(open.map(({ start }, i) => line.slice(open[i - 1]?.end ?? 0, start)).join(''))
  const ends = Int32Array.from(open, ({ start }, i) => start - (open[i - 1]?.end ?? 0))
  for (let i = 1; i < ends.length; i++) ends[i] = (ends[i] as number) + (ends[i - 1] as number)
  const slots = Int32Array.from(open, ({ slot }) => placeOf(slot))
  const valueStep = open.findIndex(({ slot }) => slot === 'value')
  const last = codesOf(line.slice(open.at(-1)?.end ?? 0))
  const outline = [...open, { start: line.length }]
    .map(({ start }, i) => line.slice(open[i - 1]?.end ?? 0, start))
    .join('\0')

  /** Reads plain digits with at most one point, without zeros at the end of the decimals. */
  const readValue = (codes: Uint16Array, from: number, to: number, into: ShapeMatch): number => {
    let at = from
    let digits = 0
    let decimals = 0
    let hasPoint = false
    for (; at < to; at++) {
      const code = codes[at] as number
      if (code === POINT && !hasPoint && at > from) hasPoint = true
      else if (code < ZERO || code > NINE) break
      else {
        digits = digits * 10 + code - ZERO
        if (hasPoint) decimals++
      }
    }
    const length = at - from
    const isWhole = hasPoint ? decimals > 0 : length > 0
    const hasLeadingZero =
      (codes[from] as number) === ZERO && length > 1 && (codes[from + 1] as number) !== POINT
    if (!isWhole || hasLeadingZero || length > DIGITS_MAX) return -1
    while (decimals > 0 && digits % 10 === 0) {
      digits /= 10
      decimals--
    }
    into.digits = digits
    into.decimals = decimals
    return at
  }
  /** Where the text ends; its hash is left in `textHash`. */
  let textHash = 0
  const textEnd = (codes: Uint16Array, from: number, to: number): number => {
    let hash = 0x811c9dc5
    for (let at = from; at < to; at++) {
      const code = codes[at] as number
      if (code === QUOTE) {
        textHash = hash
        return at
      }
      if (code < 0x20 || code > 0x7e || code === BACKSLASH) return -1
      hash = Math.imul(hash ^ code, 0x01000193)
    }
    return -1
  }

  return {
    outline,
    names,
    match: (codes, from, to, into) => {
      const { places, hashes } = into
      places.fill(-1)
      into.digits = 1
      into.decimals = 0
      let at = from
      let literal = 0
      for (let step = 0; step < ends.length; step++) {
        const literalEnd = ends[step] as number
        while (literal < literalEnd) if (codes[at++] !== literals[literal++]) return false
        const place = slots[step] as number
        const end = step === valueStep ? readValue(codes, at, to, into) : textEnd(codes, at, to)
        if (end < 0) return false
        if (place >= 0) {
          places[place * 2] = at
          places[place * 2 + 1] = end
          hashes[place] = textHash
        }
        at = end
      }
      // Beyond the line there may be another one that goes on alike.
      if (at + last.length !== to) return false
      for (let i = 0; i < last.length; i++) if (codes[at++] !== last[i]) return false
      return true
    },
  }
}
