/**
 * JSON whose keys have escapes in them, parsed by hand. V8 13.6 (Node 24) gives such a key the name of another one: once
 * `{"a":1,"\\":2}` was parsed, `JSON.parse('{"a":1,"\n":2}')` has the keys "a" and "\". It takes the name it expects
 * next for the one it found if their characters begin alike, and compares with the text as it is escaped.
 */

const BACKSLASH = 92
const QUOTE = 34
/** White space of JSON: space, tab, line feed and carriage return. */
const isBlank = (code: number): boolean => code === 32 || code === 9 || code === 10 || code === 13

/** Whether a key has an escape in it; may be true of a text that is not JSON. */
export const hasEscapedKey = (text: string): boolean => {
  for (let at = text.indexOf('\\') < 0 ? -1 : text.indexOf('"'); at >= 0; at = text.indexOf('"', at)) {
    let isEscaped = false
    at += 1
    while (at < text.length && text.charCodeAt(at) !== QUOTE) {
      if (text.charCodeAt(at) === BACKSLASH) {
        isEscaped = true
        at += 1
      }
      at += 1
    }
    at += 1
    let after = at
    while (isBlank(text.charCodeAt(after))) after += 1
    if (isEscaped && text.charAt(after) === ':') return true
  }
  return false
}

const TOKEN = /[\t\n\r ]*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|(true|false|null)|$)/y

/**
 * What `JSON.parse` would give, with numbers as `numberOf` reads them. The text is not nested deep.
 * @throws SyntaxError where it is not JSON.
 */
export const parseByHand = (text: string, numberOf: (source: string) => unknown): unknown => {
  let at = 0
  const fail = (): never => {
    throw new SyntaxError(`not JSON near character ${at}`)
  }
  const next = (): RegExpExecArray => {
    TOKEN.lastIndex = at
    const token = TOKEN.exec(text) ?? fail()
    at = TOKEN.lastIndex
    return token
  }
  const mark = (): string => next()[1] ?? ''
  const peek = (): string => {
    const before = at
    const found = mark()
    at = before
    return found
  }

  const list = (): unknown[] => {
    const items: unknown[] = []
    if (peek() === ']') {
      mark()
      return items
    }
    for (;;) {
      items.push(value())
      const end = mark()
      if (end === ']') return items
      if (end !== ',') fail()
    }
  }
  const object = (): unknown => {
    const members: [string, unknown][] = []
    if (peek() === '}') {
      mark()
      return {}
    }
    for (;;) {
      const key = next()[2] ?? fail()
      if (mark() !== ':') fail()
      members.push([JSON.parse(key) as string, value()])
      const end = mark()
      // Of a key that comes twice the last value counts, as in JSON.parse.
      if (end === '}') return Object.fromEntries(members)
      if (end !== ',') fail()
    }
  }
  const value = (): unknown => {
    const [, sign, string, number, word] = next()
    if (sign === '{') return object()
    if (sign === '[') return list()
    if (string !== undefined || word !== undefined) return JSON.parse(string ?? word ?? '')
    if (number === undefined) return fail()
    JSON.parse(number)
    return numberOf(number)
  }

  const parsed = value()
  const [rest] = next()
  return rest.trim() === '' && at === text.length ? parsed : fail()
}

/**
 * JSON whose keys are names that somebody chose, such as those of dimensions and tags.
 * @throws SyntaxError where it is not JSON.
 */
export const parseNamed = <Content>(text: string): Content =>
  (hasEscapedKey(text) ? parseByHand(text, Number) : JSON.parse(text)) as Content
