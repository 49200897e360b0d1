/** Allocation plans: a document in, its versions out; what a month came to, and what a unit costs to serve. */
import { isDeepStrictEqual } from 'node:util'
import type { Command } from 'commander'
import type { AllocationReport } from '../../../contract/allocation.ts'
import { month } from '../../../contract/common.ts'
import { COST_BASES, type CostBasis, costBasis } from '../../../contract/cost.ts'
import { addMonths, type Month } from '../../../domain/period.ts'
import { type CommandLine, onBook, onReport, reading } from '../command-line.ts'
import { readDocument } from '../documents.ts'
import { issueText } from '../failure.ts'
import { allocationFile } from '../formats.ts'
import { equationText } from '../report-text.ts'
import { spanOf } from '../slices.ts'
import { blocks, counted, DASH, number, plain, sameAs, table } from '../text.ts'

const SERVED_MONTHS = 12
const BASES = `cost by ${COST_BASES.join(', ')}; as the book says without it`

const right = (title: string) => ({ title, right: true })

const reportText = (report: AllocationReport): string =>
  blocks(
    report.planFrom === null
      ? `No plan is in force in ${report.month}.`
      : `Allocation of ${report.month} in ${report.currency}, ${report.basis} cost, by the plan from ${report.planFrom}`,
    report.steps.length === 0
      ? null
      : table(
          [
            { title: 'Step' },
            right('Pool'),
            right('Allocated'),
            right('Idle'),
            right('Left'),
            { title: 'Goes to' },
            right('Share %'),
            right('Amount'),
          ],
          report.steps.flatMap((step) => {
            const head = [
              step.name,
              number(step.pool),
              number(step.allocated),
              number(step.idle),
              number(step.left),
            ]
            const shares = step.shares.map(({ name, share, amount }) => [name, number(share), number(amount)])
            return (shares.length === 0 ? [[DASH, '', '']] : shares).map((share, at) => [
              ...(at === 0 ? head : ['', '', '', '', '']),
              ...share,
            ])
          }),
        ),
    equationText(report.equation),
    report.issues.map(issueText).map(plain).join('\n'),
  )

interface ReportOptions {
  readonly month?: Month
  readonly basis?: CostBasis
}

export const addAllocationCommands = (program: Command, line: CommandLine): void => {
  const group = program
    .command('allocation')
    .description('how shared cost is split between customers, step by step')

  onReport(
    line,
    group.command('show').description('the plans by the month they begin, with their steps in order'),
    async ({ client, asOf }) => {
      const { plans } = await client.allocation.get(asOf)
      return {
        data: plans,
        text:
          plans.length === 0
            ? 'There is no allocation plan yet.'
            : blocks(
                ...plans.map(({ plan, version, words }) =>
                  [
                    `From ${plan.from}, version ${version}, ${counted(plan.steps.length, 'step')}`,
                    ...words.map(
                      (each, at) => `${at + 1}. ${plain(plan.steps[at]?.name ?? '')}: ${plain(each)}`,
                    ),
                  ].join('\n'),
                ),
              ),
      }
    },
  )

  const set = group
    .command('set <file>')
    .description('make a plan, or a new version of the one that begins then (docs/formats/allocation.md)')
  onBook(line, set, async ({ client, io }, _options, [file = '']) => {
    const plan = readDocument(allocationFile, file, io.workingDirectory)
    const known = (await client.allocation.get()).plans.find((each) => each.plan.from === plan.from)
    if (known !== undefined && isDeepStrictEqual(known.plan, plan))
      return {
        data: { from: plan.from, version: known.version, issues: [], changed: false },
        text: sameAs(known.version),
      }
    const saved = await client.allocation.save({ plan, expectedVersion: known?.version ?? 0 })
    return {
      data: { from: plan.from, ...saved, changed: true },
      text: blocks(
        `${counted(plan.steps.length, 'step')} from ${plan.from} on saved as version ${saved.version}.`,
        saved.issues.map(issueText).map(plain).join('\n'),
      ),
    }
  })

  const preview = group
    .command('preview <file>')
    .description('what a plan of a file would split; changes nothing')
    .option('--month <month>', 'which month (else the latest with data)', reading(month))
    .option('--basis <basis>', BASES, reading(costBasis))
  onReport<ReportOptions>(line, preview, async ({ client, io, asOf }, options, [file = '']) => {
    const { from } = await spanOf(client, options, asOf)
    const report = await client.allocation.preview({
      plan: readDocument(allocationFile, file, io.workingDirectory),
      month: from,
      ...(options.basis === undefined ? {} : { basis: options.basis }),
      ...asOf,
    })
    return {
      data: report,
      text: reportText(report),
      good: report.issues.every(({ severity }) => severity !== 'error'),
    }
  })

  const report = group
    .command('report')
    .description('what was allocated in a month: pools, shares and amounts')
    .option('--month <month>', 'which month (else the latest with data)', reading(month))
    .option('--basis <basis>', BASES, reading(costBasis))
  onReport<ReportOptions>(line, report, async ({ client, asOf }, options) => {
    const { from } = await spanOf(client, options, asOf)
    const found = await client.allocation.report({
      month: from,
      ...(options.basis === undefined ? {} : { basis: options.basis }),
      ...asOf,
    })
    return { data: found, text: reportText(found), good: found.equation.holds }
  })

  const serve = group
    .command('cost-to-serve <metric>')
    .description('what a unit of a metric costs to serve, by month and customer')
    .option('--month <month>', 'up to which month (else the latest with data)', reading(month))
    .option('--basis <basis>', BASES, reading(costBasis))
  onReport<ReportOptions>(line, serve, async ({ client, asOf }, options, [metric = '']) => {
    const { to } = await spanOf(client, options, asOf)
    const found = await client.allocation.costToServe({
      metric,
      from: addMonths(to, 1 - SERVED_MONTHS),
      to,
      ...(options.basis === undefined ? {} : { basis: options.basis }),
      ...asOf,
    })
    return {
      data: found,
      text: blocks(
        plain(found.definition),
        table(
          [
            { title: 'Month' },
            right('Quantity'),
            right('Cost'),
            right(`${found.currency} per ${found.unit}`),
            right('Coverage %'),
          ],
          found.months.map((each) => [
            each.month,
            number(each.quantity),
            number(each.cost),
            number(each.unitCost),
            number(each.coverage),
          ]),
        ),
        found.customers.length === 0
          ? null
          : table(
              [
                { title: `Customer, ${to}` },
                right('Quantity'),
                right('Cost'),
                right(`${found.currency} per ${found.unit}`),
              ],
              found.customers.map((each) => [
                each.name,
                number(each.quantity),
                number(each.cost),
                number(each.unitCost),
              ]),
            ),
        found.gaps.map(plain).join('\n'),
      ),
    }
  })
}
