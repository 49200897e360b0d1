/**
 * Prometheus' text exposition format, version 0.0.4 (documentation page "Exposition formats"): what an exporter answers
 * on `/metrics`. Histograms and summaries are the series that their lines are: `_bucket`, `_sum`, `_count`.
 */

export interface ExposedSeries {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** As written: a decimal, an exponent, `NaN`, `+Inf`. */
  readonly value: string
  /** Of the sample where its line has one, UTC milliseconds. */
  readonly ms: number | null
}

export interface Exposition {
  readonly series: readonly ExposedSeries[]
  /** Name of a metric family to its type: `counter`, `gauge`, `histogram`, `summary`, `untyped`. */
  readonly types: ReadonlyMap<string, string>
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*(\{)?/
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,)?/y
const VALUE = /^[ \t]*(\S+)(?:[ \t]+(-?\d{1,17}))?[ \t]*$/

const ESCAPES: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' }
const unescaped = (text: string): string => text.replace(/\\[\\"n]/g, (pair) => ESCAPES[pair] ?? pair)

/** Labels up to the closing brace and where the rest begins; null where they are malformed. */
const readLabels = (line: string, from: number): { labels: Record<string, string>; end: number } | null => {
  const labels: Record<string, string> = {}
  let at = from
  let more = true
  for (;;) {
    LABEL.lastIndex = at
    const found: RegExpExecArray | null = more ? LABEL.exec(line) : null
    if (found === null) break
    const [whole, name = '', value = ''] = found
    if (Object.hasOwn(labels, name)) return null
    labels[name] = unescaped(value)
    at += whole.length
    more = found[3] !== undefined
  }
  while (line[at] === ' ' || line[at] === '\t') at++
  return line[at] === '}' ? { labels, end: at + 1 } : null
}

const readSample = (line: string): ExposedSeries | null => {
  const [head, name, brace] = SAMPLE.exec(line) ?? []
  if (head === undefined || name === undefined) return null
  const read = brace === undefined ? { labels: {}, end: head.length } : readLabels(line, head.length)
  if (read === null) return null
  const rest = line.slice(read.end)
  // Without labels a blank must part the name from its value.
  if (brace === undefined && !/[ \t]$/.test(head)) return null
  const [, value, ms] = VALUE.exec(rest) ?? []
  return value === undefined
    ? null
    : { name, labels: read.labels, value, ms: ms === undefined ? null : Number(ms) }
}

/**
 * Reads an answer whole.
 * @throws Error naming the first line that is none; or that the text ends within a line, as a cut answer does
 */
export const readExposition = (text: string): Exposition => {
  if (text !== '' && !text.endsWith('\n')) throw new Error('it ends in the middle of a line')
  const series: ExposedSeries[] = []
  const types = new Map<string, string>()
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '') continue
    if (line.startsWith('#')) {
      const [, name, type] = /^#[ \t]+TYPE[ \t]+(\S+)[ \t]+(\S+)$/.exec(line) ?? []
      if (name !== undefined && type !== undefined) types.set(name, type)
      continue
    }
    const sample = readSample(line)
    if (sample === null) throw new Error(`line ${index + 1} is no sample: ${line.slice(0, 120)}`)
    series.push(sample)
  }
  return { series, types }
}

/** Type of the family that a series is of: of `x_bucket` the one of `x`, where that is a histogram. */
export const typeOf = ({ types }: Exposition, name: string): string | null => {
  const own = types.get(name)
  if (own !== undefined) return own
  const family = types.get(name.replace(/_(?:bucket|sum|count)$/, ''))
  return family === 'histogram' || family === 'summary' ? family : null
}

type Matches = (series: Pick<ExposedSeries, 'name' | 'labels'>) => boolean

const SELECTOR = /^([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*(?:\{(.*)\})?$/
const MATCHER = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*(=~|!~|!=|=)[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(?:,|$)/y

const matcherOf = (name: string, operator: string, value: string): Matches => {
  if (operator === '=') return ({ labels }) => (labels[name] ?? '') === value
  if (operator === '!=') return ({ labels }) => (labels[name] ?? '') !== value
  const pattern = new RegExp(`^(?:${value})$`)
  const wanted = operator === '=~'
  return ({ labels }) => pattern.test(labels[name] ?? '') === wanted
}

/**
 * A selector as PromQL writes it, `name{label="x",other=~"a|b"}`, of which an exporter needs no more.
 * @returns null where it is none
 */
export const readSelector = (text: string): Matches | null => {
  const [whole, name, inside = ''] = SELECTOR.exec(text.trim()) ?? []
  if (whole === undefined) return null
  const matchers: Matches[] = []
  let at = 0
  while (at < inside.length) {
    MATCHER.lastIndex = at
    const found = MATCHER.exec(inside)
    if (found === null) return inside.slice(at).trim() === '' ? done() : null
    const [part, label = '', operator = '', value = ''] = found
    try {
      matchers.push(matcherOf(label, operator, unescaped(value)))
    } catch {
      return null
    }
    at += part.length
  }
  return done()
  function done(): Matches {
    return (series) => series.name === name && matchers.every((matches) => matches(series))
  }
}
