/** Tokens with which programs push events. */
import type { Command } from 'commander'
import { type CommandLine, onBook } from '../command-line.ts'
import { Refusal } from '../failure.ts'
import { table } from '../text.ts'

/** UTC. */
const minute = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')

export const addTokenCommands = (program: Command, line: CommandLine): void => {
  const group = program.command('token').description('tokens that may push events to a served book')

  onBook(line, group.command('list').description('whom tokens were made for'), async ({ client }) => {
    const tokens = await client.ingestTokens.list()
    const text = table(
      [
        ...[{ title: 'Name' }, { title: 'Source' }, { title: 'Made' }, { title: 'Source delivered' }],
        ...[{ title: 'Revoked' }, { title: 'Id' }],
      ],
      tokens.map(({ name, source, createdMs, lastDeliveryMs, revokedMs, id }) => [
        name,
        source,
        minute(createdMs),
        lastDeliveryMs === null ? 'never' : minute(lastDeliveryMs),
        revokedMs === null ? '' : minute(revokedMs),
        id,
      ]),
    )
    return { data: tokens, text }
  })

  const create = group
    .command('create <name>')
    .description('makes a token that may push events and nothing else; it is shown this once')
    .option('--source <name>', 'the source its events are kept under; else the name')
  onBook<{ source?: string }>(line, create, async ({ client }, options, [name = '']) => {
    const made = await client.ingestTokens.create({ name, source: options.source ?? name })
    return {
      data: made,
      text: `${made.token}\nIt is shown this once. Programs send it to /api/ingest as "Authorization: Bearer TOKEN".`,
    }
  })

  onBook(
    line,
    group.command('revoke <id>').description('refuses a token from now on'),
    async ({ client }, _options, [id = '']) => {
      const found = (await client.ingestTokens.list()).find((each) => each.id === id)
      if (found === undefined)
        throw new Refusal('no_such_token', `There is no token ${id}. "token list" names them.`)
      await client.ingestTokens.revoke({ id, expectedVersion: found.version })
      return {
        data: { id },
        text: `The token of ${found.name} is refused from now on. What it pushed stays.`,
      }
    },
  )
}
