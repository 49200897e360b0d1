/** Attribution rules: a document in, its versions out; what it would claim, and what a row meets. */
import { isDeepStrictEqual } from 'node:util'
import type { Command } from 'commander'
import { day, month } from '../../../contract/common.ts'
import { describeRule } from '../../../domain/attribution/describe.ts'
import type { Month } from '../../../domain/period.ts'
import { type CommandLine, onBook, onReport, reading } from '../command-line.ts'
import { readDocument, readText } from '../documents.ts'
import { issueText } from '../failure.ts'
import { rulesFile } from '../formats.ts'
import { blocks, count, counted, DASH, number, plain, sameAs, table } from '../text.ts'

export const addRuleCommands = (program: Command, line: CommandLine): void => {
  const group = program.command('rules').description('attribution rules: which tenant a cost belongs to')

  onReport(
    line,
    group.command('show').description('the rules in order; the first that matches wins'),
    async ({ client, asOf }) => {
      const { rules, version } = await client.rules.get(asOf)
      const list = rules.map((rule, at) => `${at + 1}. ${plain(rule.id)}: ${plain(describeRule(rule))}`)
      return {
        data: { rules, version },
        text: blocks(
          version === 0 ? 'There are no rules yet.' : `Version ${version}, ${counted(rules.length, 'rule')}`,
          list.join('\n'),
        ),
      }
    },
  )

  const set = group
    .command('set <file>')
    .description('replace the rules by those of a file (docs/formats/rules.md)')
  onBook(line, set, async ({ client, io }, _options, [file = '']) => {
    const { rules } = readDocument(rulesFile, file, io.workingDirectory)
    const before = await client.rules.get()
    if (isDeepStrictEqual(rules, before.rules))
      return {
        data: { version: before.version, rules: rules.length, changed: false },
        text: sameAs(before.version),
      }
    const { version } = await client.rules.save({ rules, expectedVersion: before.version })
    return {
      data: { version, rules: rules.length, changed: true },
      text: `${counted(rules.length, 'rule')} saved as version ${version}.`,
    }
  })

  const preview = group
    .command('preview <file>')
    .description('what each rule of a file would claim; changes nothing')
    .option('--month <month>', 'only this month', reading(month))
  onReport<{ month?: Month }>(line, preview, async ({ client, io, asOf }, options, [file = '']) => {
    const { rules } = readDocument(rulesFile, file, io.workingDirectory)
    const claims = await client.rules.preview({
      rules,
      ...(options.month === undefined ? {} : { month: options.month }),
      ...asOf,
    })
    const text = blocks(
      table(
        [
          { title: 'Rule' },
          { title: 'Claims' },
          { title: 'Entries', right: true },
          { title: `${claims.basis} ${claims.currency}`, right: true },
        ],
        claims.rules.map((rule) => [rule.ruleId, rule.words, count(rule.entries), number(rule.amount)]),
        ['Attributed', '', '', number(claims.attributed)],
      ),
      `Total ${number(claims.total)}, unattributed ${number(claims.unattributed)}.`,
      claims.unattributedByService.length === 0
        ? null
        : table(
            [
              { title: 'Unattributed by service' },
              { title: 'Amount', right: true },
              { title: 'Entries', right: true },
            ],
            claims.unattributedByService.map((each) => [
              each.key ?? DASH,
              number(each.amount),
              count(each.entries),
            ]),
          ),
      claims.issues.map(issueText).map(plain).join('\n'),
    )
    return { data: claims, text, good: claims.issues.every(({ severity }) => severity !== 'error') }
  })

  const bench = group
    .command('try <file>')
    .description(
      'which rule takes the row of a bill in a file (CSV with its header, or JSON), and why others do not',
    )
    .option('--rules <file>', 'rules of a file in place of the book’s')
    .option('--day <day>', 'the day of service, else that of the row', reading(day))
  onReport<{ rules?: string; day?: string }>(
    line,
    bench,
    async ({ client, io, asOf }, options, [file = '']) => {
      const trial = await client.rules.try({
        row: readText(file, io.workingDirectory),
        ...(options.rules === undefined
          ? {}
          : { rules: readDocument(rulesFile, options.rules, io.workingDirectory).rules }),
        ...(options.day === undefined ? {} : { day: options.day }),
        ...asOf,
      })
      return {
        data: trial,
        text: blocks(
          plain(trial.sentence),
          table(
            [{ title: 'Rule' }, { title: 'Outcome' }, { title: 'Why' }],
            trial.rules.map((rule) => [rule.ruleId, rule.outcome.replaceAll('_', ' '), rule.words]),
          ),
        ),
      }
    },
  )

  const propose = group
    .command('propose')
    .description('rules that tags, namespaces and accounts suggest for what none claims; changes nothing')
    .option('--month <month>', 'only this month', reading(month))
  onReport<{ month?: Month }>(line, propose, async ({ client, asOf }, options) => {
    const found = await client.rules.propose({
      ...(options.month === undefined ? {} : { month: options.month }),
      ...asOf,
    })
    return {
      data: found,
      text:
        found.proposals.length === 0
          ? 'Nothing unattributed carries a tag or an account that a rule could name a tenant by.'
          : table(
              [
                { title: 'From' },
                { title: 'Rule' },
                { title: 'Would do' },
                { title: 'Entries', right: true },
                { title: `${found.basis} ${found.currency}`, right: true },
              ],
              found.proposals.map((each) => [
                each.kind,
                each.rule.id,
                each.words,
                count(each.entries),
                number(each.amount),
              ]),
            ),
    }
  })
}
