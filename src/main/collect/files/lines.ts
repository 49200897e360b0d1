/** Rows of a text whose every line is a record: JSON lines and logs. */

/** A longer line is no record of any format read here; the bound keeps the memory bounded. */
export const LINE_CHARACTERS_MAX = 1024 * 1024
/** How much of an overlong line goes to the quarantine. */
const KEPT_CHARACTERS = 2_000

export interface Line {
  /** Row of the file, from 1. */
  readonly row: number
  /** Without LF or CRLF. */
  readonly text: string
  readonly isTooLong: boolean
}

/** Cuts pieces of text into rows; a piece may end anywhere. */
export interface Splitter<Row> {
  readonly push: (piece: string) => Row[]
  /** The last row, where the text did not end with a line end. */
  readonly end: () => Row[]
}

export const createLineSplitter = (): Splitter<Line> => {
  let row = 0
  let open = ''
  let dropping = false

  const line = (text: string): Line => {
    row += 1
    if (dropping || text.length > LINE_CHARACTERS_MAX) {
      dropping = false
      return { row, text: text.slice(0, KEPT_CHARACTERS), isTooLong: true }
    }
    return { row, text: text.endsWith('\r') ? text.slice(0, -1) : text, isTooLong: false }
  }

  return {
    push: (piece) => {
      const lines: Line[] = []
      let from = 0
      for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', from)) {
        const text = piece.slice(from, end)
        lines.push(line(dropping ? open : open === '' ? text : open + text))
        open = ''
        from = end + 1
      }
      if (!dropping) open += piece.slice(from)
      if (open.length > LINE_CHARACTERS_MAX && !dropping) {
        dropping = true
        open = open.slice(0, KEPT_CHARACTERS)
      }
      return lines
    },
    end: () => {
      const last = open
      open = ''
      return last === '' ? [] : [line(last)]
    },
  }
}
