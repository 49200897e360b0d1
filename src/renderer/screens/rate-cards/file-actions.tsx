import { Alert, Button, Group, List, Menu, Modal, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import type { Issue } from '../../../domain/issue.ts'
import type { Metric } from '../../../domain/metric.ts'
import { diffVersions } from '../../../domain/pricing/diff-words.ts'
import { versionInWords } from '../../../domain/pricing/words.ts'
import { client, host, sentenceOf } from '../../api.ts'
import { ExcelImport } from '../../ui/excel-import.tsx'
import type { CardTerms } from './card-draft.ts'
import { readCardFile, toCardFile } from './card-file.ts'

type Read = ReturnType<typeof readCardFile> & { readonly name: string }

const FILE_BYTES_MAX = 20 * 1024 * 1024

const Faults = (props: { issues: readonly Issue[] }) => (
  <Alert color="red" title="Nothing can be taken over yet">
    <List size="sm">
      {props.issues.map((issue) => (
        <List.Item key={issue.message}>{issue.message}</List.Item>
      ))}
    </List>
  </Alert>
)

const Preview = (props: {
  terms: CardTerms
  notes: readonly string[]
  current: CardTerms | null
  metrics: readonly Metric[]
}) => {
  const { terms, current } = props
  const context = { metrics: props.metrics, currency: terms.currency }
  const version = ({ effectiveFrom, charges, otherCurrencies, settings }: CardTerms) => ({
    version: 1,
    effectiveFrom,
    charges,
    ...(otherCurrencies === undefined ? {} : { otherCurrencies }),
    ...(settings === undefined ? {} : { settings }),
  })
  const sentences =
    current === null
      ? versionInWords(version(terms), context)
      : diffVersions(version(current), version(terms), context)
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        {terms.name} ({terms.currency}), from {terms.effectiveFrom}
        {current === null ? '' : ': what it would change'}
      </Text>
      <List size="sm">
        {(sentences.length === 0 ? ['No price differs from what is here.'] : sentences).map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
      {props.notes.map((note) => (
        <Text size="xs" c="dimmed" key={note}>
          {note}
        </Text>
      ))}
    </Stack>
  )
}

const ImportJson = (props: {
  current: CardTerms | null
  metrics: readonly Metric[]
  onUse: (terms: CardTerms) => void
  onClose: () => void
}) => {
  const [read, setRead] = useState<Read | null>(null)
  const choose = async (file: File | undefined) => {
    if (file === undefined) return
    const result =
      file.size > FILE_BYTES_MAX
        ? {
            issues: [
              {
                severity: 'error' as const,
                code: 'file_is_too_large',
                message: `${file.name} is larger than 20 MB; no rate card is. Nothing was read.`,
              },
            ],
          }
        : readCardFile(await file.text())
    setRead({ ...result, name: file.name })
  }
  return (
    <Stack gap="sm">
      <div>
        <Text component="label" htmlFor="card-file" size="sm" fw={500} display="block">
          Rate card (.json)
        </Text>
        <input
          id="card-file"
          type="file"
          accept=".json,application/json"
          style={{ font: 'inherit', fontSize: 'var(--mantine-font-size-sm)' }}
          onChange={(event) => void choose(event.currentTarget.files?.[0])}
        />
      </div>
      <Text size="sm" role="status">
        {read === null
          ? 'What the file says is shown first. Taken over, it replaces what stands in the grid; nothing is saved until you save the version.'
          : 'issues' in read
            ? `${read.name} cannot be taken over: mend what is named and choose it again.`
            : `${read.name} can be taken over.`}
      </Text>
      {read !== null && 'issues' in read && <Faults issues={read.issues} />}
      {read !== null && 'terms' in read && (
        <Preview {...read} current={props.current} metrics={props.metrics} />
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={props.onClose}>
          Cancel
        </Button>
        <Button
          disabled={read === null || 'issues' in read}
          onClick={() => {
            if (read === null || 'issues' in read) return
            props.onUse(read.terms)
            props.onClose()
          }}
        >
          Take over
        </Button>
      </Group>
    </Stack>
  )
}

/** Files in and out: JSON of what is on the screen, Excel and CSV of what is saved. */
export const FileActions = (props: {
  /** Null for a card that is not saved yet. */
  savedId: string | null
  /** What the screen says; null while it has faults. */
  terms: CardTerms | null
  current: CardTerms | null
  metrics: readonly Metric[]
  onUse: (terms: CardTerms) => void
}) => {
  const { savedId, terms } = props
  const [imports, setImports] = useState(false)
  const save = (name: string, bytes: Blob) => host.saveFile(name, bytes)
  const toSheet = async (rateCardId: string, format: 'xlsx' | 'csv') => {
    try {
      const file = await client.excel.template({ kind: 'rate_card', rateCardId, format })
      save(file.name, file)
    } catch (error) {
      notifications.show({ color: 'red', title: 'No file', message: sentenceOf(error) })
    }
  }
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button variant="default">Export</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            disabled={terms === null}
            onClick={() => {
              if (terms !== null)
                save(
                  `${terms.id ?? 'rate-card'}.json`,
                  new Blob([toCardFile(terms)], { type: 'application/json' }),
                )
            }}
          >
            JSON of what is on the screen
          </Menu.Item>
          {(['xlsx', 'csv'] as const).map((format) => (
            <Menu.Item
              key={format}
              disabled={savedId === null}
              onClick={() => {
                if (savedId !== null) void toSheet(savedId, format)
              }}
            >
              {format === 'xlsx' ? 'Excel' : 'CSV'} of the newest version
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Button variant="default" onClick={() => setImports(true)}>
        Import JSON
      </Button>
      <ExcelImport kind="rate_card" />
      <Modal
        opened={imports}
        onClose={() => setImports(false)}
        title="Import a rate card from JSON"
        size="xl"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <ImportJson {...props} onClose={() => setImports(false)} />
      </Modal>
    </>
  )
}
