/** Deals: model, save, approve, close. */
import { type Command, Option } from 'commander'
import { formatAmount } from '../../../domain/pricing/format.ts'
import { type CommandLine, onBook, onReport } from '../command-line.ts'
import { readDocument } from '../documents.ts'
import { issueText, Refusal } from '../failure.ts'
import { dealFile } from '../formats.ts'
import { blocks, DASH, percent, plain, table } from '../text.ts'

export const addDealCommands = (program: Command, line: CommandLine): void => {
  const group = program.command('deal').description('proposed contracts')

  const model = group
    .command('model <file>')
    .description('model up to three scenarios for a customer; changes nothing (docs/formats/deal.md)')
  onReport(line, model, async ({ client, io, asOf }, _options, [file = '']) => {
    const { customerId, scenarios } = readDocument(dealFile, file, io.workingDirectory)
    const modelled = await client.deals.model({ customerId, scenarios, ...asOf })
    const money = (amount: (typeof modelled.scenarios)[number]['cost']) =>
      amount === null ? DASH : formatAmount(amount, modelled.currency)
    const text = blocks(
      table(
        [
          { title: 'Scenario' },
          { title: `Contract value ${modelled.currency}`, right: true },
          { title: 'Cost', right: true },
          { title: 'Margin', right: true },
          { title: 'Margin %', right: true },
          { title: 'Break-even discount', right: true },
          { title: '' },
        ],
        modelled.scenarios.map((each) => [
          each.name,
          money(each.totalContractValue),
          money(each.cost),
          money(each.margin),
          percent(each.marginPercent),
          percent(each.breakEvenDiscountPercent),
          each.belowFloor ? 'below floor' : '',
        ]),
      ),
      plain(modelled.comparison),
      modelled.issues.map(issueText).map(plain).join('\n'),
    )
    return { data: modelled, text }
  })

  const save = group.command('save <file>').description('save a deal as a draft (docs/formats/deal.md)')
  onBook(line, save, async ({ client, io }, _options, [file = '']) => {
    const {
      id,
      name,
      customerId,
      scenarios,
      chosen = 0,
      note = '',
    } = readDocument(dealFile, file, io.workingDirectory)
    if (id === undefined || name === undefined)
      throw new Refusal(
        'document_is_wrong',
        `${file}: to be saved, a deal needs an id and a name. Nothing was changed.`,
      )
    const known = (await client.deals.list()).find(({ deal }) => deal.id === id)
    const { version } = await client.deals.save({
      id,
      name,
      customerId,
      scenarios,
      chosen,
      note,
      expectedVersion: known?.version ?? 0,
    })
    return { data: { id, version }, text: `Deal ${id} saved as version ${version}.` }
  })

  onReport(line, group.command('list').description('deals, newest first'), async ({ client, asOf }) => {
    const deals = await client.deals.list(asOf)
    const text = table(
      [
        { title: 'Id' },
        { title: 'Name' },
        { title: 'Customer' },
        { title: 'State' },
        { title: 'Margin %', right: true },
        { title: '' },
      ],
      deals.map(({ deal, customerName, summary }) => [
        deal.id,
        deal.name,
        customerName,
        deal.state,
        percent(summary?.marginPercent ?? null),
        summary?.belowFloor === true ? 'below floor' : '',
      ]),
    )
    return { data: deals, text }
  })

  const approve = group
    .command('approve <id>')
    .description('approve the chosen scenario')
    .option('--reason <text>', 'needed below the margin floor', '')
  onBook<{ reason: string }>(line, approve, async ({ client }, { reason }, [dealId = '']) => {
    const { version: expectedVersion } = await client.deals.get({ dealId })
    const { version } = await client.deals.approve({ dealId, expectedVersion, reason })
    return { data: { id: dealId, version }, text: `Deal ${dealId} approved (version ${version}).` }
  })

  const close = group
    .command('close <id>')
    .description('say how it ended; a won deal becomes the customer’s contract')
    .addOption(
      new Option('--outcome <outcome>', 'how it ended').choices(['won', 'lost']).makeOptionMandatory(),
    )
  onBook<{ outcome: 'won' | 'lost' }>(line, close, async ({ client }, { outcome }, [dealId = '']) => {
    const { version: expectedVersion } = await client.deals.get({ dealId })
    const closed = await client.deals.close({ dealId, expectedVersion, outcome })
    const contract = closed.contractId === null ? '' : ` Its contract is ${closed.contractId}.`
    return { data: { id: dealId, ...closed }, text: `Deal ${dealId} is ${outcome}.${contract}` }
  })
}
