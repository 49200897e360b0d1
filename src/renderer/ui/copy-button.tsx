import { Button, CopyButton as Copy } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'

/** Copies `text`; the button says for a moment that it did. */
export const CopyButton = (props: { label: string; text: string }) => (
  <Copy value={props.text} timeout={2000}>
    {({ copied, copy }) => (
      <Button
        variant="default"
        leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
        onClick={copy}
        aria-live="polite"
      >
        {copied ? 'Copied' : props.label}
      </Button>
    )}
  </Copy>
)
