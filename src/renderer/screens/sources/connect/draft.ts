/** A source while it is being connected: fields as typed, read into a configuration when it is tried. */
import type { ConnectionConfig, ConnectionField } from '../../../../contract/connections.ts'

export type TableRow = Readonly<Record<string, string>>
export type FieldValue = string | boolean | readonly TableRow[]

export interface ConnectionDraft {
  readonly kind: string
  readonly name: string
  readonly everyMinutes: string
  readonly values: Readonly<Record<string, FieldValue>>
  /** Never leaves the page but to be tried, and to be saved in the keychain. */
  readonly secrets: Readonly<Record<string, string>>
}

const initialOf = (field: ConnectionField): FieldValue => {
  if (field.kind === 'table')
    return field.initial === undefined ? [] : (JSON.parse(field.initial) as TableRow[])
  if (field.kind === 'yes_no') return field.initial === 'true'
  return field.initial ?? (field.kind === 'choice' ? (field.choices?.[0]?.value ?? '') : '')
}

export const newDraft = (kind: {
  readonly kind: string
  readonly title: string
  readonly everyMinutes: number
  readonly fields: readonly ConnectionField[]
}): ConnectionDraft => ({
  kind: kind.kind,
  name: kind.title,
  everyMinutes: String(kind.everyMinutes),
  values: Object.fromEntries(
    kind.fields.filter((field) => field.kind !== 'secret').map((field) => [field.key, initialOf(field)]),
  ),
  secrets: {},
})

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

const asText = (value: FieldValue | undefined): string => (typeof value === 'string' ? value : '')

/** What is typed, as the kind reads it: empty fields that may be empty are left out. */
export const configOf = (draft: ConnectionDraft, fields: readonly ConnectionField[]): ConnectionConfig => {
  const config: ConnectionConfig = {}
  for (const field of fields) {
    if (field.kind === 'secret') continue
    const value = draft.values[field.key]
    if (field.kind === 'yes_no') config[field.key] = value === true
    else if (field.kind === 'lines') config[field.key] = linesOf(asText(value))
    else if (field.kind === 'table')
      config[field.key] = (Array.isArray(value) ? (value as readonly TableRow[]) : [])
        .filter((row) => Object.values(row).some((cell) => cell.trim() !== ''))
        .map((row) =>
          Object.fromEntries(
            Object.entries(row).flatMap(([key, cell]) => (cell.trim() === '' ? [] : [[key, cell.trim()]])),
          ),
        )
    else if (field.required || asText(value).trim() !== '') config[field.key] = asText(value).trim()
  }
  return config
}

/** A source that is connected, to be changed. */
export const draftOf = (
  connection: {
    readonly kind: string
    readonly name: string
    readonly everyMinutes: number
    readonly config: ConnectionConfig
  },
  fields: readonly ConnectionField[],
): ConnectionDraft => ({
  kind: connection.kind,
  name: connection.name,
  everyMinutes: String(connection.everyMinutes),
  values: Object.fromEntries(
    fields
      .filter((field) => field.kind !== 'secret')
      .map((field): readonly [string, FieldValue] => {
        const kept = connection.config[field.key]
        if (field.kind === 'yes_no') return [field.key, kept === true]
        if (field.kind === 'table') return [field.key, Array.isArray(kept) ? (kept as TableRow[]) : []]
        if (field.kind === 'lines')
          return [field.key, Array.isArray(kept) ? (kept as string[]).join('\n') : '']
        return [field.key, typeof kept === 'string' ? kept : '']
      }),
  ),
  secrets: {},
})

/** Labels of required fields that are still empty. */
export const missingFields = (
  draft: ConnectionDraft,
  fields: readonly ConnectionField[],
): readonly string[] => {
  const config = configOf(draft, fields)
  return fields
    .filter(({ required, kind }) => required && kind !== 'secret')
    .filter(({ key }) => {
      const value = config[key]
      return value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
    })
    .map(({ label }) => label)
}
