import { NativeSelect, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Issue } from '../../../domain/issue.ts'

/** What is wrong with the member at a path of the charge, as one text; undefined where nothing is. */
export const problemAt = (issues: readonly Issue[], path: string): string | undefined =>
  issues
    .filter(({ column, severity }) => column === path && severity === 'error')
    .map(({ message }) => message)
    .join(' ') || undefined

interface Common<Value extends string> {
  readonly label: string
  readonly value: Value
  readonly onChange: (value: Value) => void
  /** Named for readers of screens only: inside a table, whose header says it. */
  readonly isCell?: boolean
  /** Said after the label to readers of screens only, where several fields have one label: "cell 2". */
  readonly of?: string | undefined
  readonly w?: number
}

const naming = ({ label, isCell, of }: Pick<Common<string>, 'label' | 'isCell' | 'of'>) => ({
  ...(isCell ? {} : { label }),
  ...(isCell || of !== undefined ? { 'aria-label': of === undefined ? label : `${label}, ${of}` } : {}),
})

/** Text as it is typed, with what is wrong beside it. */
export const Field = (
  props: Common<string> & {
    readonly problem?: string | undefined
    readonly placeholder?: string
    readonly isText?: boolean
    readonly description?: ReactNode
  },
) => (
  <TextInput
    {...naming(props)}
    w={props.w ?? 120}
    inputMode={props.isText ? 'text' : 'decimal'}
    placeholder={props.placeholder}
    description={props.description}
    inputWrapperOrder={['label', 'input', 'description', 'error']}
    value={props.value}
    error={props.problem}
    onChange={(event) => props.onChange(event.currentTarget.value)}
  />
)

/** One of a few words. */
export const Choice = <Value extends string>(
  props: Common<Value> & { readonly data: readonly { readonly value: Value; readonly label: string }[] },
) => (
  <NativeSelect
    {...naming(props)}
    size="xs"
    w={props.w ?? 140}
    value={props.value}
    data={[...props.data]}
    onChange={(event) => props.onChange(event.currentTarget.value as Value)}
  />
)
