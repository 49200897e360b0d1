import { useEffect, useRef, useState } from 'react'

/**
 * Moves the focus to a field that is about to be drawn, by its name, so that who adds a line without a mouse goes on
 * in it. The ref is for what holds the field.
 */
export const useFocus = () => {
  const within = useRef<HTMLDivElement>(null)
  const [wanted, setWanted] = useState<string | null>(null)
  useEffect(() => {
    if (wanted === null) return
    const fields = within.current?.querySelectorAll<HTMLElement>('[aria-label]') ?? []
    const field = [...fields].find((each) => each.getAttribute('aria-label') === wanted)
    field?.focus()
    setWanted(null)
  }, [wanted])
  return { within, focusOn: setWanted }
}
