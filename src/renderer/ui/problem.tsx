import { Text } from '@mantine/core'
import type { Issue } from '../../domain/issue.ts'

/** Red that can be read on either background. */
export const PROBLEM_COLOR = 'light-dark(var(--mantine-color-red-9), var(--mantine-color-red-4))'

/** What is wrong with a document, small and beside it: errors in red, warnings plain. */
export const Problems = (props: { issues: readonly Issue[] }) => (
  <div role="status">
    {props.issues.map((issue) => (
      <Text
        key={`${issue.column ?? ''} ${issue.message}`}
        size="xs"
        {...(issue.severity === 'error' ? { c: PROBLEM_COLOR } : {})}
      >
        {issue.message}
      </Text>
    ))}
  </div>
)
