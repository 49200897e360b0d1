import { notifications } from '@mantine/notifications'
import { refreshAll, sentenceOf } from '../api.ts'

/** Does one thing, says how it went, and refreshes every figure. Returns null where it was refused. */
export const act = async <Result>(
  what: string,
  action: () => Promise<Result>,
  said?: (result: Result) => string,
): Promise<Result | null> => {
  try {
    const result = await action()
    if (said) notifications.show({ color: 'teal', title: what, message: said(result) })
    await refreshAll()
    return result
  } catch (error) {
    notifications.show({
      color: 'red',
      title: `${what}: refused`,
      message: sentenceOf(error),
      autoClose: 12_000,
    })
    return null
  }
}
