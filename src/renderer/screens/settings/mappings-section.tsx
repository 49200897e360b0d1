import type { InferContractRouterOutputs } from '@orpc/contract'
import { useQuery } from '@tanstack/react-query'
import type { Contract } from '../../../contract/contract.ts'
import type { CsvMapping } from '../../../contract/sources.ts'
import { api } from '../../api.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'

type Saved = InferContractRouterOutputs<Contract>['imports']['mappings'][number]

const part = (from: CsvMapping['tenant']) => ('column' in from ? from.column : `always “${from.fixed}”`)

const COLUMNS: readonly Column<Saved>[] = [
  { key: 'name', title: 'Mapping', kind: 'text', value: (row) => row.name },
  { key: 'tenant', title: 'Tenant', kind: 'text', value: ({ mapping }) => part(mapping.tenant) },
  { key: 'metric', title: 'Metric', kind: 'text', value: ({ mapping }) => part(mapping.metric) },
  { key: 'quantity', title: 'Quantity', kind: 'text', value: ({ mapping }) => part(mapping.quantity) },
  {
    key: 'time',
    title: 'Time',
    kind: 'text',
    value: ({ mapping }) => `${mapping.time.column}, ${mapping.time.timeZone}`,
  },
  { key: 'id', title: 'Id', kind: 'text', value: ({ mapping }) => mapping.id ?? 'by content' },
  {
    key: 'dimensions',
    title: 'Dimensions',
    kind: 'text',
    value: ({ mapping }) => mapping.dimensions.join(', '),
  },
  { key: 'header', title: 'Header', kind: 'text', value: (row) => row.header.join(', ') },
]

/** Column mappings of CSV files, as saved on import. */
export const MappingsSection = () => {
  const saved = useQuery(api.imports.mappings.queryOptions())
  return (
    <Section title="Saved CSV mappings">
      <Query of={saved} what="the saved mappings">
        {(rows) => (
          <DataTable
            title="Mappings by name"
            columns={COLUMNS}
            rows={rows}
            rowKey={(row) => row.name}
            maxHeight={260}
            empty="None yet. When a CSV is imported, its mapping can be saved in the second step."
          />
        )}
      </Query>
    </Section>
  )
}
