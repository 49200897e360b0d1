/** What a charge or a contract makes of usage, with every step: no book is needed. */
import type { Command } from 'commander'
import { z } from 'zod'
import { currency, decimal, month } from '../../../contract/common.ts'
import { charge as chargeSchema, rateCardFile } from '../../../contract/rate-cards.ts'
import type { DecimalText } from '../../../domain/decimal.ts'
import type { Issue } from '../../../domain/issue.ts'
import type { Month } from '../../../domain/period.ts'
import type { Contract } from '../../../domain/pricing/contract.ts'
import { chargeInOwnWords, inOwnWords, type OwnWords } from '../../../domain/pricing/own-words.ts'
import type { Charge, RateCard, RateCardVersion } from '../../../domain/pricing/ratecard.ts'
import { settingsOfVersion } from '../../../domain/pricing/settings.ts'
import { validateRateCardVersion } from '../../../domain/pricing/validate.ts'
import { validateContract } from '../../../domain/pricing/validate-contract.ts'
import { type Answer, type CommandLine, finish, reading } from '../command-line.ts'
import { fileName, readDocument, refuseFaults } from '../documents.ts'
import { Refusal, WrongUse } from '../failure.ts'
import { contractFile, ratingMetricsFile } from '../formats.ts'
import { NO_CARD, plainCharge, plainCharges, plainContract } from '../plain-parts.ts'
import { definitions, metricsOf, rateOneCharge, rateOneContract } from '../rating.ts'
import { NOTHING_RATED, readUsage, type UsageFile } from '../usage-file.ts'

interface RateOptions {
  readonly charge?: string
  readonly contract: readonly string[]
  readonly card: readonly string[]
  readonly usage: string
  readonly month?: Month
  readonly untilMonth?: Month
  readonly timeZone?: string
  readonly currency?: string
  readonly cost?: DecimalText
  readonly metrics?: string
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const filled =
  (read: (given: unknown) => OwnWords, fill: (given: unknown) => unknown, notes: string[]) =>
  (given: unknown): OwnWords => {
    const own = read(given)
    notes.push(...own.notes)
    return { ...own, given: fill(own.given) }
  }

/** @throws Refusal where the file is a card, or a list of charges. */
const oneCharge = (given: unknown, file: string): unknown => {
  const list = isObject(given) ? given.charges : given
  if (!Array.isArray(list)) return given
  if (list.length === 1) return list[0]
  throw new Refusal(
    'charge_is_several',
    `${fileName(file)} has ${list.length} charges, and --charge rates one. Give one, or all of them with --card and a --contract. ${NOTHING_RATED}`,
  )
}

const checked = (file: string, issues: readonly Issue[]): void =>
  refuseFaults(
    file,
    issues
      .filter(({ severity }) => severity === 'error')
      .map((issue) => ({
        ...issue,
        message:
          issue.column === undefined || issue.message.startsWith(issue.column)
            ? issue.message
            : `${issue.column}: ${issue.message}`,
      })),
    NOTHING_RATED,
  )

const checkedCharges = (charges: readonly Charge[], usage: UsageFile, isAlone: boolean): readonly Issue[] =>
  validateRateCardVersion(
    { version: 1, effectiveFrom: '2000-01-01', charges },
    definitions(usage.head, charges.flatMap(metricsOf)),
  ).map((issue) => ({
    ...issue,
    ...(isAlone && issue.column !== undefined
      ? { column: issue.column.replace(/^charges\[0\]\.?/, '') }
      : {}),
  }))

const CARD_DAY = '1970-01-01'

/** The card of the files, each a version of it, in the order of their days. */
const cardOf = (
  files: readonly string[],
  contract: Contract,
  usage: UsageFile,
  workingDirectory: string,
  notes: string[],
): RateCard => {
  const read = files
    .map((file) => {
      const card = readDocument(
        rateCardFile,
        file,
        workingDirectory,
        filled(
          inOwnWords,
          (given) =>
            isObject(given)
              ? {
                  id: contract.rateCardId,
                  name: given.id ?? contract.rateCardId,
                  currency: usage.head.currency ?? 'USD',
                  effectiveFrom: CARD_DAY,
                  ...plainCharges(given),
                }
              : given,
          notes,
        ),
        NOTHING_RATED,
      )
      checked(file, checkedCharges(card.charges, usage, false))
      return { file, card }
    })
    .toSorted((a, b) => (a.card.effectiveFrom < b.card.effectiveFrom ? -1 : 1))
  const [first] = read
  if (first === undefined) {
    if ((contract.charges ?? []).length === 0)
      throw new Refusal(
        'card_is_missing',
        `Contract ${contract.id} has no charges of its own: name its rate card${contract.rateCardId === NO_CARD ? '' : ` ${contract.rateCardId}`} with --card FILE, or put charges into the contract. ${NOTHING_RATED}`,
      )
    const ownCurrency = contract.currency ?? usage.head.currency ?? 'USD'
    return {
      id: contract.rateCardId,
      name: contract.rateCardId,
      currency: ownCurrency,
      versions: [{ version: 1, effectiveFrom: CARD_DAY, charges: [] }],
    }
  }
  for (const { file, card } of read)
    if (card.id !== contract.rateCardId || card.currency !== first.card.currency)
      throw new Refusal(
        'contract_is_for_another_card',
        card.id === contract.rateCardId
          ? `${fileName(file)}, currency: ${card.currency} is not that of the card’s first version, ${first.card.currency}. ${NOTHING_RATED}`
          : `Contract ${contract.id} is for rate card ${contract.rateCardId}, and the card in ${fileName(file)} is ${card.id}. ${NOTHING_RATED}`,
      )
  const versions: RateCardVersion[] = []
  for (const { card } of read) {
    const { id: _id, name: _name, currency: _currency, privateTo: _privateTo, ...version } = card
    const settings = settingsOfVersion(version.settings, versions.at(-1) ?? null)
    versions.push({ version: versions.length + 1, ...version, settings } as RateCardVersion)
  }
  const { id, name, currency: ownCurrency, privateTo } = first.card
  // zod gives what was left out as absent, which its types say as undefined too.
  return {
    id,
    name,
    currency: ownCurrency,
    ...(privateTo && { privateTo }),
    versions,
  } as RateCard
}

const contractsOf = (
  files: readonly string[],
  workingDirectory: string,
  notes: string[],
): readonly [Contract, ...Contract[]] => {
  const read = files.map((file) => ({
    file,
    contract: readDocument(
      contractFile,
      file,
      workingDirectory,
      filled(inOwnWords, plainContract, notes),
      NOTHING_RATED,
    ),
  }))
  const [first, ...amendments] = read
  if (first === undefined) throw new WrongUse('Name a --contract.')
  for (const { file, contract } of amendments)
    if (contract.id !== first.contract.id || contract.amendment === undefined)
      throw new Refusal(
        'contract_is_no_amendment',
        `${fileName(file)} is given after ${fileName(first.file)}, and is no amendment of it: say "amendment": {"effectiveDay": "2026-10-16"} and the id ${first.contract.id}. ${NOTHING_RATED}`,
      )
  return [first.contract, ...amendments.map(({ contract }) => contract)]
}

const usageOf = async (options: RateOptions, workingDirectory: string): Promise<UsageFile> => {
  const { head, events } = await readUsage(options.usage, workingDirectory, options.timeZone)
  const metrics =
    options.metrics === undefined
      ? undefined
      : readDocument(ratingMetricsFile, options.metrics, workingDirectory, undefined, NOTHING_RATED)
  const { month: first, untilMonth, timeZone, currency: code, cost } = options
  const said = { month: first, untilMonth, timeZone, currency: code, cost, metrics }
  return {
    head: { ...head, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) },
    events,
  }
}

const answerOf = async (options: RateOptions, workingDirectory: string): Promise<Answer> => {
  const { charge: chargeFile, contract: contractFiles, card: cardFiles } = options
  if ((chargeFile === undefined) === (contractFiles.length === 0))
    throw new WrongUse('Name either a --charge or a --contract.')
  if (chargeFile !== undefined && cardFiles.length > 0)
    throw new WrongUse('A --card goes with a --contract: a --charge is rated without one.')
  const files = [chargeFile, ...contractFiles, ...cardFiles, options.usage, options.metrics]
  if (files.filter((file) => file === '-').length > 1)
    throw new WrongUse('Standard input (-) can be one file only.')
  const usage = await usageOf(options, workingDirectory)
  const notes: string[] = []
  if (chargeFile !== undefined) {
    const charge = readDocument(
      chargeSchema,
      chargeFile,
      workingDirectory,
      filled(chargeInOwnWords, (given) => plainCharge(oneCharge(given, chargeFile), 'charge'), notes),
      NOTHING_RATED,
    )
    checked(chargeFile, checkedCharges([charge], usage, true))
    return rateOneCharge(charge, usage, notes)
  }
  const versions = contractsOf(contractFiles, workingDirectory, notes)
  const latest = versions.at(-1) ?? versions[0]
  const named =
    latest.rateCardId === NO_CARD && cardFiles.length > 0
      ? (namedCard(cardFiles[0] ?? '', workingDirectory) ?? NO_CARD)
      : latest.rateCardId
  const own = versions.map((version) => ({ ...version, rateCardId: named }))
  const card = cardOf(cardFiles, own.at(-1) ?? latest, usage, workingDirectory, notes)
  for (const [at, version] of own.entries()) {
    const file = contractFiles[at] ?? ''
    checked(file, checkedCharges(version.charges ?? [], usage, false))
    checked(file, validateContract(version, card))
  }
  return rateOneContract(own as unknown as readonly [Contract, ...Contract[]], card, usage, notes)
}

/** The id that a card's file gives, for a contract that names none. */
const namedCard = (file: string, workingDirectory: string): string | undefined =>
  readDocument(
    z.object({ id: z.string().default(NO_CARD) }).loose(),
    file,
    workingDirectory,
    undefined,
    NOTHING_RATED,
  ).id

const gathered = (value: string, before: readonly string[]): readonly string[] => [...before, value]

export const addRateCommand = (program: Command, line: CommandLine): void => {
  const command = program
    .command('rate')
    .description('what a charge or a contract makes of usage, with every step; needs no book')
    .option('--charge <file>', 'one charge of a rate card (docs/formats/ratecard.md)')
    .option(
      '--contract <file>',
      'a contract (docs/formats/contract.md); again for each amendment, in order',
      gathered,
      [],
    )
    .option(
      '--card <file>',
      'the contract’s rate card (docs/formats/ratecard.md), unless the contract has all charges; again for each version',
      gathered,
      [],
    )
    .requiredOption(
      '--usage <file>',
      'a quantity or events: JSON, JSON lines or CSV (docs/formats/rating-usage.md); - for standard input',
    )
    .option('--month <month>', 'the month rated, or the first of several', reading(month))
    .option('--until-month <month>', 'the last month rated', reading(month))
    .option('--time-zone <zone>', 'the time zone of billing; UTC without it')
    .option('--currency <code>', 'of a charge, or of a contract without a card', reading(currency))
    .option('--cost <amount>', 'cost to serve a month, for cost-plus charges', reading(decimal))
    .option('--metrics <file>', 'metrics that are no plain sums (docs/formats/metrics.schema.json)')
  command.action(async () => {
    finish(line, command, await answerOf(command.opts<RateOptions>(), line.io.workingDirectory))
  })
}
