/** Files in: usage, cost and access logs. */

import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ImportResult } from '../../../contract/book.ts'
import type { CsvMapping, FileKind, FilePreview, LogOptions, ReadOptions } from '../../../contract/sources.ts'
import type { Issue } from '../../../domain/issue.ts'
import { type Answer, type BookContext, type CommandLine, onBook } from '../command-line.ts'
import { readDocument } from '../documents.ts'
import { failureOf, issueText, Refusal, WrongUse } from '../failure.ts'
import { mappingFile } from '../formats.ts'
import { runJob } from '../jobs.ts'
import { blocks, count, counted, instant, number, plain, table } from '../text.ts'

/** Issues that a person reads at once; the rest stand in the quarantine, and all of them in --json. */
const ISSUES_SHOWN = 10

const issuesText = (issues: readonly Issue[]): string =>
  [
    ...issues.slice(0, ISSUES_SHOWN).map(issueText).map(plain),
    ...(issues.length > ISSUES_SHOWN ? [`  … and more like these: see "quarantine list", or --json.`] : []),
  ].join('\n')

type What = 'usage' | 'cost' | 'log'

interface ImportOptions {
  readonly source?: string
  readonly mapping?: string
  readonly saveMapping?: string
  readonly tenantFrom?: LogOptions['tenantFrom']
  readonly delivery?: 'restate' | 'add'
  readonly sameId?: 'conflict' | 'restate'
  readonly preview?: true
}

const KINDS: Readonly<Record<What, readonly FileKind[]>> = {
  usage: ['cloudevents', 'paigo', 'csv'],
  cost: ['focus'],
  log: ['access_log'],
}
const WORDS: Readonly<Record<FileKind, { readonly words: string; readonly command: What }>> = {
  cloudevents: { words: 'CloudEvents', command: 'usage' },
  paigo: { words: 'Paigo usage records', command: 'usage' },
  csv: { words: 'a CSV of usage', command: 'usage' },
  focus: { words: 'FOCUS cost', command: 'cost' },
  access_log: { words: 'an access log', command: 'log' },
}

/** `client`, `segment:2` or `regex:^/t/([^/]+)`. */
export const parseTenantFrom = (text: string): LogOptions['tenantFrom'] => {
  if (text === 'client') return 'client'
  const [, kind, value = ''] = /^(segment|regex):(.+)$/s.exec(text) ?? []
  if (kind === 'regex') return { regex: value }
  const segment = Number(value)
  if (kind === 'segment' && /^\d{1,2}$/.test(value) && segment >= 1 && segment <= 20) return { segment }
  throw new InvalidArgumentError('Expected client, segment:1 to segment:20, or regex:PATTERN.')
}

const importText = (result: ImportResult): string => {
  const sums = [
    ...result.currencies.map(({ currency, billed, effective }) => [
      `Billed ${currency}`,
      number(billed),
      `effective ${number(effective)}`,
    ]),
    ...result.metrics.map(({ metric, quantity, events }) => [
      metric,
      number(quantity),
      counted(events, 'event'),
    ]),
  ]
  return blocks(
    plain(result.sentence),
    sums.length === 0
      ? null
      : table([{ title: 'What' }, { title: 'Added', right: true }, { title: '' }], sums),
    issuesText(result.issues),
  )
}

const previewText = (preview: FilePreview): string =>
  blocks(
    `${plain(preview.name)}: ${preview.reason} ${counted(preview.rowsRead, 'row')} read${preview.wholeFile ? ', the whole file' : ''}.`,
    preview.importedBefore === null
      ? null
      : `This very file was imported before, in batch ${preview.importedBefore.batchId} (${instant(preview.importedBefore.recordedMs)}).`,
    preview.records.length === 0
      ? null
      : table(
          [
            { title: 'Row', right: true },
            { title: 'What' },
            { title: 'Tenant' },
            { title: 'Amount', right: true },
            { title: 'Unit' },
            { title: 'Time' },
          ],
          preview.records.map((each) => [
            count(each.row),
            each.what,
            each.tenant ?? each.attributedTo ?? '–',
            number(each.amount),
            each.unit,
            instant(each.time),
          ]),
        ),
    preview.bills.length === 0
      ? null
      : table(
          [
            { title: 'Provider' },
            { title: 'Account' },
            { title: 'Month' },
            { title: 'Billed', right: true },
            { title: 'Currency' },
            { title: 'Rows', right: true },
            { title: 'In the ledger', right: true },
          ],
          preview.bills.map((bill) => [
            bill.provider,
            bill.billingAccount,
            bill.month,
            number(bill.billed),
            bill.currency,
            count(bill.rows),
            count(bill.inLedger),
          ]),
        ),
    issuesText(preview.issues),
  )

/** What the file is must fit the command, so that a cost file is never read as usage by accident. */
const checkKind = (what: What, file: string, preview: FilePreview): void => {
  if (preview.kind === 'unknown' || preview.issues.some(({ code }) => code === 'mapping_is_needed')) {
    const [first] = preview.issues
    const way = first?.code === 'mapping_is_needed' ? ' Pass one with --mapping.' : ''
    throw new Refusal(
      first?.code ?? 'kind_is_unknown',
      `${first?.message ?? preview.reason}${way}`,
      preview.issues,
    )
  }
  if (KINDS[what].includes(preview.kind)) return
  const { words, command } = WORDS[preview.kind]
  throw new Refusal(
    'file_is_of_another_kind',
    `${file} holds ${words}, not what "import ${what}" reads. Nothing was imported; use "import ${command}".`,
  )
}

const readOptions = (what: What, options: ImportOptions, mapping: CsvMapping | undefined): ReadOptions => ({
  ...(what === 'usage' ? (mapping === undefined ? {} : { kind: 'csv' as const, mapping }) : {}),
  ...(what === 'cost' ? { kind: 'focus' as const } : {}),
  ...(what === 'log' ? { kind: 'access_log' as const } : {}),
  ...(options.source === undefined ? {} : { source: options.source }),
  ...(options.delivery === undefined ? {} : { delivery: options.delivery }),
  ...(options.sameId === undefined ? {} : { sameId: options.sameId }),
})

/** What the preview proposes, with where the tenant comes from put in its place. */
const chosenOptions = (preview: FilePreview, { tenantFrom }: ImportOptions): ReadOptions =>
  tenantFrom === undefined || preview.options.log === undefined
    ? preview.options
    : { ...preview.options, log: { ...preview.options.log, tenantFrom } }

const importFile = async (
  context: BookContext,
  what: What,
  file: string,
  options: ImportOptions,
  mapping: CsvMapping | undefined,
): Promise<FilePreview | ImportResult> => {
  const { client, io } = context
  const { fileId } = await client.files.openPath({ path: resolve(io.workingDirectory, file) })
  try {
    const detected = await client.imports.preview({ fileId, options: readOptions(what, options, mapping) })
    checkKind(what, file, detected)
    const chosen = chosenOptions(detected, options)
    if (options.preview)
      return options.tenantFrom === undefined
        ? detected
        : await client.imports.preview({ fileId, options: chosen })
    const { import: result } = await runJob(
      context,
      'import',
      await client.imports.start({ fileId, options: chosen }),
    )
    if (options.saveMapping !== undefined && chosen.mapping !== undefined)
      await client.imports.saveMapping({
        name: options.saveMapping,
        header: detected.header ?? [],
        mapping: chosen.mapping,
      })
    return result
  } finally {
    // The engine forgets an imported file by itself.
    await client.files.discard({ fileId }).catch(() => {})
  }
}

const importAll = async (
  context: BookContext,
  what: What,
  files: readonly string[],
  options: ImportOptions,
): Promise<Answer> => {
  if (options.saveMapping !== undefined && files.length > 1)
    throw new WrongUse('--save-mapping is for one file at a time.')
  const { workingDirectory } = context.io
  const mapping =
    options.mapping === undefined ? undefined : readDocument(mappingFile, options.mapping, workingDirectory)
  const key = options.preview ? 'previews' : 'imports'
  const done: (FilePreview | ImportResult)[] = []
  for (const file of files) {
    try {
      done.push(await importFile(context, what, file, options, mapping))
    } catch (error) {
      const { code, message, issues } = failureOf(error)
      const before =
        done.length === 0 || options.preview
          ? ''
          : ` ${counted(done.length, 'file')} before it ${done.length === 1 ? 'is' : 'are'} imported.`
      throw new Refusal(code, `${message}${before}`, issues, { [key]: done })
    }
  }
  return {
    data: { [key]: done },
    text: blocks(...done.map((each) => ('fileId' in each ? previewText(each) : importText(each)))),
  }
}

export const addImportCommands = (program: Command, line: CommandLine): void => {
  const group = program.command('import').description('read files into the ledger; each file all or nothing')
  const add = (what: What, description: string) => {
    const command = group
      .command(`${what} <file...>`)
      .description(description)
      .option('--source <name>', 'the source the records belong to; ids are unique within it')
      .option('--preview', 'only say what the file holds and what it would become')
    onBook<ImportOptions>(line, command, (context, options, files) =>
      importAll(context, what, files, options),
    )
    return command
  }
  add('usage', 'usage events: CloudEvents or Paigo JSON lines, or CSV; plain or .gz')
    .option('--mapping <file>', 'column mapping for CSV (docs/formats/mapping.schema.json)')
    .option('--save-mapping <name>', 'keep the mapping for files with the same header')
    .addOption(
      new Option(
        '--same-id <how>',
        'a record whose id came before with another value is kept aside, or replaces what was counted',
      ).choices(['conflict', 'restate']),
    )
  add('cost', 'cost: FOCUS 1.0 to 1.4 CSV, plain or .gz').addOption(
    new Option(
      '--delivery <how>',
      'a newer delivery of a bill replaces the older one, or adds to it',
    ).choices(['restate', 'add']),
  )
  add('log', 'web server access logs in the combined format, plain or .gz').option(
    '--tenant-from <how>',
    'client (address), segment:N (of the path) or regex:PATTERN (its first group)',
    parseTenantFrom,
  )
}
