/** The JSON Schemas of the documents that are read and answered. */
import type { Command } from 'commander'
import { type CommandLine, finish } from '../command-line.ts'
import { WrongUse } from '../failure.ts'
import { nearestName } from '../field-names.ts'
import { FORMATS } from '../formats.ts'
import { jsonSchemaOf } from '../json-schema.ts'
import { table } from '../text.ts'

export const addSchemaCommand = (program: Command, line: CommandLine): void => {
  const command = program
    .command('schema [name]')
    .description(
      'the JSON Schema of a document that is read or answered; without a name which ones there are',
    )
  command.action((name: string | undefined) => {
    const names = Object.keys(FORMATS)
    if (name === undefined) {
      finish(line, command, {
        data: Object.entries(FORMATS).map(([each, { title, description }]) => ({
          name: each,
          title,
          description,
        })),
        text: table(
          [{ title: 'Name' }, { title: 'What it is' }],
          Object.entries(FORMATS).map(([each, { description }]) => [each, description]),
        ),
      })
      return
    }
    const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined
    if (format === undefined) {
      const near = nearestName(name, names)
      throw new WrongUse(
        `There is no schema ${name}. ${near === null ? `There are ${names.join(', ')}.` : `Did you mean ${near}?`}`,
      )
    }
    const schema = jsonSchemaOf(format)
    finish(line, command, { data: schema, text: JSON.stringify(schema, null, 2) })
  })
}
