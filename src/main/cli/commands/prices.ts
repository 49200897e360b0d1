/** Rate cards and contracts: documents in, their versions out. */

import { isDeepStrictEqual } from 'node:util'
import type { Command } from 'commander'
import type { z } from 'zod'
import { rateCardFile } from '../../../contract/rate-cards.ts'
import { metricsOfCharge } from '../../../domain/pricing/needs.ts'
import { inOwnWords } from '../../../domain/pricing/own-words.ts'
import type { RateCard, RateCardVersion } from '../../../domain/pricing/ratecard.ts'
import { settingsOfVersion } from '../../../domain/pricing/settings.ts'
import { chargeInWords } from '../../../domain/pricing/words.ts'
import { type CommandLine, onBook, onReport } from '../command-line.ts'
import { readDocument } from '../documents.ts'
import { issueText } from '../failure.ts'
import { contractFile } from '../formats.ts'
import { blocks, count, counted, DASH, plain, sameAs, table } from '../text.ts'
import { addSimulate } from './simulate.ts'

/** Whether the card's newest version is the one in the file, so that a script may be run twice. */
/** What a file may say of a version; what it leaves out is not told from what is not there. */
type CardFile = z.output<typeof rateCardFile>

const isLatest = (card: RateCard, file: CardFile): boolean => {
  const latest = card.versions.at(-1)
  if (latest === undefined) return false
  const { version: _version, ...terms } = latest
  const known = {
    ...terms,
    id: card.id,
    name: card.name,
    currency: card.currency,
    privateTo: file.privateTo === undefined ? undefined : card.privateTo,
  }
  const said = (value: object) => Object.entries(value).filter(([, each]) => each !== undefined)
  const asked = { ...file, settings: settingsOfVersion(file.settings, latest) }
  return isDeepStrictEqual(
    Object.fromEntries(said({ ...known, settings: settingsOfVersion(latest.settings, latest) })),
    Object.fromEntries(said(asked)),
  )
}

const versionText = ({ version, effectiveFrom, charges, note }: RateCardVersion, currency: string): string =>
  blocks(
    `Version ${version}, from ${effectiveFrom}${note === undefined ? '' : `: ${plain(note)}`}`,
    table(
      [{ title: 'Charge' }, { title: 'Name' }, { title: 'Metric' }, { title: 'Price' }],
      charges.map((charge) => [
        charge.id,
        charge.name,
        metricsOfCharge(charge).join(', ') || DASH,
        chargeInWords(charge, { metrics: [], currency }),
      ]),
    ),
  )

const addRateCards = (program: Command, line: CommandLine): void => {
  const group = program.command('ratecard').description('dated, versioned price lists')

  onReport(line, group.command('list').description('rate cards'), async ({ client, asOf }) => {
    const cards = await client.rateCards.list(asOf)
    const text = table(
      [
        { title: 'Id' },
        { title: 'Name' },
        { title: 'Currency' },
        { title: 'Versions', right: true },
        { title: 'Latest from' },
        { title: 'Customers', right: true },
      ],
      cards.map(({ card, customers }) => [
        card.id,
        card.name,
        card.currency,
        String(card.versions.length),
        card.versions.at(-1)?.effectiveFrom ?? DASH,
        count(customers),
      ]),
    )
    return { data: cards, text }
  })

  onReport(
    line,
    group.command('show <id>').description('one rate card with its versions'),
    async ({ client, asOf }, _options, [rateCardId = '']) => {
      const found = await client.rateCards.get({ rateCardId, ...asOf })
      const { name, currency, versions } = found.card
      return {
        data: found,
        text: blocks(
          `${plain(name)} (${currency}), ${counted(found.customers.length, 'customer')}`,
          ...versions.toReversed().map((version) => versionText(version, currency)),
        ),
      }
    },
  )

  addSimulate(group, line)

  const set = group
    .command('set <file>')
    .description('make a rate card, or a new version of one (docs/formats/ratecard.md)')
  onBook(line, set, async ({ client, io }, _options, [file = '']) => {
    const notes: string[] = []
    const card = readDocument(rateCardFile, file, io.workingDirectory, (given) => {
      const own = inOwnWords(given)
      notes.push(...own.notes)
      return own
    })
    const known = (await client.rateCards.list()).find((each) => each.card.id === card.id)
    if (known !== undefined && isLatest(known.card, card))
      return {
        data: { id: card.id, version: known.version, issues: [], changed: false },
        text: sameAs(known.version),
      }
    const saved = await client.rateCards.save({
      ...card,
      expectedVersion: known?.version ?? 0,
    })
    return {
      data: { id: card.id, ...saved, changed: true },
      text: blocks(
        `Rate card ${card.id} saved as version ${saved.version}, in force from ${card.effectiveFrom}.`,
        notes.map(plain).join('\n'),
        saved.issues.map(issueText).map(plain).join('\n'),
      ),
    }
  })
}

const addContracts = (program: Command, line: CommandLine): void => {
  const group = program.command('contract').description('what a customer agreed')
  const set = group.command('set <file>').description('make or amend a contract (docs/formats/contract.md)')
  onBook(line, set, async ({ client, io }, _options, [file = '']) => {
    const contract = readDocument(contractFile, file, io.workingDirectory, inOwnWords)
    const { contracts } = await client.customers.get({ customerId: contract.customerId })
    const known = contracts.find((each) => each.contract.id === contract.id)
    if (isDeepStrictEqual(contract, known?.contract))
      return {
        data: { id: contract.id, version: known?.version, changed: false },
        text: sameAs(known?.version ?? 0),
      }
    const { version } = await client.customers.saveContract({
      ...contract,
      expectedVersion: known?.version ?? 0,
    })
    return {
      data: { id: contract.id, version, changed: true },
      text: `Contract ${contract.id} of ${contract.customerId} saved as version ${version}.`,
    }
  })
}

export const addPriceCommands = (program: Command, line: CommandLine): void => {
  addRateCards(program, line)
  addContracts(program, line)
}
