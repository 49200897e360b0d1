/** The book itself: make, verify, copy, explain, export. */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { Option } from 'commander'
import { bookSettings } from '../../../contract/book.ts'
import { month } from '../../../contract/common.ts'
import type { Month } from '../../../domain/period.ts'
import { holdsBook } from '../book-folder.ts'
import { type CommandLine, onBook, onReport, reading } from '../command-line.ts'
import { Refusal } from '../failure.ts'
import { runJob } from '../jobs.ts'
import { blocks, count, counted, instant, table } from '../text.ts'

interface InitOptions {
  readonly name: string
  readonly currency: string
  readonly timeZone: string
  readonly costBasis?: 'billed' | 'effective'
}

/** Writes beside the file and renames, so that nobody ever reads half of it. */
const writeWhole = (path: string, bytes: Uint8Array): void => {
  const beside = join(dirname(path), `.${basename(path)}.part`)
  try {
    writeFileSync(beside, bytes)
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw new Refusal('file_cannot_be_written', `${path} cannot be written: ${(error as Error).message}.`)
  }
}

const addInit = (program: Command, line: CommandLine): void => {
  const command = program
    .command('init')
    .description('make a new book in the folder')
    .requiredOption('--name <name>', 'what the book is called', reading(bookSettings.shape.name))
    .requiredOption(
      '--currency <code>',
      'of reports and invoices, like USD',
      reading(bookSettings.shape.currency),
    )
    .requiredOption(
      '--time-zone <zone>',
      'of billing periods, like Europe/Berlin; fixed once there are entries',
    )
    .addOption(
      new Option('--cost-basis <basis>', 'which cost margins are made of').choices(['billed', 'effective']),
    )
  onBook<InitOptions>(
    line,
    command,
    async ({ client, directory }, { name, currency, timeZone, costBasis }) => {
      if (holdsBook(directory))
        throw new Refusal(
          'book_exists_already',
          `The folder ${directory} holds a book already. It was left as it is.`,
        )
      const status = await client.book.create({
        name,
        currency,
        timeZone,
        ...(costBasis === undefined ? {} : { costBasis }),
      })
      return { data: status, text: `The book "${name}" was made in ${status.directory}.` }
    },
    { mayBeMade: true },
  )
}

const addStatus = (program: Command, line: CommandLine): void => {
  onReport(
    line,
    program.command('status').description('the book, its months and how fresh its sources are'),
    async ({ client, asOf }) => {
      const status = await client.book.status(asOf)
      const months = table(
        [
          { title: 'Month' },
          { title: 'Usage', right: true },
          { title: 'Cost', right: true },
          { title: 'Invoices', right: true },
          { title: 'State' },
        ],
        status.months.map((each) => [
          each.month,
          count(each.usageEvents),
          count(each.costEntries),
          count(each.invoices),
          each.closed ? 'closed' : 'open',
        ]),
      )
      const sources = table(
        [{ title: 'Source' }, { title: 'Last record' }, { title: 'Learnt' }, { title: 'State' }],
        status.freshness.map((each) => [
          each.source,
          instant(each.lastServiceMs),
          instant(each.lastRecordedMs),
          each.late ? 'late' : 'fresh',
        ]),
      )
      const text = blocks(
        `${status.settings?.name ?? 'No book'} in ${status.directory}: ${counted(status.head.entries, 'entry', 'entries')}, batch ${status.head.batchId}.`,
        status.readOnly === null ? null : `Open for reading only: ${status.readOnly}`,
        status.trouble,
        status.months.length === 0 ? 'Nothing was imported yet.' : months,
        status.freshness.length === 0 ? null : sources,
      )
      return { data: status, text }
    },
  )
}

const addVerify = (program: Command, line: CommandLine): void => {
  const command = program
    .command('verify')
    .description('walk the whole hash chain and compare the totals; exit code 1 where something does not fit')
  onBook(line, command, async (context) => {
    const { verify } = await runJob(context, 'verify', await context.client.ledger.verify())
    const fault =
      verify.fault === null || verify.sentence.includes(verify.fault.sentence) ? null : verify.fault.sentence
    return { data: verify, text: blocks(verify.sentence, fault), good: verify.ok && verify.cubeAgrees }
  })
}

const addExplain = (program: Command, line: CommandLine): void => {
  const command = program
    .command('explain <id>')
    .description('explain an entry (u12, c12), a batch (b3), an invoice, or a line of one (<invoice>/<line>)')
  onReport(line, command, async ({ client, asOf }, _options, [id = '']) => {
    const explained = await client.explain.byId({ id, ...asOf })
    return { data: explained, text: explained.text }
  })
}

const addExport = (program: Command, line: CommandLine): void => {
  const command = program
    .command('export')
    .description('write workbooks')
    .command('month')
    .description('the month workbook: summary, customers, usage, cost, margin, invoice lines')
    .requiredOption('--month <month>', 'like 2026-10', reading(month))
    .requiredOption('--out <file>', 'the .xlsx to write; an existing file is replaced')
  onReport<{ month: Month; out: string }>(line, command, async ({ client, io, asOf }, options) => {
    const path = resolve(io.workingDirectory, options.out)
    if (!existsSync(dirname(path)))
      throw new Refusal(
        'file_cannot_be_written',
        `The folder ${dirname(path)} is not there. Nothing was written.`,
      )
    const file = await client.exports.month({ month: options.month, ...asOf })
    const bytes = new Uint8Array(await file.arrayBuffer())
    writeWhole(path, bytes)
    return {
      data: { month: options.month, file: path, bytes: bytes.length },
      text: `The workbook of ${options.month} was written to ${path} (${counted(bytes.length, 'byte')}).`,
    }
  })
}

export const addBookCommands = (program: Command, line: CommandLine): void => {
  addInit(program, line)
  addStatus(program, line)
  addVerify(program, line)
  addExplain(program, line)
  addExport(program, line)
}
