/** Reading a document from a file: JSON, checked by its schema, every fault named by its place. */
import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { z } from 'zod'
import type { Issue } from '../../domain/issue.ts'
import type { OwnWords } from '../../domain/pricing/own-words.ts'
import { pathText, Refusal } from './failure.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read by this user',
}

/**
 * The text of a file.
 * @throws Refusal `file_cannot_be_read`
 */
export const readText = (file: string, workingDirectory: string): string => {
  try {
    return readFileSync(resolve(workingDirectory, file), 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    throw new Refusal(
      'file_cannot_be_read',
      `${file} ${reasons[code] ?? `cannot be read (${code})`}. Nothing was changed.`,
    )
  }
}

const parse = (text: string, file: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Refusal(
      'document_is_not_json',
      `${file} is not JSON: ${(error as Error).message}. Nothing was changed.`,
    )
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Fields the schema did not take over: misspelt ones, which must not be dropped in silence. */
const unknownFields = (given: unknown, taken: unknown, path: readonly PropertyKey[]): PropertyKey[][] => {
  if (Array.isArray(given) && Array.isArray(taken))
    return given.flatMap((each, at) => unknownFields(each, taken[at], [...path, at]))
  if (!isObject(given) || !isObject(taken)) return []
  return Object.keys(given).flatMap((key) =>
    key in taken ? unknownFields(given[key], taken[key], [...path, key]) : [[...path, key]],
  )
}

/** The issues of the branch of a union that came furthest, since the union's own says only "invalid input". */
const innermost = (issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] => {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue]
  const depth = (issues: readonly z.core.$ZodIssue[]) => Math.max(...issues.map(({ path }) => path.length))
  const nearest = issue.errors.reduce((best, each) => (depth(each) > depth(best) ? each : best))
  return nearest.flatMap((each) => innermost({ ...each, path: [...issue.path, ...each.path] }))
}

const hint = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_type' && issue.expected === 'string' && typeof issue.input === 'number'
    ? ' Numbers that must be exact are written in quotes.'
    : ''

const toIssue = (issue: z.core.$ZodIssue): Issue => {
  const column = pathText(issue.path) || 'document'
  return {
    severity: 'error',
    code: 'document_is_wrong',
    message: `${column}: ${issue.message.replace(/\.?$/, '.')}${hint(issue)}`,
    column,
  }
}

const unknownField = (path: readonly PropertyKey[]): Issue => ({
  severity: 'error',
  code: 'field_is_unknown',
  message: `${pathText(path)}: there is no such field. Check how it is written.`,
  column: pathText(path),
})

const toIssues = (issue: z.core.$ZodIssue): readonly Issue[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => unknownField([...issue.path, key]))
    : [toIssue(issue)]

/**
 * The document in a file.
 * @param inWords puts other products' words in ours, before the schema reads it
 * @throws Refusal `document_is_not_json` or `document_is_wrong`, with an issue for each fault
 */
export const readDocument = <T>(
  schema: z.ZodType<T>,
  file: string,
  workingDirectory: string,
  inWords?: (given: unknown) => OwnWords,
): T => {
  const text = parse(readText(file, workingDirectory), file)
  const { given, issues: ambiguous } = inWords?.(text) ?? { given: text, issues: [] }
  const read = schema.safeParse(given, { reportInput: true })
  const issues: readonly Issue[] =
    ambiguous.length > 0
      ? ambiguous
      : read.success
        ? unknownFields(given, read.data, [])
            .filter((path) => pathText(path) !== '$schema')
            .map(unknownField)
        : read.error.issues.flatMap(innermost).flatMap(toIssues)
  if (!read.success || issues.length > 0)
    throw new Refusal(
      'document_is_wrong',
      `${basename(file)} has ${issues.length === 1 ? 'one fault' : `${issues.length} faults`}. Nothing was changed.`,
      issues,
    )
  return read.data
}
