import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { refreshAll, sentenceOf } from '../api.ts'

/**
 * Sends a form: says in a notification how it went, and keeps the sentence of a refusal to be shown in the
 * form, which stays open with everything that was typed. Resolves to null where it was refused.
 */
export const useSubmit = () => {
  const [isBusy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const submit = async <Result>(
    action: () => Promise<Result>,
    said: (result: Result) => string,
  ): Promise<Result | null> => {
    setBusy(true)
    setRefusal(null)
    try {
      const result = await action()
      notifications.show({ color: 'teal', message: said(result) })
      await refreshAll()
      return result
    } catch (error) {
      setRefusal(sentenceOf(error))
      return null
    } finally {
      setBusy(false)
    }
  }
  return { isBusy, refusal, submit, forget: () => setRefusal(null) }
}
