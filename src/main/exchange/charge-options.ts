/** What a charge says beyond its prices, in one cell: "minimum: 50; every: quarter; only where region: eu | us". */
import { parseDecimal } from '../../domain/decimal.ts'
import { ANY, escaped, splitAt, unescaped } from './charge-columns.ts'

type Value = string | number
type Choices = readonly (readonly [word: string, value: Value])[]

interface Option {
  readonly word: string
  /** Members of the charge, outer first. */
  readonly path: readonly string[]
  readonly type: 'decimal' | 'count' | 'text' | Choices
}

const same = (...words: readonly string[]): Choices => words.map((word) => [word, word] as const)

const OPTIONS: readonly Option[] = [
  { word: 'dimension', path: ['dimension'], type: 'text' },
  {
    word: 'carries',
    path: ['carries'],
    type: [
      ['unit price', 'unit_price'],
      ['amount', 'amount'],
    ],
  },
  { word: 'formula', path: ['formula'], type: 'text' },
  { word: 'unit', path: ['unit'], type: 'text' },
  {
    word: 'cost',
    path: ['costs'],
    type: [
      ['direct', 'direct'],
      ['direct and allocated', 'direct_and_allocated'],
    ],
  },
  { word: 'held for', path: ['heldFor'], type: same('second', 'hour', 'day', 'month') },
  { word: 'events say', path: ['values'], type: same('level', 'change') },
  {
    word: 'every',
    path: ['every'],
    type: [
      ['month', 1],
      ['quarter', 3],
      ['half-year', 6],
      ['year', 12],
      ['once', 'once'],
    ],
  },
  {
    word: 'billed',
    path: ['timing'],
    type: [
      ['in advance', 'advance'],
      ['in arrears', 'arrears'],
    ],
  },
  {
    word: 'part of a period',
    path: ['proration'],
    type: [
      ['by days', 'day'],
      ['to the second', 'second'],
      ['whole', 'none'],
    ],
  },
  { word: 'fixed per event', path: ['fixedPerEvent'], type: 'decimal' },
  { word: 'free events', path: ['freeEvents'], type: 'count' },
  { word: 'free amount', path: ['freeAmount'], type: 'decimal' },
  { word: 'minimum per event', path: ['minimumPerEvent'], type: 'decimal' },
  { word: 'maximum per event', path: ['maximumPerEvent'], type: 'decimal' },
  { word: 'platform fee', path: ['platformFee'], type: 'decimal' },
  { word: 'priced each', path: ['window'], type: same('hour', 'day', 'quarter', 'year', 'term') },
  { word: 'converted to', path: ['convert', 'unit'], type: 'text' },
  { word: 'one is', path: ['convert', 'size'], type: 'decimal' },
  { word: 'in steps of', path: ['increment', 'size'], type: 'decimal' },
  { word: 'at least', path: ['increment', 'minimum'], type: 'decimal' },
  { word: 'steps of each', path: ['increment', 'of'], type: same('period', 'event') },
  { word: 'included', path: ['included', 'quantity'], type: 'decimal' },
  { word: 'given each', path: ['included', 'per'], type: same('month', 'term') },
  { word: 'rolls over months', path: ['included', 'rollOver', 'months'], type: 'count' },
  { word: 'rolls over at most', path: ['included', 'rollOver', 'maximum'], type: 'decimal' },
  { word: 'pool', path: ['included', 'pool'], type: 'text' },
  { word: 'multiplier', path: ['multiplier'], type: 'decimal' },
  { word: 'minimum', path: ['minimum'], type: 'decimal' },
  { word: 'maximum', path: ['maximum'], type: 'decimal' },
]

const DIMENSIONS = 'dimensions'
const FILTER = 'only where '

type Members = Record<string, unknown>

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const valueAt = (members: Members, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, member) => (isMembers(value) ? value[member] : undefined), members)

const textOf = ({ type }: Option, value: unknown): string =>
  typeof type === 'string'
    ? escaped(String(value))
    : (type.find(([, each]) => each === value)?.[0] ?? String(value))

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map((each: unknown) => (each === null ? ANY : escaped(String(each)))) : []

/** The cell's text; empty where the charge says no more than its prices. */
export const optionsText = (charge: object): string => {
  const members = { ...charge } as Members
  const filters = Array.isArray(members.filters) ? members.filters.filter(isMembers) : []
  return [
    ...(members.dimensions === undefined
      ? []
      : [`${DIMENSIONS}: ${textsOf(members.dimensions).join(' | ')}`]),
    ...OPTIONS.flatMap((option) => {
      const value = valueAt(members, option.path)
      return value === undefined || value === null ? [] : [`${option.word}: ${textOf(option, value)}`]
    }),
    ...filters.map(
      ({ dimension, values }) => `${FILTER}${escaped(String(dimension))}: ${textsOf(values).join(' | ')}`,
    ),
  ].join('; ')
}

const readValue = (
  { type, word }: Option,
  text: string,
): { readonly value: Value } | { readonly problem: string } => {
  if (type === 'text') return { value: unescaped(text) }
  if (type === 'decimal') {
    const value = parseDecimal(text)
    return value === null
      ? { problem: `"${text}" is no plain number for "${word}"; write it as 1234.56.` }
      : { value }
  }
  if (type === 'count')
    return /^\d{1,9}$/.test(text)
      ? { value: Number(text) }
      : { problem: `"${text}" is no whole number for "${word}".` }
  const found = type.find(([each]) => each === text.toLowerCase())
  return found === undefined
    ? {
        problem: `"${text}" is nothing that "${word}" can be; write ${type.map(([each]) => each).join(', ')}.`,
      }
    : { value: found[1] }
}

const put = (members: Members, path: readonly string[], value: Value): void => {
  const [first = '', ...rest] = path
  if (rest.length === 0) members[first] = value
  else {
    const inner = isMembers(members[first]) ? members[first] : {}
    members[first] = inner
    put(inner, rest, value)
  }
}

/** What is meant where nothing is said. */
const withDefaults = (members: Members): Members => {
  const { included, increment } = members
  if (isMembers(increment)) increment.of ??= 'period'
  if (isMembers(included)) {
    included.per ??= 'month'
    if (isMembers(included.rollOver)) included.rollOver.maximum ??= null
  }
  return members
}

/** The members that a cell says, and a sentence for each part that cannot be read. */
export const readOptions = (
  text: string,
): { readonly members: Readonly<Members>; readonly problems: readonly string[] } => {
  const members: Members = {}
  const filters: { dimension: string; values: string[] }[] = []
  const problems: string[] = []
  for (const part of splitAt(text, ';')) {
    if (part === '') continue
    const [given = '', ...rest] = splitAt(part, ':')
    const word = given.toLowerCase()
    const value = rest.join(':')
    const values = splitAt(value, '|').map(unescaped)
    const option = OPTIONS.find((each) => each.word === word)
    if (word === DIMENSIONS) members.dimensions = values
    else if (word.startsWith(FILTER))
      filters.push({ dimension: unescaped(given.slice(FILTER.length)), values })
    else if (option === undefined || value === '')
      problems.push(
        `"${part}" is no option; write options as "minimum: 50; every: quarter", by the words of the sheet "How to".`,
      )
    else {
      const read = readValue(option, value)
      if ('problem' in read) problems.push(read.problem)
      else put(members, option.path, read.value)
    }
  }
  if (filters.length > 0) members.filters = filters
  return { members: withDefaults(members), problems }
}

/** Every option as the help of the template lists it. */
export const OPTION_WORDS: readonly string[] = [
  `${DIMENSIONS}: region | plan`,
  ...OPTIONS.map(
    ({ word, type }) =>
      `${word}: ${type === 'decimal' ? 'a number' : type === 'count' ? 'a whole number' : type === 'text' ? 'text' : type.map(([each]) => each).join(' or ')}`,
  ),
  `${FILTER}region: eu | us`,
]
