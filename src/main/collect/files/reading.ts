/** The one loop that all readers of files share: rows in, entries out, and every row accounted for. */
import type { Issue } from '../../../domain/issue.ts'
import { type CsvRow, createCsvSplitter, type Delimiter, toCsvLine } from './csv.ts'
import { createLineSplitter, LINE_CHARACTERS_MAX, type Line, type Splitter, type TakeLine } from './lines.ts'
import type { TextSource } from './open-file.ts'
import type { ParsedCost, ParsedUsage, Reading, RecordSink, Rejected, RowCounts } from './record.ts'
import { type Fault, fault, faultInWords, fileIssue, isFault, reject } from './rejections.ts'

// Few enough to die young: with 1,000 cost entries a chunk, a file of 1 GB takes 320 MB at its peak instead of 210.
const CHUNK_ENTRIES = 150
const REPLACEMENT = '\uFFFD'

/** What became of a row. `refuse` ends the reading: nothing of the file may be kept. */
type Fate<Entry> =
  | { readonly fate: 'header' | 'blank' }
  | { readonly fate: 'accepted'; readonly entries: readonly Entry[] }
  | { readonly fate: 'rejected'; readonly rejected: Rejected }
  | { readonly fate: 'refuse'; readonly issue: Issue }

/** What is done with a reading's records where they are not yielded. */
type Sink<Entry> = (record: Entry | Rejected) => void

export const usageInto = (sink: RecordSink | null): Sink<ParsedUsage> | null =>
  sink === null ? null : (record) => (record.kind === 'usage' ? sink.usage(record) : sink.rejected(record))

export const costInto = (sink: RecordSink | null): Sink<ParsedCost> | null =>
  sink === null ? null : (record) => (record.kind === 'cost' ? sink.cost(record) : sink.rejected(record))

interface RowReader<Row extends { readonly row: number }, Entry> {
  readonly counts: RowCounts
  readonly sink: Sink<Entry> | null
  readonly splitter: Splitter<Row>
  readonly judge: (row: Row) => Fate<Entry>
  readonly holds: (row: Row, text: string) => boolean
  readonly header: () => readonly string[] | null
  /** Issues known only at the end. */
  readonly closing: () => readonly Issue[]
}

const readRows = <Row extends { readonly row: number }, Entry>(
  source: TextSource,
  reader: RowReader<Row, Entry>,
): Reading<Entry> => {
  const { counts } = reader
  const issues: Issue[] = []
  const replaced = { count: 0, first: 0 }
  let refused = false

  const refuse = (issue: Issue) => {
    refused = true
    issues.push(issue)
  }

  async function* chunks(): AsyncGenerator<readonly (Entry | Rejected)[], void> {
    let chunk: (Entry | Rejected)[] = []
    const give: Sink<Entry> = reader.sink ?? ((record) => chunk.push(record))
    const take = (rows: Iterable<Row>) => {
      for (const row of rows) {
        if (source.condition.replaced && reader.holds(row, REPLACEMENT)) {
          if (replaced.count === 0) replaced.first = row.row
          replaced.count += 1
        }
        const judged = reader.judge(row)
        if (judged.fate === 'refuse') {
          refuse(judged.issue)
          return
        }
        counts.rows += 1
        counts[judged.fate] += 1
        if (judged.fate === 'accepted') for (const entry of judged.entries) give(entry)
        if (judged.fate === 'rejected') give(judged.rejected)
      }
    }
    for await (const piece of source.text) {
      take(reader.splitter.push(piece))
      if (refused) return
      if (chunk.length >= CHUNK_ENTRIES || reader.sink !== null) {
        yield chunk
        chunk = []
      }
    }
    const { damage, refusal } = source.condition
    if (refusal !== null) refuse(refusal)
    if (damage === null && refusal === null) take(reader.splitter.end())
    if (damage?.code === 'gzip_damaged')
      refuse(fileIssue(source.name, 'gzip_damaged', { detail: damage.detail }))
    if (refused) return
    if (chunk.length > 0) yield chunk
    if (damage !== null) issues.push(fileIssue(source.name, 'gzip_truncated', { last: counts.rows }))
    else if (counts.rows === counts.blank) refuse(fileIssue(source.name, 'file_is_empty'))
    if (replaced.count > 0)
      issues.push(
        fileIssue(source.name, 'text_is_not_utf8', { ...replaced, encoding: source.condition.encoding }),
      )
    issues.push(...reader.closing())
  }

  return {
    chunks: chunks(),
    counts,
    issues,
    get header() {
      return reader.header()
    },
    get refused() {
      return refused
    },
  }
}

const BLANK = { fate: 'blank' } as const
const NO_ENTRIES = { fate: 'accepted', entries: [] } as const
const noRows = (): RowCounts => ({ rows: 0, header: 0, blank: 0, accepted: 0, rejected: 0 })

/** A reading that is refused before it begins. */
export const refusedReading = (issue: Issue): Reading<never> => ({
  chunks: (async function* () {})(),
  counts: noRows(),
  issues: [issue],
  header: null,
  refused: true,
})

/** How lines may be taken without being cut out and parsed. */
export interface LineTaking {
  /** Takes a line where it stands, into the reading's sink; false where it has to be parsed. */
  readonly take: TakeLine
  /** Is shown every line that was parsed and accepted. */
  readonly learn: (line: string) => void
}

/** Reads a file line by line; `parse` gives a line's entries or what is wrong with it. */
export const readLines = <Entry>(
  source: TextSource,
  parse: (text: string, row: number) => readonly Entry[] | Fault,
  sink: Sink<Entry> | null = null,
  taking: LineTaking | null = null,
): Reading<Entry> => {
  const counts = noRows()
  const take: TakeLine | undefined =
    taking === null
      ? undefined
      : (piece, from, to, row) => {
          if (!taking.take(piece, from, to, row)) return false
          counts.rows += 1
          counts.accepted += 1
          return true
        }
  return readRows<Line, Entry>(source, {
    counts,
    sink,
    splitter: createLineSplitter(take),
    holds: (line, text) => line.text.includes(text),
    header: () => null,
    closing: () => [],
    judge: (line) => {
      if (!line.isTooLong && line.text.trim() === '') return BLANK
      // A line that was cut in two by the pieces has not been tried yet.
      if (!line.isTooLong && !line.isTried && taking?.take(line.text, 0, line.text.length, line.row))
        return NO_ENTRIES
      const parsed = line.isTooLong
        ? fault('line_is_too_long', null, { limit: LINE_CHARACTERS_MAX })
        : parse(line.text, line.row)
      if (isFault(parsed))
        return { fate: 'rejected', rejected: reject(source.name, line.row, parsed, line.text) }
      taking?.learn(line.text)
      return { fate: 'accepted', entries: parsed }
    },
  })
}

/** How a CSV is read once its header is known. */
export interface CsvParser<Entry> {
  readonly parse: (cells: readonly string[], row: number) => Entry | Fault
  /** What is said of the file at its end, beside what the rows say. */
  readonly closing?: () => readonly Issue[]
}

export interface CsvOptions {
  /** Told from the header row where it is not given. */
  readonly delimiter?: Delimiter
}

const DELIMITER_NAMES = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'vertical bar' } as const

/** Reads a CSV; `prepare` looks at the header and gives the parser of its rows, or refuses the file. */
export const readCsv = <Entry>(
  source: TextSource,
  prepare: (header: readonly string[]) => CsvParser<Entry> | Issue,
  options: CsvOptions = {},
  sink: Sink<Entry> | null = null,
): Reading<Entry> => {
  const splitter = createCsvSplitter(options.delimiter)
  let header: readonly string[] | null = null
  let parser: CsvParser<Entry> | null = null

  const judgeHeader = (row: CsvRow): Fate<Entry> => {
    if (row.fault !== null)
      return {
        fate: 'refuse',
        issue: fileIssue(source.name, 'header_cannot_be_read', { detail: faultInWords(row.fault) }),
      }
    const titles = row.cells.map((title) => title.trim())
    const prepared = prepare(titles)
    if ('severity' in prepared) return { fate: 'refuse', issue: prepared }
    header = titles
    parser = prepared
    return { fate: 'header' }
  }

  return readRows<CsvRow, Entry>(source, {
    counts: noRows(),
    sink,
    splitter,
    holds: (row, text) => row.text.includes(text) || row.cells.some((cell) => cell.includes(text)),
    header: () => header,
    closing: () => [...repeatedTitles(source.name, header ?? []), ...(parser?.closing?.() ?? [])],
    judge: (row) => {
      if (row.fault === null && row.cells.every((cell) => cell.trim() === '')) return BLANK
      if (parser === null || header === null) return judgeHeader(row)
      const parsed =
        row.fault ?? checkWidth(row, header, splitter.delimiter()) ?? parser.parse(row.cells, row.row)
      if (!isFault(parsed)) return { fate: 'accepted', entries: [parsed] }
      const delimiter = splitter.delimiter()
      const text = row.fault === null ? toCsvLine(row.cells, delimiter) : row.text
      const raw = `${toCsvLine(header, delimiter)}\n${text}`
      return { fate: 'rejected', rejected: reject(source.name, row.row, parsed, raw) }
    },
  })
}

const checkWidth = (row: CsvRow, header: readonly string[], delimiter: Delimiter): Fault | null =>
  row.cells.length === header.length
    ? null
    : fault('wrong_column_count', null, {
        count: row.cells.length,
        wanted: header.length,
        delimiter: DELIMITER_NAMES[delimiter],
      })

const repeatedTitles = (file: string, header: readonly string[]): readonly Issue[] => {
  const repeated = header.filter((title, i) => title !== '' && header.indexOf(title) < i)
  return [...new Set(repeated)].map((title) => fileIssue(file, 'column_twice', { detail: title }))
}
