import { Alert, Button, Group, Modal, Progress, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { client, sendFile, sentenceOf } from '../../api.ts'
import { formatBytes } from '../../ui/format.ts'
import { ImportWizard } from './import-wizard.tsx'

/** Sends the file as soon as it is shown; stops sending when it is taken away. */
const useUpload = (file: File) => {
  const [share, setShare] = useState(0)
  const [fileId, setFileId] = useState<string | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [attempt, setAttempt] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt sends the same file again
  useEffect(() => {
    const stop = new AbortController()
    setShare(0)
    setError(null)
    sendFile(file, setShare, stop.signal).then(
      (id) => (stop.signal.aborted ? void client.files.discard({ fileId: id }) : setFileId(id)),
      (failure: unknown) => !stop.signal.aborted && setError(failure),
    )
    return () => stop.abort()
  }, [file, attempt])
  return { share, fileId, error, retry: () => setAttempt((before) => before + 1) }
}

const Sending = (props: { file: File; share: number }) => (
  <Stack gap="xs" py="lg" role="status">
    <Text>
      Taking {props.file.name} in, {formatBytes(props.file.size)}
    </Text>
    <Progress aria-label={`Taking ${props.file.name} in`} value={100 * props.share} />
  </Stack>
)

/** One file of the queue, from arrival to result. */
export const ImportModal = (props: { file: File; place: number; of: number; onNext: () => void }) => {
  const { file, place, of, onNext } = props
  const { share, fileId, error, retry } = useUpload(file)
  const [began, setBegan] = useState(false)
  const leave = () => {
    // Once an import began the file is the engine's to read; before that nobody needs it any more.
    if (fileId !== null && !began) client.files.discard({ fileId }).catch(() => undefined)
    onNext()
  }
  return (
    <Modal
      opened
      onClose={leave}
      closeOnClickOutside={false}
      size="min(1180px, 94vw)"
      title={
        <Text fw={600} component="span">
          {of > 1 ? `File ${place} of ${of}: ` : ''}
          {file.name}
        </Text>
      }
      closeButtonProps={{ 'aria-label': 'Close the import' }}
    >
      {error !== null ? (
        <Stack gap="sm">
          <Alert color="red" title="The file did not arrive">
            {sentenceOf(error)}
          </Alert>
          <Group justify="flex-end">
            <Button variant="default" onClick={leave}>
              {place < of ? 'Skip this file' : 'Leave it'}
            </Button>
            <Button onClick={retry}>Send it again</Button>
          </Group>
        </Stack>
      ) : fileId === null ? (
        <Sending file={file} share={share} />
      ) : (
        <ImportWizard
          fileId={fileId}
          skip={place < of ? 'Skip this file' : 'Don’t import'}
          onSkip={leave}
          onDone={leave}
          onBegin={() => setBegan(true)}
        />
      )}
    </Modal>
  )
}
