import { Alert, Button, Group, Loader, Progress, Stack, Stepper, Text } from '@mantine/core'
import { useState } from 'react'
import type { Job } from '../../../contract/book.ts'
import { client } from '../../api.ts'
import { sentenceOfJob, useJobs } from '../../ui/jobs.tsx'
import { Query } from '../../ui/states.tsx'
import { DeliveryEditor } from './delivery-editor.tsx'
import { ImportResultView } from './import-result.tsx'
import { LogEditor } from './log-editor.tsx'
import { MappingEditor } from './mapping-editor.tsx'
import { NewMetrics } from './new-metrics.tsx'
import { SameIdEditor } from './same-id-editor.tsx'
import classes from './sources.module.css'
import { StepPreview } from './step-preview.tsx'
import { StepWhat } from './step-what.tsx'
import { useWizard, type Wizard } from './use-wizard.ts'
import { kindInWords } from './words.ts'

const StepHow = (props: { wizard: Wizard; preview: NonNullable<Wizard['preview']> }) => {
  const { wizard, preview } = props
  return (
    <Stack gap="md">
      {preview.kind === 'csv' && (
        <MappingEditor header={preview.header ?? []} draft={wizard.mapping} onChange={wizard.setMapping} />
      )}
      {preview.kind === 'access_log' && (
        <LogEditor draft={wizard.log} preview={preview} onChange={wizard.setLog} />
      )}
      {preview.kind === 'focus' && (
        <DeliveryEditor preview={preview} delivery={wizard.delivery} onChange={wizard.setDelivery} />
      )}
      {(preview.kind === 'cloudevents' || preview.kind === 'paigo') && (
        <Text size="sm">
          {kindInWords(preview.kind)}: each record says its own id, tenant, metric, time and quantity.
        </Text>
      )}
      {wizard.sameId !== null && <SameIdEditor sameId={wizard.sameId} onChange={wizard.setSameId} />}
      {preview.kind === 'unknown' && (
        <Alert color="yellow" title="Not recognised">
          {preview.issues[0]?.message ?? preview.reason} Choose what it is in the first step.
        </Alert>
      )}
      {wizard.newMetrics.length > 0 && (
        <NewMetrics metrics={wizard.newMetrics} onChange={wizard.setMetrics} />
      )}
    </Stack>
  )
}

const Running = (props: { job: Job | undefined; onCancel: () => void }) => {
  const progress = props.job?.progress
  const share = progress?.total ? (100 * progress.done) / progress.total : null
  return (
    <Stack gap="xs" py="lg">
      <Group gap="sm">
        <Loader size="sm" />
        <Text>{progress?.text ?? 'Beginning'}</Text>
      </Group>
      <Progress aria-label="Import" value={share ?? 100} animated={share === null} />
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          The import goes on if you close this. It is all or nothing: cancelled, nothing of it is kept.
        </Text>
        <Button variant="default" onClick={props.onCancel}>
          Cancel the import
        </Button>
      </Group>
    </Stack>
  )
}

/** The four steps from a file that has arrived to a batch in the ledger. */
export const ImportWizard = (props: {
  fileId: string
  /** What leaving without an import is called. */
  skip: string
  onSkip: () => void
  onBegin: () => void
  onDone: () => void
}) => {
  const { fileId } = props
  const [step, setStep] = useState(0)
  const [started, setStarted] = useState<string | null>(null)
  const [ended, setEnded] = useState<Job | null>(null)
  const jobs = useJobs()
  const importing = started !== null && ended === null
  const editing = step < 3
  const wizard = useWizard(fileId, editing)

  const startImport = async () => {
    const options = wizard.preview?.options
    if (options === undefined) return
    setStep(3)
    setEnded(null)
    props.onBegin()
    const last = await jobs.run(async () => {
      const job = await client.imports.start({ fileId, options })
      setStarted(job.jobId)
      return job
    })
    setEnded(last)
    setStarted(null)
    if (last === null) setStep(2)
  }
  const done = ended?.result?.kind === 'import' ? ended.result.import : null

  return (
    <Query of={wizard.query} what="the file">
      {(preview) => (
        <Stack gap="md">
          <Stepper
            active={done !== null ? 4 : step}
            onStepClick={(next) => next < 3 && setStep(next)}
            allowNextStepsSelect={false}
            size="xs"
            iconSize={26}
          >
            {['What it is', 'How to read it', 'Preview', 'Import'].map((label, index) => (
              <Stepper.Step
                key={label}
                label={label}
                allowStepSelect={editing ? index < 3 : ended !== null && done === null && index < 3}
              />
            ))}
          </Stepper>
          {step === 0 && (
            <StepWhat
              preview={preview}
              kind={wizard.kind}
              source={wizard.source}
              onKind={wizard.setKind}
              onSource={wizard.setSource}
            />
          )}
          {step === 1 && <StepHow wizard={wizard} preview={preview} />}
          {step === 2 && <StepPreview preview={preview} />}
          {step === 3 && done !== null && <ImportResultView result={done} />}
          {step === 3 && ended === null && (
            <Running
              job={jobs.running.find((job) => job.jobId === started)}
              onCancel={() => started !== null && jobs.cancel(started)}
            />
          )}
          {step === 3 && ended !== null && done === null && (
            <Alert
              color={ended.state === 'cancelled' ? 'gray' : 'red'}
              title={ended.state === 'cancelled' ? 'Cancelled' : 'Not imported'}
            >
              {sentenceOfJob(ended)}
            </Alert>
          )}
          <Group justify="space-between" className={classes.footer}>
            <Group gap="xs">
              {editing && (
                <Button variant="subtle" color="gray" onClick={props.onSkip}>
                  {props.skip}
                </Button>
              )}
              {editing && wizard.obstacle !== null && <Text size="sm">{wizard.obstacle}</Text>}
            </Group>
            <Group gap="xs">
              {(editing ? step > 0 : ended !== null && done === null) && (
                <Button variant="default" onClick={() => setStep(step - 1)}>
                  Back
                </Button>
              )}
              {step < 2 && <Button onClick={() => setStep(step + 1)}>Next</Button>}
              {editing && (
                <Button
                  variant={step === 2 ? 'filled' : 'default'}
                  disabled={wizard.obstacle !== null}
                  loading={!wizard.fresh}
                  onClick={() => void startImport()}
                >
                  Import
                </Button>
              )}
              {!editing && <Button onClick={props.onDone}>{importing ? 'Close' : 'Done'}</Button>}
            </Group>
          </Group>
        </Stack>
      )}
    </Query>
  )
}
