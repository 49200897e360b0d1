import { Select, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { FileKind, FilePreview } from '../../../contract/sources.ts'
import { api } from '../../api.ts'
import { formatBytes } from '../../ui/format.ts'
import classes from './sources.module.css'
import { KINDS, kindInWords } from './words.ts'

/** Step 1: what the file is. */
export const StepWhat = (props: {
  preview: FilePreview
  kind: FileKind | undefined
  source: string
  onKind: (kind: FileKind | undefined) => void
  onSource: (source: string) => void
}) => {
  const { preview } = props
  const sources = useQuery(api.sources.list.queryOptions())
  const known = (sources.data ?? []).map((card) => card.source)
  return (
    <Stack gap="sm">
      <dl className={classes.facts}>
        <dt>File</dt>
        <dd>
          {preview.name}, {formatBytes(preview.bytes)}
        </dd>
        <dt>It is</dt>
        <dd>
          <b>{kindInWords(preview.kind)}</b>. {preview.reason}
        </dd>
        {preview.encoding !== '' && (
          <>
            <dt>Encoding</dt>
            <dd>{preview.encoding}</dd>
          </>
        )}
      </dl>
      <Select
        label="Read it as"
        description="Change it where the file was taken for something else."
        maw={420}
        allowDeselect={false}
        data={[
          { value: 'detected', label: 'What was detected' },
          ...KINDS.map((value) => ({ value, label: kindInWords(value) })),
        ]}
        value={props.kind ?? 'detected'}
        onChange={(value) =>
          value !== null && props.onKind(value === 'detected' ? undefined : (value as FileKind))
        }
      />
      <TextInput
        label="Source"
        description={
          known.length === 0
            ? 'Ids of records are unique within a source. Files of the same system belong to the same source.'
            : `Ids of records are unique within a source. Known so far: ${known.slice(0, 6).join(', ')}.`
        }
        maw={420}
        maxLength={120}
        placeholder={preview.options.source ?? 'A name, such as the system it comes from'}
        value={props.source}
        onChange={(event) => props.onSource(event.currentTarget.value)}
      />
    </Stack>
  )
}
