import { Button } from '@mantine/core'
import { IconFileSpreadsheet } from '@tabler/icons-react'
import { useState } from 'react'
import type { Month } from '../../domain/period.ts'
import { client, host } from '../api.ts'
import { act } from './action.ts'

/** Saves the month's workbook. */
export const MonthWorkbookButton = (props: { month: Month }) => {
  const [isBusy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    const workbook = await act('Month workbook', () => client.exports.month({ month: props.month }))
    setBusy(false)
    if (workbook !== null) host.saveFile(workbook.name, workbook)
  }
  return (
    <Button
      variant="default"
      leftSection={<IconFileSpreadsheet size={14} />}
      loading={isBusy}
      onClick={() => void save()}
    >
      Month workbook
    </Button>
  )
}
