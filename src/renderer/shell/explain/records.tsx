import { Button, Group, Text } from '@mantine/core'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { formatCount } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'

const PAGE = 100

interface Page<Row> {
  readonly records: readonly Row[]
  readonly more: boolean
}

/** How the records of a scope are asked for: each page after the last record of the one before. */
export const pagesOf = <Scope,>(scope: Scope) => ({
  input: (afterSeq: number | undefined) => ({
    scope,
    limit: PAGE,
    ...(afterSeq === undefined ? {} : { afterSeq }),
  }),
  initialPageParam: undefined,
  getNextPageParam: (last: Page<{ readonly seq: number }>) =>
    last.more ? last.records.at(-1)?.seq : undefined,
})

/** The entries behind a figure, a page at a time; each opens its raw record. */
export const Records = <Row extends { readonly seq: number }>(props: {
  title: string
  pages: UseInfiniteQueryResult<InfiniteData<Page<Row>, unknown>>
  columns: readonly Column<Row>[]
  onOpen: (target: ExplainTarget) => void
}) => {
  const { pages } = props
  return (
    <Section title="Records">
      <Query of={pages} what="The records">
        {(data) => {
          const records = data.pages.flatMap((page) => page.records)
          return (
            <>
              <DataTable
                title={props.title}
                maxHeight={320}
                rows={records}
                rowKey={(record) => String(record.seq)}
                onOpen={(record) => props.onOpen({ kind: 'record', seq: record.seq })}
                columns={props.columns}
              />
              <Group gap="xs">
                {pages.hasNextPage && (
                  <Button
                    variant="default"
                    loading={pages.isFetchingNextPage}
                    onClick={() => void pages.fetchNextPage()}
                  >
                    More
                  </Button>
                )}
                <Text size="xs" c="dimmed" role="status">
                  {formatCount(records.length)} shown
                  {pages.hasNextPage ? '; there are more' : ', these are all'}.
                </Text>
              </Group>
            </>
          )
        }}
      </Query>
    </Section>
  )
}
