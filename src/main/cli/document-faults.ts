/** What is wrong with a document, each fault a sentence: where it stands, what is there, what should be. */
import { z } from 'zod'
import type { Issue } from '../../domain/issue.ts'
import { pathText } from './failure.ts'
import { nearestName } from './field-names.ts'
import { ExactNumber } from './json-text.ts'

type ZodIssue = z.core.$ZodIssue
type JsonSchema = z.core.JSONSchema.BaseSchema

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `"2.5"`, `an object`, `nothing`. */
const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (value instanceof ExactNumber) return value.text
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if (typeof value === 'object') return 'an object'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text in quotes',
  number: 'a number without quotes',
  int: 'a whole number without quotes',
  boolean: 'true or false',
  object: 'an object in { }',
  record: 'an object in { }',
  array: 'a list in [ ]',
}

const listed = (values: readonly unknown[]): string => {
  const words = values.map((value) => shown(value))
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

/** What should stand there, or null where the schema's own message says it best. */
const wanted = (issue: ZodIssue): string | null => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.startsWith('Invalid input') ? (TYPES[issue.expected] ?? issue.expected) : null
    case 'invalid_value':
      return listed(issue.values)
    case 'too_small':
    case 'too_big': {
      const bound = issue.code === 'too_small' ? issue.minimum : issue.maximum
      const limit = `${issue.code === 'too_small' ? 'at least' : 'at most'} ${bound}`
      if (issue.origin === 'array') return `${limit} ${bound === 1 ? 'item' : 'items'}`
      if (issue.origin === 'string')
        return bound === 1 && issue.code === 'too_small' ? 'a text that is not empty' : `${limit} characters`
      return limit
    }
    case 'invalid_format':
      if (!issue.message.startsWith('Invalid')) return null
      return issue.format === 'datetime' ? 'a time with its zone, like 2026-10-05T12:00:00Z' : null
    default:
      return null
  }
}

const sentence = (issue: ZodIssue): string => {
  const words = wanted(issue) ?? issue.message.replace(/\.$/, '')
  if (issue.input === undefined && issue.code === 'invalid_type') return `is missing: ${words}`
  // The contract's own messages name what they want ("a day, like 2026-10-31"); others are whole sentences.
  const isWish = wanted(issue) !== null || /^an? |^at /.test(words)
  const isObject = issue.code === 'custom' && typeof issue.input === 'object'
  return isWish ? `expected ${words}${isObject ? '' : `, not ${shown(issue.input)}`}` : words
}

/** The issues of the branch of a union that came furthest, since the union's own says only "invalid input". */
export const innermost = (issue: ZodIssue): readonly ZodIssue[] => {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue]
  const values = issue.errors.flatMap((branch) =>
    branch.flatMap((each) => (each.code === 'invalid_value' && each.path.length === 0 ? each.values : [])),
  )
  // Of several constants none came further than another: all of them are what may stand there.
  if (values.length === issue.errors.length)
    return [{ code: 'invalid_value', values, path: issue.path, input: issue.input, message: issue.message }]
  const depth = (issues: readonly ZodIssue[]) => Math.max(...issues.map(({ path }) => path.length))
  const nearest = issue.errors.reduce((best, each) => (depth(each) > depth(best) ? each : best))
  return nearest.flatMap((each) => innermost({ ...each, path: [...issue.path, ...each.path] }))
}

const resolved = (schema: JsonSchema | undefined, root: JsonSchema): JsonSchema => {
  const name = /^#\/\$defs\/(.+)$/.exec(schema?.$ref ?? '')?.[1]
  const target = name === undefined ? undefined : root.$defs?.[name]
  return target === undefined ? (schema ?? {}) : resolved(target as JsonSchema, root)
}

const asSchemas = (schemas: readonly unknown[] | undefined): readonly JsonSchema[] =>
  (schemas ?? []) as readonly JsonSchema[]

/** The branches of a schema that a value may be meant for: by its kind, where that tells them apart. */
const branches = (schema: JsonSchema, value: unknown, root: JsonSchema): readonly JsonSchema[] => {
  const own = resolved(schema, root)
  const all = asSchemas(own.oneOf ?? own.anyOf).flatMap((each) => branches(each, value, root))
  if (all.length === 0) return [own]
  const kind = isObject(value) ? value.kind : undefined
  const named = all.filter(
    (each) => resolved(each.properties?.kind as JsonSchema | undefined, root).const === kind,
  )
  return kind !== undefined && named.length > 0 ? named : all
}

const childOf = (schema: JsonSchema, key: PropertyKey): JsonSchema | undefined => {
  if (typeof key === 'number') return schema.items as JsonSchema | undefined
  const own = schema.properties?.[String(key)] ?? schema.additionalProperties
  return typeof own === 'object' ? (own as JsonSchema) : undefined
}

/** The fields that an object at the path may have. */
export const fieldsAt = (
  schema: z.ZodType,
  document: unknown,
  path: readonly PropertyKey[],
): readonly string[] => {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  let value = document
  let found = branches(root, value, root)
  for (const key of path) {
    value = isObject(value) || Array.isArray(value) ? (value as Record<PropertyKey, unknown>)[key] : undefined
    found = found.flatMap((each) => {
      const child = childOf(each, key)
      return child === undefined ? [] : branches(child, value, root)
    })
  }
  return [...new Set(found.flatMap((each) => Object.keys(each.properties ?? {})))].filter(
    (name) => name !== '$schema',
  )
}

const FIELDS_SHOWN = 30

/** A field that there is not: what was meant, or all there are. */
export const unknownField = (schema: z.ZodType, document: unknown, path: readonly PropertyKey[]): Issue => {
  const column = pathText(path)
  const fields = fieldsAt(schema, document, path.slice(0, -1))
  const near = nearestName(String(path.at(-1)), fields)
  const remedy =
    near !== null
      ? `Did you mean ${near}?`
      : fields.length > 0 && fields.length <= FIELDS_SHOWN
        ? `There are: ${fields.join(', ')}.`
        : 'Check how it is written.'
  return {
    severity: 'error',
    code: 'field_is_unknown',
    message: `${column}: there is no such field. ${remedy}`,
    column,
  }
}

/** A kind that is none of ours, with the one that is meant, or all there are. */
const unknownKind = (issue: ZodIssue, document: unknown): string => {
  const kinds = [...issue.message.matchAll(/'([^']+)'/g)].map(([, kind]) => kind ?? '')
  const place = issue.path.slice(0, -1)
  const holder = place.reduce<unknown>(
    (value, key) =>
      isObject(value) || Array.isArray(value) ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    document,
  )
  const given = isObject(holder) ? holder[String(issue.path.at(-1))] : undefined
  const list = `one of ${kinds.join(', ')}`
  if (given === undefined) return `is missing: ${list}`
  const near = typeof given === 'string' ? nearestName(given, kinds) : null
  return near === null
    ? `expected ${list}, not ${shown(given)}`
    : `${shown(given)} is none. Did you mean ${near}?`
}

/** The faults that a schema found, in sentences. */
export const faultsOf = (
  schema: z.ZodType,
  document: unknown,
  found: readonly ZodIssue[],
): readonly Issue[] =>
  found.flatMap(innermost).flatMap((issue): readonly Issue[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownField(schema, document, [...issue.path, key]))
    const column = pathText(issue.path) || 'document'
    const words =
      issue.code === 'invalid_union' && issue.message.startsWith('Invalid discriminator')
        ? unknownKind(issue, document)
        : sentence(issue)
    return [
      {
        severity: 'error',
        code: 'document_is_wrong',
        message: `${column}: ${words.replace(/([^.?])$/, '$1.')}`,
        column,
      },
    ]
  })
