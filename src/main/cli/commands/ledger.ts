/** The ledger itself: what was rejected or contradicted, corrections, and the history of one record. */
import type { Command } from 'commander'
import type { z } from 'zod'
import type { conflictRow, quarantineRow, recordStep } from '../../../contract/ledger.ts'
import { type CommandLine, onBook, onReport, type ReportContext, wholeNumber } from '../command-line.ts'
import { readText } from '../documents.ts'
import { WrongUse } from '../failure.ts'
import { blocks, count, counted, DASH, instant, number, plain, table } from '../text.ts'

type QuarantineRow = z.infer<typeof quarantineRow>
type ConflictRow = z.infer<typeof conflictRow>

/** Every rejected record in the state, page after page, in the order they came. */
const quarantined = async (
  { client, asOf }: ReportContext,
  state: 'open' | 'answered' | 'all',
): Promise<{ open: number; rows: QuarantineRow[] }> => {
  const rows: QuarantineRow[] = []
  for (;;) {
    const after = rows.at(-1)?.seq
    const page = await client.ledger.quarantine({
      state,
      limit: 500,
      ...(after === undefined ? {} : { afterSeq: after }),
      ...asOf,
    })
    rows.push(...page.rows)
    if (!page.more || page.rows.length === 0)
      return { open: page.open, rows: rows.toSorted((a, b) => a.seq - b.seq) }
  }
}

const addQuarantine = (program: Command, line: CommandLine): void => {
  const group = program.command('quarantine').description('rejected records')

  const list = group
    .command('list')
    .description('rejected records with their reasons')
    .option('--all', 'answered ones too')
  onReport<{ all?: true }>(line, list, async (context, { all }) => {
    const found = await quarantined(context, all ? 'all' : 'open')
    const text = table(
      [
        { title: 'Seq', right: true },
        { title: 'File' },
        { title: 'Row', right: true },
        { title: 'Column' },
        { title: 'Reason' },
        { title: 'State' },
      ],
      found.rows.map((row) => [
        String(row.seq),
        row.file,
        count(row.row),
        row.column ?? DASH,
        row.message,
        row.state,
      ]),
    )
    return { data: found, text: found.rows.length === 0 ? 'Nothing is in quarantine.' : text }
  })

  const replay = group
    .command('replay <seq>')
    .description('read a mended record again; refused where it is still wrong')
    .requiredOption('--raw <file>', 'the mended record, as it should have been')
  onBook<{ raw: string }>(line, replay, async ({ client, io }, { raw }, [seq = '']) => {
    const text = readText(raw, io.workingDirectory).replace(/\r?\n$/, '')
    const replayed = await client.ledger.replay({ seq: wholeNumber(seq, 'A sequence number'), raw: text })
    return { data: replayed, text: plain(replayed.sentence) }
  })

  const dismiss = group
    .command('dismiss <seq...>')
    .description('answer rejected records without replaying them')
    .requiredOption('--note <text>', 'why')
  onBook<{ note: string }>(line, dismiss, async ({ client }, { note }, words) => {
    const result = await client.ledger.dismiss({
      seqs: words.map((seq) => wholeNumber(seq, 'A sequence number')),
      note,
    })
    return { data: result, text: `${counted(result.dismissed, 'record')} dismissed.` }
  })
}

const STATES: Readonly<Record<ConflictRow['state'], string>> = {
  open: 'open',
  restated: 'taken',
  dismissed: 'first kept',
}
const PAGE = 1000

/** Every conflict in the state, page after page, in the order they came. */
const conflictsOf = async (
  { client, asOf }: ReportContext,
  state: 'open' | 'answered' | 'all',
): Promise<readonly ConflictRow[]> => {
  const rows: ConflictRow[] = []
  for (;;) {
    const after = rows.at(-1)?.seq
    const page = await client.ledger.conflicts({
      state,
      limit: PAGE,
      ...(after === undefined ? {} : { afterSeq: after }),
      ...asOf,
    })
    rows.push(...page)
    if (page.length < PAGE) return rows.toSorted((a, b) => a.seq - b.seq)
  }
}

const addConflicts = (program: Command, line: CommandLine): void => {
  const group = program
    .command('conflicts')
    .description('records whose id came before with another value; the first is counted until one is taken')

  const list = group.command('list').description('what contradicts what').option('--all', 'answered ones too')
  onReport<{ all?: true }>(line, list, async (context, { all }) => {
    const rows = await conflictsOf(context, all ? 'all' : 'open')
    const text = table(
      [
        { title: 'Seq', right: true },
        { title: 'Entry', right: true },
        { title: 'File' },
        { title: 'Row', right: true },
        { title: 'What happened' },
        { title: 'State' },
        { title: 'Note' },
      ],
      rows.map((row) => [
        String(row.seq),
        `u${row.existingSeq}`,
        row.file,
        count(row.row),
        row.message,
        STATES[row.state],
        row.note ?? DASH,
      ]),
    )
    return { data: { conflicts: rows }, text: rows.length === 0 ? 'No conflict is open.' : text }
  })

  const take = group
    .command('take <seq>')
    .description('reverse what counts under the id, and post the later record in its place')
    .requiredOption('--note <text>', 'why')
  onBook<{ note: string }>(line, take, async ({ client }, { note }, [seq = '']) => {
    const taken = await client.ledger.takeConflict({ seq: wholeNumber(seq, 'A sequence number'), note })
    return { data: taken, text: plain(taken.sentence) }
  })

  const keep = group
    .command('keep <seq...>')
    .description('answer conflicts by keeping what is counted')
    .requiredOption('--note <text>', 'why')
  onBook<{ note: string }>(line, keep, async ({ client }, { note }, words) => {
    const kept = await client.ledger.keepFirst({
      seqs: words.map((seq) => wholeNumber(seq, 'A sequence number')),
      note,
    })
    return { data: kept, text: `${counted(kept.kept, 'conflict')} answered: the first is kept.` }
  })
}

/** `u12`, `c12` or `12`. @throws WrongUse */
const entryNumber = (text: string): number => {
  const digits = /^[uc]?(\d{1,15})$/.exec(text)?.[1]
  if (digits === undefined)
    throw new WrongUse(`An entry is named by its number, like u12, c12 or 12, not "${text}".`)
  return wholeNumber(digits, 'An entry')
}

const STEPS: Readonly<Record<z.infer<typeof recordStep>['kind'], string>> = {
  quarantined: 'rejected',
  replayed: 'replayed',
  posted: 'posted',
  conflict_met: 'conflict',
  first_kept: 'first kept',
  restated: 'restated',
  returned: 'came again',
  reversed: 'reversed',
}

const addCorrections = (program: Command, line: CommandLine): void => {
  const reverse = program
    .command('reverse <entry>')
    .description('take an entry’s amounts off again; a closed month’s in the next open one')
    .requiredOption('--reason <text>', 'why; kept in the ledger under your name')
  onBook<{ reason: string }>(line, reverse, async ({ client }, { reason }, [entry = '']) => {
    const done = await client.ledger.reverse({ seq: entryNumber(entry), reason })
    return { data: done, text: plain(done.sentence) }
  })

  const history = program
    .command('history <entry>')
    .description('everything that happened to one record, newest first')
  onReport(line, history, async ({ client, asOf }, _options, [entry = '']) => {
    const found = await client.ledger.history({ seq: entryNumber(entry), ...asOf })
    const text = blocks(
      plain(found.standing.sentence),
      table(
        [
          { title: 'Recorded' },
          { title: 'What' },
          { title: 'Entry' },
          { title: 'Amount', right: true },
          { title: 'Counts in' },
          { title: 'By' },
          { title: 'Batch', right: true },
          { title: 'Reason' },
          { title: 'Hash' },
        ],
        found.steps.map((step) => [
          instant(step.recordedMs),
          STEPS[step.kind],
          step.entryId ?? DASH,
          number(step.amount),
          step.month ?? DASH,
          step.author,
          String(step.batchId),
          step.reason ?? DASH,
          step.digest,
        ]),
      ),
    )
    return { data: found, text }
  })
}

export const addLedgerCommands = (program: Command, line: CommandLine): void => {
  addQuarantine(program, line)
  addConflicts(program, line)
  addCorrections(program, line)
}
