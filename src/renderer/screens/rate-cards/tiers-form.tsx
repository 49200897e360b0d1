import { ActionIcon, Button, Group, Stack, Table, Text } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import type { Issue } from '../../../domain/issue.ts'
import { Field, problemAt } from './field.tsx'
import { pasteTiers } from './paste-charges.ts'
import { addTier, type TierDraft } from './price-draft.ts'
import { useFocus } from './use-focus.ts'

type Member = 'unitAmount' | 'flatAmount' | 'percent'

interface TierColumn {
  readonly member: Member
  readonly title: string
  /** Member of the charge's tiers, as issues name it. */
  readonly path: string
}

interface TiersFormProps {
  readonly tiers: readonly TierDraft[]
  readonly onChange: (tiers: readonly TierDraft[]) => void
  readonly columns: readonly TierColumn[]
  /** `charge 2`, `cell 1 of charge 2`. */
  readonly name: string
  readonly word: 'tier' | 'step'
  /** Of the list in the charge: `tiers`, `cells[0].price.tiers`. */
  readonly path: string
  readonly issues: readonly Issue[]
}

const Row = (props: TiersFormProps & { index: number }) => {
  const { tiers, index, name, word, issues, path } = props
  const tier = tiers[index]
  if (tier === undefined) return null
  const isLast = index === tiers.length - 1
  const own = `${word} ${index + 1} of ${name}`
  const change = (changes: Partial<TierDraft>) =>
    props.onChange(tiers.map((each, place) => (place === index ? { ...each, ...changes } : each)))
  return (
    <Table.Tr>
      <Table.Td>
        {isLast ? (
          <Text size="xs" c="dimmed">
            {index === 0 ? 'all units' : 'beyond'}
          </Text>
        ) : (
          <Field
            isCell
            w={130}
            label={`Up to, ${own}`}
            placeholder="1000000"
            value={tier.upTo}
            problem={problemAt(issues, `${path}[${index}].upTo`)}
            onChange={(upTo) => change({ upTo })}
          />
        )}
      </Table.Td>
      {props.columns.map(({ member, title, path: last }) => (
        <Table.Td key={member}>
          <Field
            isCell
            w={110}
            label={`${title.replace(/ \(.*/, '')}, ${own}`}
            value={tier[member]}
            problem={problemAt(issues, `${path}[${index}].${last}`)}
            onChange={(text) => change({ [member]: text })}
          />
        </Table.Td>
      ))}
      <Table.Td>
        {!isLast && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove ${own}`}
            onClick={() => props.onChange(tiers.filter((_, place) => place !== index))}
          >
            <IconTrash size={14} />
          </ActionIcon>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

/** Tiers or steps, the last without an edge; rows of a spreadsheet may be pasted over them. */
export const TiersForm = (props: TiersFormProps) => {
  const { tiers, word, name } = props
  const { within, focusOn } = useFocus()
  const title = word === 'tier' ? 'Tiers' : 'Steps'
  const paste = (event: React.ClipboardEvent) => {
    const pasted = pasteTiers(
      event.clipboardData.getData('text/plain'),
      props.columns.map(({ member }) => member),
    )
    if (pasted === null) return
    event.preventDefault()
    event.stopPropagation()
    props.onChange(pasted)
  }
  return (
    <Stack gap={4} align="flex-start" ref={within} onPaste={paste}>
      <Table w="auto" verticalSpacing={2} aria-label={`${title} of ${name}`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Up to and including</Table.Th>
            {props.columns.map((column) => (
              <Table.Th key={column.member}>{column.title}</Table.Th>
            ))}
            <Table.Th aria-label="Remove" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tiers.map((_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a tier is known by its place
            <Row key={index} {...props} index={index} />
          ))}
        </Table.Tbody>
      </Table>
      <Group gap="xs">
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Add ${word} to ${name}`}
          onClick={() => {
            props.onChange(addTier(tiers))
            focusOn(`Up to, ${word} ${tiers.length} of ${name}`)
          }}
        >
          Add {word}
        </Button>
      </Group>
    </Stack>
  )
}
