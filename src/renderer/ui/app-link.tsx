import { Anchor, type AnchorProps } from '@mantine/core'
import { defaultParseSearch, Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** Splits an address of the program, `/invoices?month=2026-10`, into what the router takes. */
export const splitAddress = (address: string): { to: string; search: Record<string, unknown> } => {
  const [to = '/', query] = address.split('?', 2)
  return { to, search: query === undefined ? {} : (defaultParseSearch(query) as Record<string, unknown>) }
}

/**
 * A link to an address of the program, as the engine gives them. The month goes along where the address names none.
 * It is underlined, so that it is told from the text around it without colour.
 */
export const AppLink = (props: AnchorProps & { to: string; children: ReactNode }) => {
  const { to, children, ...anchor } = props
  const address = splitAddress(to)
  const target = {
    to: address.to,
    search: (previous: Record<string, unknown>) => ({
      ...(previous.month === undefined ? {} : { month: previous.month }),
      ...address.search,
    }),
  }
  return (
    <Anchor component={Link} underline="always" fz="inherit" {...anchor} {...(target as object)}>
      {children}
    </Anchor>
  )
}
