import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { InferContractRouterOutputs } from '@orpc/contract'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ConnectionState } from '../../../../contract/connections.ts'
import type { Contract } from '../../../../contract/contract.ts'
import { api, client, sentenceOf } from '../../../api.ts'
import { proposeId } from '../../../ui/propose-id.ts'
import { Query } from '../../../ui/states.tsx'
import { useSubmit } from '../../../ui/submit.ts'
import classes from '../sources.module.css'
import { StepPreview } from '../step-preview.tsx'
import { intervalInWords } from '../words.ts'
import { type ConnectionDraft, configOf, draftOf, missingFields, newDraft } from './draft.ts'
import { Fields } from './fields.tsx'
import { type Check, ChooseKind, Findings, type Kind, Permissions, Steps } from './steps.tsx'

type Preview = InferContractRouterOutputs<Contract>['connections']['preview']

/** Tries one of the wizard's questions and keeps its answer or the sentence of its refusal. */
const useAsked = <Answer,>() => {
  const [answer, setAnswer] = useState<Answer | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const ask = async (question: () => Promise<Answer>) => {
    setAnswer(null)
    setFailure(null)
    setBusy(true)
    try {
      setAnswer(await question())
    } catch (error) {
      setFailure(sentenceOf(error))
    } finally {
      setBusy(false)
    }
  }
  return { answer, failure, isBusy, ask }
}

const Asked = (props: { failure: string | null; isBusy: boolean; waiting: string }) => (
  <>
    {props.isBusy && <Text role="status">{props.waiting}</Text>}
    {props.failure !== null && (
      <Alert color="red" title="It does not work yet">
        {props.failure}
      </Alert>
    )}
  </>
)

const Wizard = (props: {
  kinds: readonly Kind[]
  existing: ConnectionState | null
  ids: readonly string[]
  onClose: () => void
}) => {
  const { kinds, existing } = props
  const known =
    existing === null ? null : (kinds.find(({ kind }) => kind === existing.connection.kind) ?? null)
  const [step, setStep] = useState(existing === null ? 0 : 1)
  const [kind, setKind] = useState<Kind | null>(known)
  const [draft, setDraft] = useState<ConnectionDraft | null>(
    existing !== null && known !== null ? draftOf(existing.connection, known.fields) : null,
  )
  const check = useAsked<Check>()
  const preview = useAsked<Preview>()
  const { isBusy, refusal, submit } = useSubmit()

  if (kind === null || draft === null || step === 0)
    return (
      <Stack gap="md">
        <Steps active={0} />
        <ChooseKind
          kinds={kinds}
          onChoose={(chosen) => {
            setKind(chosen)
            setDraft(newDraft(chosen))
            setStep(1)
          }}
        />
      </Stack>
    )

  const missing = missingFields(draft, kind.fields)
  const id = existing?.connection.id ?? proposeId(draft.name, props.ids)
  const everyMinutes = Number(draft.everyMinutes)
  const isWhole =
    missing.length === 0 &&
    draft.name.trim() !== '' &&
    Number.isInteger(everyMinutes) &&
    everyMinutes >= 1 &&
    everyMinutes <= 1440
  const attempt = () => ({
    kind: kind.kind,
    name: draft.name.trim(),
    config: configOf(draft, kind.fields),
    secrets: { ...draft.secrets },
    id,
  })
  const save = async () => {
    const { secrets, ...connection } = attempt()
    // The source itself is saved by then: the wizard must not ask to connect it again.
    const unsaved = new Set<string>()
    const done = await submit(
      async () => {
        const saved = await client.connections.save({
          ...connection,
          everyMinutes,
          paused: existing?.connection.paused ?? false,
          expectedVersion: existing?.version ?? 0,
        })
        for (const [field, value] of Object.entries(secrets))
          if (value.trim() !== '')
            await client.connections
              .saveSecret({ id, field, value })
              .catch((error: unknown) => unsaved.add(sentenceOf(error)))
        return saved
      },
      () => `${connection.name} is connected; it is collected ${intervalInWords(everyMinutes)}.`,
    )
    if (done === null) return
    if (unsaved.size > 0)
      notifications.show({
        color: 'orange',
        title: `${connection.name} is connected, but without its secret`,
        message: [...unsaved].join(' '),
        autoClose: false,
      })
    props.onClose()
  }
  const notes = Object.fromEntries((existing?.secrets ?? []).map(({ field, sentence }) => [field, sentence]))
  return (
    <Stack gap="md">
      <Steps active={step} />
      {step === 1 && (
        <>
          <TextInput
            label="Name"
            description="Its records are kept under it; it stays once there are any."
            withAsterisk
            maxLength={120}
            value={draft.name}
            onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
          />
          <Permissions kind={kind} draft={draft} />
          <Fields fields={kind.fields} draft={draft} secretNotes={notes} onChange={setDraft} />
          <TextInput
            label="Collect every (minutes)"
            inputMode="numeric"
            w={220}
            value={draft.everyMinutes}
            onChange={(event) => setDraft({ ...draft, everyMinutes: event.currentTarget.value.trim() })}
          />
        </>
      )}
      {step === 2 && (
        <>
          <Asked {...check} waiting={`Asking ${draft.name} …`} />
          {check.answer !== null && <Findings check={check.answer} />}
        </>
      )}
      {step === 3 && (
        <>
          <Asked {...preview} waiting={`Reading real records of ${draft.name} …`} />
          {preview.answer !== null && <Text size="sm">{preview.answer.sentence}</Text>}
          {preview.answer?.preview && <StepPreview preview={preview.answer.preview} />}
        </>
      )}
      {refusal !== null && (
        <Alert color="red" title="Not connected">
          {refusal}
        </Alert>
      )}
      <Group justify="space-between" className={classes.footer}>
        <Button
          variant="default"
          disabled={existing !== null && step === 1}
          onClick={() => setStep(step - 1)}
        >
          Back
        </Button>
        {step === 1 && missing.length > 0 && (
          <Text size="sm" c="dimmed">
            Still empty: {missing.join(', ')}.
          </Text>
        )}
        {step === 1 && (
          <Button
            disabled={!isWhole}
            onClick={() => {
              setStep(2)
              void check.ask(() => client.connections.check(attempt()))
            }}
          >
            Check
          </Button>
        )}
        {step === 2 && (
          <Group>
            <Button
              variant="default"
              loading={check.isBusy}
              onClick={() => void check.ask(() => client.connections.check(attempt()))}
            >
              Check again
            </Button>
            <Button
              disabled={check.answer?.ok !== true}
              onClick={() => {
                setStep(3)
                void preview.ask(() => client.connections.preview(attempt()))
              }}
            >
              Preview
            </Button>
          </Group>
        )}
        {step === 3 && (
          <Button
            loading={isBusy}
            disabled={preview.isBusy || preview.answer === null}
            onClick={() => void save()}
          >
            {existing === null ? 'Connect' : 'Save'}
          </Button>
        )}
      </Group>
    </Stack>
  )
}

/** Four steps from nothing to a connected source; or a connected one changed. */
export const ConnectWizard = (props: {
  existing: ConnectionState | null
  ids: readonly string[]
  onClose: () => void
}) => {
  const kinds = useQuery(api.connections.kinds.queryOptions())
  return (
    <Modal
      opened
      onClose={props.onClose}
      closeOnClickOutside={false}
      size="min(1080px, 94vw)"
      title={props.existing === null ? 'Add a source' : `Change ${props.existing.connection.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Query of={kinds} what="the kinds of sources">
        {(found) => <Wizard kinds={found} {...props} />}
      </Query>
    </Modal>
  )
}
