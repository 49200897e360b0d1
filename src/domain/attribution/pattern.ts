/**
 * Refuses patterns that can take exponential time. A rule runs over every attribute set of a month, so one
 * pattern such as `(a+)+$` would hang the import that evaluates it. The check is a single scan and errs on
 * the strict side: what it refuses can be written in another way, and the message says how.
 */

/** The longest pattern accepted, in UTF-16 units. */
const PATTERN_LENGTH_MAX = 500
/** `.*` and its like multiply each other's work: three already cost the cube of the text's length. */
const WILDCARDS_MAX = 3
/** From this many repetitions on a bounded quantifier counts as an unbounded one. */
const REPEATS_MANY = 10

interface Group {
  variable: boolean
  alternatives: boolean
}

interface Quantifier {
  readonly min: number
  readonly max: number
  readonly length: number
}

const quantifierAt = (pattern: string, at: number): Quantifier | null => {
  const found = /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/.exec(pattern.slice(at, at + 24))
  if (found === null) return null
  const length = found[0].length
  if (found[0].startsWith('*')) return { min: 0, max: Infinity, length }
  if (found[0].startsWith('+')) return { min: 1, max: Infinity, length }
  if (found[0].startsWith('?')) return { min: 0, max: 1, length }
  const min = Number(found[1])
  const max = found[2] === undefined ? min : found[3] === '' ? Infinity : Number(found[3])
  return { min, max, length }
}

const classEnd = (pattern: string, start: number): number => {
  let at = start + 1
  while (at < pattern.length && pattern[at] !== ']') at += pattern[at] === '\\' ? 2 : 1
  return at + 1
}

const isWildcard = (atom: string): boolean => atom === '.' || /^\\[wWSD]$/.test(atom) || atom === '[\\s\\S]'

const bad = {
  tooLong: `is longer than ${PATTERN_LENGTH_MAX} characters; split it into several rules`,
  backreference: 'refers back to a group, which can take very long; write the text out instead',
  nested:
    'repeats a group that itself holds a repetition, as in (a+)+, which can take very long; ' +
    'repeat a character class instead, as in [a-z0-9-]+',
  alternatives:
    'repeats a group of alternatives, as in (a|b)*, which can take very long; ' +
    'use a character class, as in [ab]*, or one rule for each alternative',
  wildcards: `has more than ${WILDCARDS_MAX} wildcards such as .*, which can take very long; exclude the separator instead, as in [^/]+`,
}

/**
 * What is wrong with a pattern, as the end of a sentence that begins with "The pattern"; null where it may
 * be used.
 */
export const patternFault = (pattern: string): string | null => {
  if (pattern.length > PATTERN_LENGTH_MAX) return bad.tooLong
  try {
    new RegExp(pattern)
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*\/: /, '') : String(error)
    return `is not a regular expression: ${reason}`
  }
  return riskOf(pattern)
}

/** Scans a pattern that is known to compile. */
const riskOf = (pattern: string): string | null => {
  const open: Group[] = [{ variable: false, alternatives: false }]
  let wildcards = 0
  let at = 0
  while (at < pattern.length) {
    const start = at
    let closed: Group | null = null
    const character = pattern[at]
    if (character === '\\') {
      if (/^\\(?:[1-9]|k<)/.test(pattern.slice(at, at + 3))) return bad.backreference
      at += 2
    } else if (character === '[') at = classEnd(pattern, at)
    else if (character === '(') {
      open.push({ variable: false, alternatives: false })
      at += (/^\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?/.exec(pattern.slice(at))?.[0] ?? '(').length
      continue
    } else {
      if (character === ')') closed = open.pop() ?? null
      if (character === '|') group(open).alternatives = true
      at += 1
    }
    const atom = pattern.slice(start, at)
    const quantifier = quantifierAt(pattern, at)
    const many = quantifier !== null && quantifier.max >= REPEATS_MANY
    const variable = quantifier !== null && quantifier.min !== quantifier.max
    if (quantifier !== null) at += quantifier.length
    if (closed !== null && many && closed.variable) return bad.nested
    if (closed !== null && many && closed.alternatives) return bad.alternatives
    if (many && isWildcard(atom)) wildcards += 1
    if (wildcards > WILDCARDS_MAX) return bad.wildcards
    const parent = group(open)
    parent.variable ||= variable || (closed?.variable ?? false)
    parent.alternatives ||= closed?.alternatives ?? false
  }
  return null
}

const group = (open: readonly Group[]): Group => {
  const last = open.at(-1)
  if (last === undefined) throw new Error('a pattern that compiles closes no group it has not opened')
  return last
}
