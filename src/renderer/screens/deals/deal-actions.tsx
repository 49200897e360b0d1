import { Alert, Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { client, host, sentenceOf } from '../../api.ts'
import { LinkButton, recordPath, useGo } from '../../ui/screen-link.tsx'
import { useSubmit } from '../../ui/submit.ts'
import { CloseDeal, type Outcome } from './close-deal.tsx'
import type { DealDraft } from './deal-draft.ts'
import type { LoadedDeal } from './loaded-deal.ts'
import type { Baseline, Modelled } from './models.ts'
import { quoteSheet } from './quote.ts'
import { readScenarios } from './terms.ts'

interface ActionsProps {
  readonly loaded: LoadedDeal | null
  readonly baseline: Baseline
  readonly onReset: () => void
  readonly state: {
    readonly draft: DealDraft
    readonly savedVersion: number
    readonly isDirty: boolean
    readonly markSaved: (version: number) => void
  }
  /** The scenario proposed. */
  readonly chosen: Modelled
  readonly isReadOnly: boolean
}

const exportQuote = async (props: ActionsProps, audience: 'customer' | 'internal') => {
  const { input, model, draft } = props.chosen
  if (input === null || model === null) return
  try {
    const file = await client.exports.table({
      format: 'xlsx',
      sheet: quoteSheet(
        {
          customerName: props.baseline.customerName,
          scenario: { name: draft.name, terms: input.terms },
          model,
          card: input.card,
          metrics: props.baseline.metrics,
        },
        audience,
      ),
    })
    host.saveFile(file.name, file)
  } catch (error) {
    notifications.show({ color: 'red', title: 'Not exported', message: sentenceOf(error) })
  }
}

const useDealWrites = (props: ActionsProps) => {
  const { state, baseline, loaded } = props
  const { draft } = state
  const { isBusy, refusal, submit, forget } = useSubmit()
  const go = useGo()
  const scenarios = readScenarios(draft.scenarios)
  const maySave = scenarios !== null && draft.name.trim() !== '' && draft.id.trim() !== ''
  const write = async () => {
    if (scenarios === null) throw new Error('Mend what is marked in the scenarios first. Nothing was saved.')
    const { version } = await client.deals.save({
      id: draft.id,
      name: draft.name.trim(),
      customerId: baseline.customerId,
      scenarios: [...scenarios],
      chosen: draft.chosen,
      note: draft.note,
      expectedVersion: state.savedVersion,
    })
    state.markSaved(version)
    return version
  }
  const showSaved = () => (loaded === null ? go(recordPath('/deals', draft.id)) : props.onReset())
  const save = async () => {
    const version = await submit(write, () => `${draft.name.trim()} is saved.`)
    if (version !== null && loaded === null) showSaved()
  }
  const approve = async (reason: string) => {
    const done = await submit(
      async () => {
        const expectedVersion = state.isDirty ? await write() : state.savedVersion
        const { version } = await client.deals.approve({ dealId: draft.id, expectedVersion, reason })
        state.markSaved(version)
        return version
      },
      () => `${draft.name.trim()} is approved.`,
    )
    if (done !== null) showSaved()
    return done !== null
  }
  const close = async (outcome: Outcome) => {
    const done = await submit(
      async () => {
        const closed = await client.deals.close({
          dealId: draft.id,
          expectedVersion: state.savedVersion,
          outcome,
        })
        state.markSaved(closed.version)
        return closed
      },
      ({ contractId }) =>
        contractId === null
          ? `${draft.name.trim()} is kept as ${outcome}.`
          : `${draft.name.trim()} is won; contract ${contractId} holds from its first day on.`,
    )
    if (done !== null) props.onReset()
    return done !== null
  }
  return { isBusy, refusal, forget, maySave, save, approve, close }
}

const ApproveBelowFloor = (props: {
  floor: string
  refusal: string | null
  isBusy: boolean
  onApprove: (reason: string) => void
  onCancel: () => void
}) => {
  const [reason, setReason] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        props.onApprove(reason.trim())
      }}
    >
      <Stack gap="sm">
        <Text size="sm">
          A year of this deal keeps less than the floor of {props.floor} %. It may be approved with a reason,
          which is kept with your name and the time.
        </Text>
        <Textarea
          label="Reason"
          required
          withAsterisk={false}
          autosize
          minRows={3}
          maxLength={2000}
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {props.refusal !== null && (
          <Alert color="red" title="Not approved">
            {props.refusal}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={props.isBusy} disabled={reason.trim() === ''}>
            Approve below floor
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** What can be done with a deal in its state. */
export const DealActions = (props: ActionsProps) => {
  const { state, chosen, isReadOnly, loaded } = props
  const writes = useDealWrites(props)
  const [asksReason, setAsksReason] = useState(false)
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const dealState = loaded?.deal.state ?? 'draft'
  // A change to an approved deal makes it a draft again, to be approved anew.
  const mayApprove = writes.maySave && (dealState === 'draft' || (dealState === 'approved' && state.isDirty))
  const approve = () => {
    writes.forget()
    if (chosen.isBelowFloor) setAsksReason(true)
    else void writes.approve('')
  }
  const askClose = (asked: Outcome) => {
    writes.forget()
    setOutcome(asked)
  }
  return (
    <>
      <LinkButton variant="default" to="/deals">
        All deals
      </LinkButton>
      <Button
        variant="default"
        disabled={chosen.model === null}
        onClick={() => void exportQuote(props, 'customer')}
      >
        Quote for the customer
      </Button>
      <Button
        variant="default"
        disabled={chosen.model === null}
        onClick={() => void exportQuote(props, 'internal')}
      >
        Quote with margins
      </Button>
      {!isReadOnly && (
        <>
          <Button
            variant="default"
            disabled={!writes.maySave || !state.isDirty}
            loading={writes.isBusy}
            onClick={() => void writes.save()}
          >
            Save
          </Button>
          <Button disabled={!mayApprove || writes.isBusy} onClick={approve}>
            Approve
          </Button>
          {loaded !== null && (
            <>
              <Button
                color="green"
                disabled={dealState !== 'approved' || state.isDirty || writes.isBusy}
                onClick={() => askClose('won')}
              >
                Won
              </Button>
              <Button
                variant="default"
                disabled={state.isDirty || writes.isBusy}
                onClick={() => askClose('lost')}
              >
                Lost
              </Button>
            </>
          )}
        </>
      )}
      {writes.refusal !== null && !asksReason && outcome === null && (
        <Alert
          w="100%"
          color="red"
          title="Refused"
          withCloseButton
          closeButtonLabel="Close"
          onClose={writes.forget}
        >
          {writes.refusal}
        </Alert>
      )}
      <CloseDeal
        outcome={outcome}
        dealName={state.draft.name.trim()}
        customerName={props.baseline.customerName}
        startDay={chosen.input?.terms.startDay ?? ''}
        refusal={writes.refusal}
        isBusy={writes.isBusy}
        onCancel={() => {
          writes.forget()
          setOutcome(null)
        }}
        onClose={(asked) =>
          void writes.close(asked).then((isClosed) => {
            if (isClosed) setOutcome(null)
          })
        }
      />
      <Modal
        opened={asksReason}
        onClose={() => setAsksReason(false)}
        title="This deal is below floor"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <ApproveBelowFloor
          floor={props.baseline.floorPercent}
          refusal={writes.refusal}
          isBusy={writes.isBusy}
          onCancel={() => setAsksReason(false)}
          onApprove={(reason) =>
            void writes.approve(reason).then((isApproved) => {
              if (isApproved) setAsksReason(false)
            })
          }
        />
      </Modal>
    </>
  )
}
