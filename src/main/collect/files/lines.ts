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
  /** Whether {@link TakeLine} was asked for it already, and left it. */
  readonly isTried: boolean
}

/** Cuts pieces of text into rows; a piece may end anywhere. */
export interface Splitter<Row> {
  /** To be gone through before the next piece. */
  readonly push: (piece: string) => Iterable<Row>
  /** The last row, where the text did not end with a line end. */
  readonly end: () => Row[]
}

/** Takes a line where it stands in the piece, without its line end; false where it wants it cut out. */
export type TakeLine = (piece: string, from: number, to: number, row: number) => boolean

export const createLineSplitter = (take?: TakeLine): Splitter<Line> => {
  let row = 0
  let open = ''
  let dropping = false

  const line = (text: string, isTried: boolean): Line => {
    row += 1
    if (dropping || text.length > LINE_CHARACTERS_MAX) {
      dropping = false
      return { row, text: text.slice(0, KEPT_CHARACTERS), isTooLong: true, isTried }
    }
    return { row, text: text.endsWith('\r') ? text.slice(0, -1) : text, isTooLong: false, isTried }
  }

  return {
    *push(piece) {
      let from = 0
      for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', from)) {
        const start = from
        from = end + 1
        const isTried = take !== undefined && open === '' && !dropping && end - start <= LINE_CHARACTERS_MAX
        if (isTried) {
          const to = piece.charCodeAt(end - 1) === 0x0d && end > start ? end - 1 : end
          if (take(piece, start, to, row + 1)) {
            row += 1
            continue
          }
        }
        const text = piece.slice(start, end)
        const whole = dropping ? open : open === '' ? text : open + text
        open = ''
        yield line(whole, isTried)
      }
      if (!dropping) open += piece.slice(from)
      if (open.length > LINE_CHARACTERS_MAX && !dropping) {
        dropping = true
        open = open.slice(0, KEPT_CHARACTERS)
      }
    },
    end: () => {
      const last = open
      open = ''
      return last === '' ? [] : [line(last, false)]
    },
  }
}
